public import SensorCore

/// Reads one part for its whole life: starts it, retries, and brings it back after a fault.
///
/// A state machine that never waits: `advance` does what is due and says when to come again. States: stopped (not started
/// yet, or failed), and running; in either a reading may be under way. A reading of a stopped part starts it; any failure
/// stops it, so that the next try identifies it and reads its coefficients anew (a replugged sensor may be another one).
/// Between failures the tries are 1 s, 2 s, 4 s … 30 s apart; a reading that begins earlier fails with the last error
/// without touching the bus, so each reading that is missing has its reason.
///
/// A reading may be partly good: see `PartReading`. The part then runs on, and is started anew 30 s later, then after twice
/// that each time, up to an hour, in case that cures it.
public struct PartReader: Sendable {
    public let part: PartDescription
    public let address: I2CAddress

    private let printedName: String
    private var driver: any ClimateDriver
    private let readsThroughKernel: String?
    private var isRunning = false
    private var work: Work?
    private var backoff = RestartBackoff.afterFailure
    private var renewal = RestartBackoff.whileWithholding
    private var lastError: SensorError?

    /// A reading under way.
    private struct Work {
        var isStarting: Bool
        var step = 0
        var polls = 0
        /// A crc, nack or not_ready is tried once more.
        var isSecondTry = false
        var due: MonotonicInstant
        var deadline: MonotonicInstant
    }

    public enum Progress: Hashable, Sendable {
        /// Come again at that moment; nothing was read yet.
        case waiting(until: MonotonicInstant)
        /// The readings are there.
        case finished
    }

    /// nil when no part has that name.
    public init?(part name: String, at address: I2CAddress, settings: PartSettings = PartSettings(), deadline: TimeSpan? = nil) {
        guard let found = ClimateParts.part(named: name) else { return nil }
        var part = found.description.with(settings)
        if let deadline { part.timing.deadline = deadline }
        self.part = part
        self.address = address
        printedName = found.printedName
        driver = found.makeDriver(settings)
        readsThroughKernel = found.kernelDriver
    }

    /// Whether a reading is under way.
    public var isReading: Bool { work != nil }

    /// Begins a reading, or goes on with the one under way. When it is finished, `reading` has each quantity of the part,
    /// given or withheld, and gives at least one. A bad CRC, a missing acknowledge and a part that is not ready are tried
    /// once more within the part's deadline. When it throws, `reading` is empty, the reading has ended and counts as one
    /// error of that kind.
    ///
    /// What a part is given to convert, to reset or to answer begins with the STOP of a transfer, which takes time of its own:
    /// so the clock is asked after each step, not once before all.
    public mutating func advance(
        on bus: any I2CBus, clock: any NodeClock, surroundings: Surroundings = Surroundings(),
        into reading: inout PartReading
    ) throws(SensorError) -> Progress {
        reading.clear()
        var now = clock.now()
        var work: Work
        if let current = self.work {
            work = current
            if now < work.due { return .waiting(until: work.due) }
            // That nobody came in time is no fault of the part.
            work.deadline = work.deadline + (now - work.due)
        } else {
            if let earliest = backoff.earliest, now < earliest, let lastError { throw lastError }
            if let earliest = renewal.earliest, now >= earliest { isRunning = false }
            let time = part.timing.deadline + (isRunning ? .zero : part.timing.startAllowance)
            work = Work(isStarting: !isRunning, due: now, deadline: now + time)
        }
        while true {
            let step: DriverStep
            do throws(SensorError) {
                step = try take(work, on: bus, at: now, surroundings, into: &reading)
                now = clock.now()
            } catch {
                now = clock.now()
                guard Self.isWorthRetrying(error.kind), !work.isSecondTry, now < work.deadline else {
                    throw stop(error, at: now, &reading)
                }
                reading.clear()
                work = Work(isStarting: !isRunning, isSecondTry: true, due: now, deadline: work.deadline)
                continue
            }
            switch step {
            case .done where work.isStarting:
                isRunning = true
                work = Work(isStarting: false, isSecondTry: work.isSecondTry, due: now, deadline: work.deadline)
                continue
            case .done:
                self.work = nil
                judge(&reading, on: bus)
                if reading.given.isEmpty, let cause = reading.withheld.first { throw stop(cause.error, at: now, &reading) }
                lastError = nil
                backoff.succeeded()
                if reading.withheld.isEmpty {
                    renewal.succeeded()
                } else if now >= renewal.earliest ?? now {
                    renewal.failed(at: now)
                }
                return .finished
            case .next(let delay):
                work.step += 1
                work.polls = 0
                work.due = now + delay
            case .nextAfterUpkeep(let delay):
                work.step += 1
                work.polls = 0
                work.due = now + delay
                work.deadline = work.deadline + delay
            case .again(let earlier, let delay):
                work.step = earlier
                work.polls += 1
                work.due = now + delay
            }
            guard work.due <= work.deadline else {
                let error = link(work, on: bus, at: now, surroundings).error(
                    .notReady, "not finished within \(part.timing.deadline.seconds) s")
                throw stop(error, at: now, &reading)
            }
            guard work.due <= now else {
                self.work = work
                return .waiting(until: work.due)
            }
        }
    }

