import SensorCore

/// Reads an SCD40 (low-power mode), SCD41 or SCD43 (single shots), told the air pressure before each reading where it is known.
struct SCD4xDriver: ClimateDriver {
    let model: SCD4x.Model
    let calibratesItself: Bool

    mutating func start(_ step: Int, _ part: PartLink) throws(SensorError) -> DriverStep {
        switch step {
        case 0:
            // Never acknowledged (§3.11.4), and while measuring not understood.
            try part.sendUnlessRefused(command: SCD4x.Command.wakeUp)
            return .next(after: SCD4x.wakeTime)
        case 1:
            // All the rest is refused while it measures, as it may from before the node's restart.
            try part.send(command: SCD4x.Command.stopPeriodicMeasurement)
            return .next(after: SCD4x.stopTime)
        case 2:
            try part.send(command: SCD4x.Command.reinit)
            return .next(after: SCD4x.reinitTime)
        case 3:
            try part.ask(SCD4x.Question.variant)
            return .next(after: SCD4x.commandTime)
        case 4:
            try checkVariant(part)
            try part.send(command: SCD4x.Command.setSelfCalibration, word: calibratesItself ? 1 : 0)
            return .next(after: SCD4x.commandTime)
        case 5:
            try part.ask(SCD4x.Question.selfCalibration)
            return .next(after: SCD4x.commandTime)
        case 6:
            if let words = try part.answerIfRecorded(to: SCD4x.Question.selfCalibration), words[0] != (calibratesItself ? 1 : 0) {
                throw part.error(.notReady, "does not take the setting of its self-calibration")
            }
            guard model.measuresInSingleShots else {
                try part.send(command: SCD4x.Command.startLowPowerMeasurement)
                return .done
            }
            // The first single shot after power-up is discarded (§3.11.1).
            try part.send(command: SCD4x.Command.measureSingleShot)
            return .next(after: SCD4x.singleShotTime)
        default:
            return .done
        }
    }

    mutating func measure(_ step: Int, _ part: PartLink, into reading: inout PartReading) throws(SensorError) -> DriverStep {
        switch step {
        case 0:
            guard let pressure = part.surroundings.pressure, SCD4x.pressureRange.contains(pressure) else {
                return .next(after: .zero)
            }
            try part.send(command: SCD4x.Command.setAmbientPressure, word: UInt16((pressure / 100).rounded()))
            return .next(after: SCD4x.commandTime)
        case 1:
            guard model.measuresInSingleShots else { return .next(after: .zero) }
            return try unlessBusy(in: step, part, then: SCD4x.singleShotTime) { part throws(SensorError) in
                try part.send(command: SCD4x.Command.measureSingleShot)
            }
        case 2:
            return try unlessBusy(in: step, part, then: SCD4x.commandTime) { part throws(SensorError) in
                try part.ask(SCD4x.Question.dataReady)
            }
        case 3:
            if let ready = try part.answerIfRecorded(to: SCD4x.Question.dataReady), ready[0] & SCD4x.dataReadyMask == 0 {
                return try waitForData(part)
            }
            try part.ask(SCD4x.Question.measurement)
            return .next(after: SCD4x.commandTime)
        default:
            let words = try part.answer(to: SCD4x.Question.measurement)
            let result = SCD4xConversion(co2Word: words[0], temperatureWord: words[1], humidityWord: words[2])
            reading.give(Measurement(.co2, result.co2))
            reading.give(Measurement(.temperature, result.temperature))
            reading.give(Measurement(.humidity, result.humidity))
            return .done
        }
    }

    /// Sends a command to a part that answers nobody while a single shot is late.
    private func unlessBusy(
        in step: Int, _ part: PartLink, then time: TimeSpan, _ send: (PartLink) throws(SensorError) -> Void
    ) throws(SensorError) -> DriverStep {
        do throws(SensorError) {
            try send(part)
        } catch {
            return try part.waitIfBusy(step, after: error, every: SCD4x.singleShotPollInterval, limit: SCD4x.singleShotPolls)
        }
        return .next(after: time)
    }

    /// Asks for the state again.
    private func waitForData(_ part: PartLink) throws(SensorError) -> DriverStep {
        let isSingleShot = model.measuresInSingleShots
        if part.polls >= (isSingleShot ? SCD4x.singleShotPolls : SCD4x.lowPowerPolls) {
            throw part.error(.notReady, "has no data")
        }
        return .again(from: 2, after: isSingleShot ? SCD4x.singleShotPollInterval : SCD4x.lowPowerPollInterval)
    }

    private func checkVariant(_ part: PartLink) throws(SensorError) {
        guard let words = try part.answerIfRecorded(to: SCD4x.Question.variant) else { return }
        let found = SCD4x.Model(variant: words[0])
        if found == model { return }
        throw part.error(
            .wrongPart,
            "found \(found.map { "an \($0.rawValue.uppercased())" } ?? "an unknown part") where \(part.name) is configured "
                + "(sensor variant \(words[0] >> 12))")
    }
}
