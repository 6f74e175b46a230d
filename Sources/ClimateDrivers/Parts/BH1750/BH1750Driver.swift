import SensorCore

/// Reads a BH1750, one time per reading; powered down in between.
struct BH1750Driver: ClimateDriver {
    mutating func start(_ step: Int, _ part: PartLink) throws(SensorError) -> DriverStep {
        try clear(part)
        return .done
    }

    mutating func measure(_ step: Int, _ part: PartLink, into reading: inout PartReading) throws(SensorError) -> DriverStep {
        if step == 0 {
            // It has no ready flag: a register that was cleared cannot pass off an old value as a new one.
            try clear(part)
            try part.send(BH1750.Command.measureHighResolution)
            return .next(after: BH1750.measurementTime)
        }
        let word = try part.readAgreeing(2, at: nil).bigEndian16(at: 0)
        // Dark, or late.
        if word == 0, part.polls < BH1750.polls { return .again(from: step, after: BH1750.pollInterval) }
        if word == BH1750.saturated {
            throw part.error(.outOfRange, "the converter is at its stop: brighter than 54612 lx, or a dead line")
        }
        reading.give(Measurement(.illuminance, BH1750Conversion(word: word).illuminance))
        return .done
    }

    /// Only takes effect while it is powered.
    private func clear(_ part: PartLink) throws(SensorError) {
        try part.send(BH1750.Command.powerOn)
        try part.send(BH1750.Command.reset)
    }
}
