public import SensorCore

/// Reads one part for its whole life: starts it, retries, and brings it back after a fault.
///
/// States: stopped (not started yet, or failed), running, and stopped with a wait. `read` starts a stopped part; any
/// failure stops it, so that the next try identifies it and reads its coefficients anew (a replugged sensor may be
/// another one). Between failures the tries are 1 s, 2 s, 4 s … 30 s apart; a `read` that comes earlier fails with the
/// last error without touching the bus, so each reading that is missing has its reason.
public struct PartReader: Sendable {
    public let part: PartDescription
    public let address: I2CAddress
    /// No second try begins later than this after the begin of the reading.
    public let deadline: TimeSpan

    private var driver: any ClimateDriver
    private var isRunning = false
    private var backoff = RestartBackoff()
    private var lastError: SensorError?

    /// nil when no part has that name.
    public init?(part name: String, at address: I2CAddress, deadline: TimeSpan = .milliseconds(500)) {
        guard let part = ClimateParts.description(of: name), let driver = ClimateParts.driver(for: name, at: address)
        else { return nil }
        self.part = part
        self.address = address
        self.deadline = deadline
        self.driver = driver
    }

    /// Takes one reading: `readings` then holds one `Measurement` per quantity of the part, in its order, and
    /// nothing else. A bad CRC, a missing acknowledge and a part that is not ready are retried once. When it throws,
    /// `readings` is empty and the reading counts as one error of that kind.
    public mutating func read(
        on bus: any I2CBus, clock: any NodeClock, into readings: inout [Measurement]
    ) throws(SensorError) {
        readings.removeAll(keepingCapacity: true)
        let begin = clock.now()
        if let earliest = backoff.earliest, begin < earliest, let lastError { throw lastError }
        do throws(SensorError) {
            try attempt(on: bus, clock: clock, into: &readings)
        } catch {
            guard Self.isWorthRetrying(error.kind), clock.now() < begin + deadline else {
                throw stop(error, clock: clock)
            }
            do throws(SensorError) {
                try attempt(on: bus, clock: clock, into: &readings)
            } catch {
                throw stop(error, clock: clock)
            }
        }
        lastError = nil
        backoff.succeeded()
    }

    /// The next reading starts the part anew, as after a fault, so that whoever records it hears its coefficients.
    public mutating func restart() { isRunning = false }

    private mutating func attempt(
        on bus: any I2CBus, clock: any NodeClock, into readings: inout [Measurement]
    ) throws(SensorError) {
        if !isRunning {
            try driver.start(on: bus, clock: clock)
            isRunning = true
        }
        try driver.measure(on: bus, clock: clock, into: &readings)
    }

    private mutating func stop(_ error: SensorError, clock: any NodeClock) -> SensorError {
        isRunning = false
        lastError = error
        backoff.failed(at: clock.now())
        return error
    }

    private static func isWorthRetrying(_ kind: SensorErrorKind) -> Bool {
        switch kind {
        case .crc, .nack, .notReady: true
        case .timeout, .outOfRange, .wrongPart, .notAmbient, .bus, .notRecorded: false
        }
    }
}
