import SensorCore

/// Reads an SHT40, SHT41 or SHT45 with its high-precision command; asleep in between.
struct SHT4xDriver: ClimateDriver {
    /// As the configuration names it; the three differ in accuracy only and cannot be told apart on the bus.
    let part: String
    let address: I2CAddress

    mutating func start(on bus: any I2CBus, clock: any NodeClock) throws(SensorError) {
        try bus.send(SHT4x.Command.softReset, to: address)
        clock.sleep(for: SHT4x.resetTime)
        // A serial number with a right CRC shows that a Sensirion part answers; the number itself is not used.
        do throws(SensorError) {
            _ = try ask(SHT4x.Command.readSerialNumber, "serial number", wait: SHT4x.resetTime, on: bus, clock: clock)
        } catch {
            if error.kind != .notRecorded { throw error }
        }
    }

    mutating func measure(
        on bus: any I2CBus, clock: any NodeClock, into readings: inout [Measurement]
    ) throws(SensorError) {
        let frame = try ask(
            SHT4x.Command.measureHighPrecision, "measurement", wait: SHT4x.measurementTime, on: bus, clock: clock)
        let result = SHT4xConversion(
            temperatureWord: frame.bigEndian16(at: 0), humidityWord: frame.bigEndian16(at: 3))
        if !SHT4x.temperatureRange.contains(result.temperature) {
            throw SensorError(
                .outOfRange,
                "temperature \(result.temperature) Cel is beyond what the \(part) at \(address) on \(bus.name) can "
                    + "measure (\(SHT4x.temperatureRange.lowerBound) to \(SHT4x.temperatureRange.upperBound))")
        }
        readings.append(Measurement(.temperature, result.temperature))
        readings.append(Measurement(clipping: result.humidity, of: .humidity, raw: result.humidity))
    }

    /// Sends a command and fetches its answer of two words, both with a right CRC.
    private func ask(
        _ command: UInt8, _ subject: String, wait: TimeSpan, on bus: any I2CBus, clock: any NodeClock
    ) throws(SensorError) -> I2CFrame {
        try bus.send(command, to: address)
        clock.sleep(for: wait)
        let frame = try fetch(on: bus, clock: clock)
        for start in stride(from: 0, to: SHT4x.frameLength, by: 3) {
            let expected = SHT4x.crc.checksum(of: frame, from: start, count: 2)
            if frame[start + 2] != expected {
                throw SensorError(
                    .crc,
                    "\(subject) of the \(part) at \(address) on \(bus.name): byte \(start + 2) is "
                        + "0x\(hexadecimal(frame[start + 2])), the two before it need 0x\(hexadecimal(expected))")
            }
        }
        return frame
    }

    private func fetch(on bus: any I2CBus, clock: any NodeClock) throws(SensorError) -> I2CFrame {
        var poll = 1
        while true {
            do throws(SensorError) {
                return try bus.read(SHT4x.frameLength, of: address)
            } catch {
                if error.kind != .nack || poll == SHT4x.polls { throw error }
            }
            clock.sleep(for: SHT4x.pollInterval)
            poll += 1
        }
    }
}
