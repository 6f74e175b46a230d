import SensorCore

/// Reads the temperature of a DS3231 after a conversion of its own, or what the kernel's driver says of it. The clock is
/// left as it is.
struct DS3231Driver: ClimateDriver {
    private var isHeld = false

    mutating func start(_ step: Int, _ part: PartLink) throws(SensorError) -> DriverStep {
        isHeld = part.bus.kernelDriver(at: part.address) != nil
        if !isHeld { try checkPart(part) }
        return .done
    }

    mutating func measure(_ step: Int, _ part: PartLink, into reading: inout PartReading) throws(SensorError) -> DriverStep {
        if isHeld {
            do throws(I2CError) {
                let thousandths = try part.bus.kernelValue(DS3231.kernelTemperature, at: part.address)
                reading.give(Measurement(.temperature, Double(thousandths) / 1000))
            } catch {
                throw SensorError(error)
            }
            return .done
        }
        let state = try part.readAgreeing(2, at: DS3231.Register.control)
        let isConverting = state[0] & DS3231.convert != 0 || state[1] & DS3231.busy != 0
        if isConverting {
            return try part.poll(
                step, every: DS3231.pollInterval, limit: DS3231.polls, part.error(.notReady, "is still converting"))
        }
        if step == 0 {
            try part.write(state[0] | DS3231.convert, to: DS3231.Register.control)
            return .next(after: DS3231.conversionTime)
        }
        // It has no id, but a dead line and most other parts do not have its fixed bits.
        try checkPart(part)
        let word = try part.readAgreeing(2, at: DS3231.Register.temperature).bigEndian16(at: 0)
        if word & 0x3F != 0 { throw part.error(.bus, "bits of the temperature that are always 0 are not") }
        reading.give(Measurement(.temperature, DS3231Conversion(word: word).temperature))
        return .done
    }

    private func checkPart(_ part: PartLink) throws(SensorError) {
        let frame: I2CFrame
        do throws(SensorError) {
            frame = try part.read(DS3231.registerCount, at: DS3231.Register.seconds)
        } catch {
            if error.kind == .notRecorded { return }
            throw error
        }
        if !DS3231.hasFixedBits(frame) {
            throw part.error(
                .wrongPart, "found another part where ds3231 is configured, or a dead line: bits that are always 0 in a ds3231 are not")
        }
    }
}
