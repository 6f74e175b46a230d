import SensorCore

/// Reads an SHT40, SHT41 or SHT45 with its high-precision command; asleep in between. The three differ in accuracy only
/// and cannot be told apart on the bus.
struct SHT4xDriver: ClimateDriver {
    mutating func start(_ step: Int, _ part: PartLink) throws(SensorError) -> DriverStep {
        switch step {
        case 0:
            try part.send(SHT4x.Command.softReset)
            return .next(after: SHT4x.resetTime)
        case 1:
            try part.send(SHT4x.Command.readSerialNumber)
            return .next(after: SHT4x.resetTime)
        default:
            // A serial number with a right CRC shows that a Sensirion part answers; the number itself is not used.
            do throws(SensorError) {
                _ = try part.readWordsIfRecorded(2, "serial number")
            } catch {
                return try SHT4x.wait(step, part, after: error)
            }
            return .done
        }
    }

    mutating func measure(
        _ step: Int, _ part: PartLink, into readings: inout [Measurement]
    ) throws(SensorError) -> DriverStep {
        if step == 0 {
            try part.send(SHT4x.Command.measureHighPrecision)
            return .next(after: SHT4x.measurementTime)
        }
        let words: SensirionWords
        do throws(SensorError) {
            words = try part.readWords(2, "measurement")
        } catch {
            return try SHT4x.wait(step, part, after: error)
        }
        let result = SHT4xConversion(temperatureWord: words[0], humidityWord: words[1])
        readings.append(Measurement(.temperature, result.temperature))
        readings.append(Measurement(clipping: result.humidity, of: .humidity, raw: result.humidity))
        return .done
    }
}

extension SHT4x {
    /// A busy part does not acknowledge: only that is waited for.
    static func wait(_ step: Int, _ part: PartLink, after error: SensorError) throws(SensorError) -> DriverStep {
        guard error.kind == .nack else { throw error }
        return try part.poll(step, every: pollInterval, limit: polls, error)
    }
}
