import SensorCore

/// Reads an SHT30, SHT31 or SHT35, one single shot per reading; idle in between. The three differ in accuracy only.
struct SHT3xDriver: ClimateDriver {
    mutating func start(_ step: Int, _ part: PartLink) throws(SensorError) -> DriverStep {
        switch step {
        case 0:
            // It also ends a periodic measurement and switches the heater off.
            try part.send(command: SHT3x.Command.softReset)
            return .next(after: SHT3x.resetTime)
        case 1:
            try part.ask(SHT3x.Question.status)
            return .next(after: SHT3x.commandTime)
        default:
            try checkStatus(part)
            return .done
        }
    }

    mutating func measure(_ step: Int, _ part: PartLink, into reading: inout PartReading) throws(SensorError) -> DriverStep {
        switch step {
        case 0:
            try part.ask(SHT3x.Question.status)
            return .next(after: SHT3x.commandTime)
        case 1:
            try checkStatus(part)
            try part.send(command: SHT3x.Command.measureHighRepeatability)
            return .next(after: SHT3x.measurementTime)
        default:
            let words: SensirionWords
            do throws(SensorError) {
                words = try part.readWords(2, "measurement")
            } catch {
                return try part.waitIfBusy(step, after: error, every: SHT3x.pollInterval, limit: SHT3x.polls)
            }
            let result = SHT3xConversion(temperatureWord: words[0], humidityWord: words[1])
            reading.give(Measurement(.temperature, result.temperature))
            reading.give(Measurement(.humidity, result.humidity))
            return .done
        }
    }

    private func checkStatus(_ part: PartLink) throws(SensorError) {
        guard let status = try part.answerIfRecorded(to: SHT3x.Question.status) else { return }
        if status[0] & SHT3x.statusHeater != 0 {
            throw part.error(.notAmbient, "its heater is on: somebody else commands it; it is reset before the next try")
        }
    }
}
