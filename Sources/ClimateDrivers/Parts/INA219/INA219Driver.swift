import SensorCore

/// Reads an INA219, one triggered measurement of both voltages per reading. Current and power are computed here, so the
/// part's calibration register is left alone.
struct INA219Driver: ClimateDriver {
    /// Ohm.
    let shunt: Double

    mutating func start(_ step: Int, _ part: PartLink) throws(SensorError) -> DriverStep {
        if step == 0 {
            try part.write(word: INA219.reset, to: INA219.Register.configuration)
            return .next(after: INA219.resetTime)
        }
        // It has no id; what its configuration is after a reset is the nearest to one.
        if let frame = try part.readIfRecorded(2, at: INA219.Register.configuration),
            frame.bigEndian16(at: 0) != INA219.resetConfiguration
        {
            throw part.error(
                .wrongPart,
                "found another part where ina219 is configured (0x\(hexadecimal(frame[0]))\(hexadecimal(frame[1])) after a reset, not 0x399f)"
            )
        }
        return .done
    }

    mutating func measure(_ step: Int, _ part: PartLink, into reading: inout PartReading) throws(SensorError) -> DriverStep {
        if step == 0 {
            try part.write(word: INA219.configuration, to: INA219.Register.configuration)
            return .next(after: INA219.measurementTime)
        }
        let bus = try part.readAgreeing(2, at: INA219.Register.busVoltage).bigEndian16(at: 0)
        if bus & INA219.conversionReady == 0 {
            return try part.poll(
                step, every: INA219.pollInterval, limit: INA219.polls, part.error(.notReady, "is still measuring"))
        }
        let shuntWord = try part.readAgreeing(2, at: INA219.Register.shuntVoltage).bigEndian16(at: 0)
        if bus & INA219.overflow != 0 || Int16(bitPattern: shuntWord).magnitude >= INA219.shuntStop.magnitude {
            reading.withhold(
                .current,
                part.error(.outOfRange, "more than 320 mV at the shunt: too much current, or another shunt than configured"))
        }
        let result = INA219Conversion(busWord: bus, shuntWord: shuntWord, shunt: shunt)
        reading.give(Measurement(.voltage, result.voltage))
        if !reading.withholds(.current) { reading.give(Measurement(.current, result.current)) }
        reading.give(Measurement(.power, result.power))
        return .done
    }
}