    /// The next reading starts the part anew, as after a fault, so that whoever records it hears its coefficients.
    public mutating func restart() {
        isRunning = false
        work = nil
    }

    private func link(
        _ work: Work, on bus: any I2CBus, at now: MonotonicInstant, _ surroundings: Surroundings
    ) -> PartLink {
        PartLink(
            bus: bus, address: address, printedName: printedName, name: part.name, now: now, polls: work.polls,
            surroundings: surroundings)
    }

    private mutating func take(
        _ work: Work, on bus: any I2CBus, at now: MonotonicInstant, _ surroundings: Surroundings,
        into reading: inout PartReading
    ) throws(SensorError) -> DriverStep {
        let link = link(work, on: bus, at: now, surroundings)
        guard work.isStarting else { return try driver.measure(work.step, link, into: &reading) }
        if work.step == 0, work.polls == 0, let holder = bus.kernelDriver(at: address), holder != readsThroughKernel {
            throw link.error(.addressHeld, "the kernel's driver \(holder) holds it; remove its dtoverlay to read it here")
        }
        return try driver.start(work.step, link)
    }

    private mutating func stop(
        _ error: SensorError, at now: MonotonicInstant, _ reading: inout PartReading
    ) -> SensorError {
        reading.clear()
        work = nil
        isRunning = false
        lastError = error
        backoff.failed(at: now)
        return error
    }

    /// Withholds what is no number or beyond what the part can measure, and what depends on it.
    private func judge(_ reading: inout PartReading, on bus: any I2CBus) {
        for specification in part.specifications {
            guard let found = reading.given.first(where: { $0.quantity == specification.quantity }) else { continue }
            // Written so that a value that is not a number fails too. What has bounds may be beyond the part's range
            // within its formula's span, and was put at the bound.
            let isWithin =
                found.quantity.bounds == nil ? specification.range.contains(found.value) : found.raw.isFinite
            if isWithin { continue }
            reading.withhold(
                found.quantity,
                SensorError(
                    .outOfRange,
                    "\(printedName) at \(address) on \(bus.name): \(found.quantity.rawValue) \(found.value) "
                        + "\(found.quantity.unit) is beyond what it can measure (\(specification.range.lowerBound) to "
                        + "\(specification.range.upperBound))"))
        }
        reading.withholdDependents(of: part)
    }

    private static func isWorthRetrying(_ kind: SensorErrorKind) -> Bool {
        switch kind {
        case .crc, .nack, .notReady: true
        case .timeout, .outOfRange, .wrongPart, .notAmbient, .bus, .addressHeld, .notRecorded: false
        }
    }
}

extension PartReader {
    /// Takes one whole reading and waits in between, as a bus with one part does. As `advance` otherwise.
    public mutating func read(
        on bus: any I2CBus, clock: any NodeClock, surroundings: Surroundings = Surroundings(),
        into reading: inout PartReading
    ) throws(SensorError) {
        while case .waiting(let moment) = try advance(
            on: bus, clock: clock, surroundings: surroundings, into: &reading)
        {
            clock.sleep(until: moment)
        }
    }
}
