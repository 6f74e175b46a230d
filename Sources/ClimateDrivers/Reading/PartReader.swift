public import SensorCore

/// Reads one part for its whole life: starts it, retries, and brings it back after a fault.
///
/// A state machine that never waits: `advance` does what is due and says when to come again. States: stopped (not started
/// yet, or failed), and running; in either a reading may be under way. A reading of a stopped part starts it; any failure
/// stops it, so that the next try identifies it and reads its coefficients anew (a replugged sensor may be another one).
/// Between failures the tries are 1 s, 2 s, 4 s … 30 s apart; a reading that begins earlier fails with the last error
/// without touching the bus, so each reading that is missing has its reason.
public struct PartReader: Sendable {
    public let part: PartDescription
    public let address: I2CAddress

    private let printedName: String
    private var driver: any ClimateDriver
    private let readsThroughKernel: String?
    private var isRunning = false
    private var work: Work?
    private var backoff = RestartBackoff()
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
        readsThroughKernel = type(of: driver).kernelDriver
    }

    /// Whether a reading is under way.
    public var isReading: Bool { work != nil }

    /// Begins a reading, or goes on with the one under way. When it is finished, `readings` holds one `Measurement` per
    /// quantity of the part, in its order, and nothing else. A bad CRC, a missing acknowledge and a part that is not ready
    /// are tried once more within the part's deadline. When it throws, `readings` is empty, the reading has ended and
    /// counts as one error of that kind.
    ///
    /// What a part is given to convert, to reset or to answer begins with the STOP of a transfer, which takes time of its own:
    /// so the clock is asked after each step, not once before all.
    public mutating func advance(
        on bus: any I2CBus, clock: any NodeClock, surroundings: Surroundings = Surroundings(),
        into readings: inout [Measurement]
    ) throws(SensorError) -> Progress {
        readings.removeAll(keepingCapacity: true)
        var now = clock.now()
        var work: Work
        if let current = self.work {
            work = current
            if now < work.due { return .waiting(until: work.due) }
            // That nobody came in time is no fault of the part.
            work.deadline = work.deadline + (now - work.due)
        } else {
            if let earliest = backoff.earliest, now < earliest, let lastError { throw lastError }
            let time = part.timing.deadline + (isRunning ? .zero : part.timing.startAllowance)
            work = Work(isStarting: !isRunning, due: now, deadline: now + time)
        }
        while true {
            let step: DriverStep
            do throws(SensorError) {
                step = try take(work, on: bus, at: now, surroundings, into: &readings)
                now = clock.now()
            } catch {
                now = clock.now()
                guard Self.isWorthRetrying(error.kind), !work.isSecondTry, now < work.deadline else {
                    throw stop(error, at: now, &readings)
                }
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
                if let error = fault(in: readings, on: bus) { throw stop(error, at: now, &readings) }
                lastError = nil
                backoff.succeeded()
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
                throw stop(error, at: now, &readings)
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
        into readings: inout [Measurement]
    ) throws(SensorError) -> DriverStep {
        let link = link(work, on: bus, at: now, surroundings)
        guard work.isStarting else { return try driver.measure(work.step, link, into: &readings) }
        if work.step == 0, work.polls == 0, let holder = bus.kernelDriver(at: address), holder != readsThroughKernel {
            throw link.error(.addressHeld, "the kernel's driver \(holder) holds it; remove its dtoverlay to read it here")
        }
        return try driver.start(work.step, link)
    }

    private mutating func stop(
        _ error: SensorError, at now: MonotonicInstant, _ readings: inout [Measurement]
    ) -> SensorError {
        readings.removeAll(keepingCapacity: true)
        work = nil
        isRunning = false
        lastError = error
        backoff.failed(at: now)
        return error
    }

    /// A value that is none, or beyond what the part can measure.
    private func fault(in readings: [Measurement], on bus: any I2CBus) -> SensorError? {
        for reading in readings {
            for specification in part.specifications where specification.quantity == reading.quantity {
                // Written so that a value that is not a number fails too. What has bounds may be beyond the part's range
                // within its formula's span, and was put at the bound.
                let isWithin =
                    reading.quantity.bounds == nil
                    ? specification.range.contains(reading.value) : reading.raw.isFinite
                if isWithin { continue }
                return SensorError(
                    .outOfRange,
                    "\(printedName) at \(address) on \(bus.name): \(reading.quantity.rawValue) \(reading.value) "
                        + "\(reading.quantity.unit) is beyond what it can measure (\(specification.range.lowerBound) to "
                        + "\(specification.range.upperBound))")
            }
        }
        return nil
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
        into readings: inout [Measurement]
    ) throws(SensorError) {
        while case .waiting(let moment) = try advance(
            on: bus, clock: clock, surroundings: surroundings, into: &readings)
        {
            clock.sleep(until: moment)
        }
    }
}

extension PartDescription {
    /// What the part measures with these settings: some quantities have to be asked for.
    func with(_ settings: PartSettings) -> PartDescription {
        var part = self
        part.specifications = specifications.filter { specification in
            guard let name = specification.onlyWith, let option = options.first(where: { $0.name == name }) else { return true }
            return settings.isOn(option)
        }
        part.quantities = part.specifications.map(\.quantity)
        return part
    }
}
