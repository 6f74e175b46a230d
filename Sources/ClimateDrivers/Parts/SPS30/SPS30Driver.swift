import SensorCore

/// Reads an SPS30 that measures throughout, and lets its fan clean itself by a schedule of ours: the part's own starts
/// anew with every reset, and would clean while we measure.
struct SPS30Driver: ClimateDriver {
    /// Zero for never.
    let cleaningInterval: TimeSpan
    private var nextCleaning: MonotonicInstant?
    private var hasStatus = true

    init(cleaningInterval: TimeSpan) { self.cleaningInterval = cleaningInterval }

    mutating func start(_ step: Int, _ part: PartLink) throws(SensorError) -> DriverStep {
        switch step {
        case 0, 1:
            // Twice: the first one only wakes the interface (§6.3.5). Refused when it does not sleep.
            try part.sendUnlessRefused(command: SPS30.Command.wakeUp)
            return .next(after: SPS30.commandTime)
        case 2:
            try part.send(command: SPS30.Command.reset)
            return .next(after: SPS30.resetTime)
        case 3:
            try part.ask(SPS30.Question.productType)
            return .next(after: SPS30.commandTime)
        case 4:
            if let words = try part.answerIfRecorded(to: SPS30.Question.productType), !SPS30.isProductType(words) {
                throw part.error(.wrongPart, "found another part where sps30 is configured (its product type is not 00080000)")
            }
            try part.ask(SPS30.Question.version)
            return .next(after: SPS30.commandTime)
        case 5:
            if let words = try part.answerIfRecorded(to: SPS30.Question.version) {
                hasStatus = words[0] >= SPS30.firstVersionWithStatus
            }
            try part.ask(SPS30.Question.cleaningInterval)
            return .next(after: SPS30.commandTime)
        case 6:
            // It is kept without power, so it is written only once in the part's life.
            if let words = try part.answerIfRecorded(to: SPS30.Question.cleaningInterval), words[0] != 0 || words[1] != 0 {
                try part.send(command: SPS30.Command.autoCleaningInterval, words: 0, 0)
            }
            return .next(after: SPS30.commandTime)
        case 7:
            try part.send(command: SPS30.Command.startMeasurement, word: SPS30.floatFormat)
            return .next(after: SPS30.startUpTime)
        default:
            return .done
        }
    }

    mutating func measure(_ step: Int, _ part: PartLink, into reading: inout PartReading) throws(SensorError) -> DriverStep {
        switch step {
        case 0:
            guard cleaningInterval > .zero, part.now >= nextCleaning ?? part.now else { return .next(after: .zero) }
            try part.send(command: SPS30.Command.startFanCleaning)
            nextCleaning = part.now + cleaningInterval
            return .nextAfterUpkeep(SPS30.cleaningTime)
        case 1:
            guard hasStatus else { return .next(after: .zero) }
            try part.ask(SPS30.Question.status)
            return .next(after: SPS30.commandTime)
        case 2:
            if hasStatus { try checkStatus(part) }
            return .next(after: .zero)
        case 3:
            try part.ask(SPS30.Question.dataReady)
            return .next(after: SPS30.commandTime)
        case 4:
            if let ready = try part.answerIfRecorded(to: SPS30.Question.dataReady), ready[0] != 1 {
                if part.polls >= SPS30.polls { throw part.error(.notReady, "has no new data") }
                return .again(from: 3, after: SPS30.pollInterval)
            }
            try part.ask(SPS30.Question.measurement)
            return .next(after: SPS30.commandTime)
        default:
            let values = SPS30Values(try part.answer(to: SPS30.Question.measurement))
            if let contradiction = values.contradiction {
                throw part.error(.outOfRange, "its values contradict each other: \(contradiction)")
            }
            let isHumid = (part.surroundings.humidity ?? 0) > Measurement.humidAirLimit
            for (index, quantity) in Self.quantities.enumerated() {
                reading.give(Measurement(quantity, values[index], flags: isHumid ? .humidAir : []))
            }
            return .done
        }
    }

    private static let quantities = [Quantity.pm1, .pm2_5, .pm4, .pm10]

    private func checkStatus(_ part: PartLink) throws(SensorError) {
        guard let words = try part.answerIfRecorded(to: SPS30.Question.status) else { return }
        if words[1] & SPS30.statusFan != 0 { throw part.error(.notReady, "its fan is blocked or broken") }
        if words[1] & SPS30.statusLaser != 0 { throw part.error(.notReady, "its laser fails") }
        if words[0] & SPS30.statusSpeed != 0 { throw part.error(.notReady, "its fan is not at its speed") }
    }
}
