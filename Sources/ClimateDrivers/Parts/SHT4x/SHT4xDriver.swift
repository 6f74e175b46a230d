import SensorCore

/// Reads an SHT40, SHT41, SHT43 or SHT45 with its high-precision command; asleep in between. They differ in accuracy only
/// and cannot be told apart on the bus.
struct SHT4xDriver: ClimateDriver {
    mutating func start(_ step: Int, _ part: PartLink) throws(SensorError) -> DriverStep {
        switch step {
        case 0:
            try part.send(SHT4x.Command.softReset)
            return .next(after: SHT4x.resetTime)
        case 1:
            try part.ask(SHT4x.Question.serialNumber)
            return .next(after: SHT4x.resetTime)
        default:
            // A serial number with a right CRC shows that a Sensirion part answers; the number itself is not used.
            do throws(SensorError) {
                _ = try part.answerIfRecorded(to: SHT4x.Question.serialNumber)
            } catch {
                return try part.waitIfBusy(step, after: error, every: SHT4x.pollInterval, limit: SHT4x.polls)
            }
            return .done
        }
    }

    mutating func measure(_ step: Int, _ part: PartLink, into reading: inout PartReading) throws(SensorError) -> DriverStep {
        if step == 0 {
            try part.send(SHT4x.Command.measureHighPrecision)
            return .next(after: SHT4x.measurementTime)
        }
        let words: SensirionWords
        do throws(SensorError) {
            words = try part.readWords(2, "measurement")
        } catch {
            return try part.waitIfBusy(step, after: error, every: SHT4x.pollInterval, limit: SHT4x.polls)
        }
        let result = SHT4xConversion(temperatureWord: words[0], humidityWord: words[1])
        reading.give(Measurement(.temperature, result.temperature))
        reading.give(Measurement(clipping: result.humidity, of: .humidity, raw: result.humidity))
        return .done
    }
}
