import SensorCore

/// Reads a TMP117, one averaged one-shot per reading; shut down in between.
struct TMP117Driver: ClimateDriver {
    mutating func start(_ step: Int, _ part: PartLink) throws(SensorError) -> DriverStep {
        guard step == 0 else { return .done }
        if let frame = try part.readIfRecorded(2, at: TMP117.Register.deviceID) {
            let id = frame.bigEndian16(at: 0)
            if id & TMP117.deviceIDMask != TMP117.deviceID {
                throw part.error(
                    .wrongPart,
                    "found another part where tmp117 is configured (device id 0x\(hexadecimal(frame[0]))\(hexadecimal(frame[1])))")
            }
        }
        try part.write(word: TMP117.softReset, to: TMP117.Register.configuration)
        return .next(after: TMP117.resetTime)
    }

    mutating func measure(_ step: Int, _ part: PartLink, into reading: inout PartReading) throws(SensorError) -> DriverStep {
        if step == 0 {
            try part.write(word: TMP117.oneShot, to: TMP117.Register.configuration)
            return .next(after: TMP117.measurementTime)
        }
        // All of it is compared, since a dead line that reads 0xFF would be "ready" and a plausible −0.0078 °C.
        if let frame = try part.readIfRecorded(2, at: TMP117.Register.configuration),
            frame.bigEndian16(at: 0) & TMP117.finishedMask != TMP117.finished
        {
            return try part.poll(
                step, every: TMP117.pollInterval, limit: TMP117.polls,
                part.error(
                    .notReady, "its configuration reads 0x\(hexadecimal(frame[0]))\(hexadecimal(frame[1])): no finished measurement"))
        }
        let word = try part.readAgreeing(2, at: TMP117.Register.temperature).bigEndian16(at: 0)
        if word == TMP117.noConversion { throw part.error(.notReady, "it has not converted yet") }
        reading.give(Measurement(.temperature, TMP117Conversion(word: word).temperature))
        return .done
    }
}
