import SensorCore

/// Reads a BME680 in forced mode with its heater off; when gas is asked for, in a second measurement after that, so that
/// the heater does not warm what was just measured.
struct BME680Driver: ClimateDriver {
    let measuresGas: Bool
    private var coefficients: BME680Coefficients?
    /// Of `coefficients`; empty in a sound part.
    private var faults: [CoefficientFault] = []
    /// Of the measurement before the heater was switched on.
    private var ambient: BME680RawData?

    init(measuresGas: Bool) { self.measuresGas = measuresGas }

    mutating func start(_ step: Int, _ part: PartLink) throws(SensorError) -> DriverStep {
        guard step > 0 else {
            coefficients = nil
            if let id = try part.readIfRecorded(1, at: BME680.Register.chipID), id[0] != BME680.chipID {
                throw part.wrongPart(named: BMx280.name(ofChip: id[0]), id: id[0])
            }
            if let variant = try part.readIfRecorded(1, at: BME680.Register.variant), variant[0] != BME680.variantBME680 {
                throw part.error(
                    .wrongPart,
                    "found \(variant[0] == 1 ? "a BME688" : "an unknown part") where \(part.name) is configured (variant 0x\(hexadecimal(variant[0])))"
                )
            }
            try part.write(BME680.resetWord, to: BME680.Register.reset)
            return .next(after: BME680.startUpTime)
        }
        try part.write(0, to: BME680.Register.configuration)
        var found = try readCoefficients(part)
        // Two reads that were disturbed alike agree; a part that is broken stays so.
        if !found.faults.isEmpty { found = try readCoefficients(part) }
        coefficients = found
        faults = found.faults
        return .done
    }

    mutating func measure(_ step: Int, _ part: PartLink, into reading: inout PartReading) throws(SensorError) -> DriverStep {
        guard let coefficients else { throw part.error(.notReady, "was not started") }
        switch step {
        case 0:
            try part.write(BME680.heaterOff, to: BME680.Register.controlGas0)
            try part.write(0, to: BME680.Register.controlGas1)
            try part.write(BME680.humidityOversampling, to: BME680.Register.controlHumidity)
            try part.write(BME680.forcedMeasurement, to: BME680.Register.controlMeasurement)
            return .next(after: BME680.measurementTime)
        case 1:
            if let step = try waitForData(step, part) { return step }
            let raw = BME680RawData(frame: try part.readAgreeing(BME680.dataLength, at: BME680.Register.data))
            if measuresGas, let temperature = heaterAmbient(raw, coefficients) {
                ambient = raw
                return try startHeater(temperature, coefficients, part)
            }
            take(raw, coefficients, part, into: &reading)
            if measuresGas {
                reading.withhold(.gasResistance, part.error(.outOfRange, "without a temperature its heater cannot be set"))
            }
            return .done
        default:
            if let step = try waitForData(step, part) { return step }
            let frame = try part.readAgreeing(2, at: BME680.Register.gas)
            try part.write(BME680.heaterOff, to: BME680.Register.controlGas0)
            guard let ambient else { throw part.error(.notReady, "was not started") }
            take(ambient, coefficients, part, into: &reading)
            if frame[1] & BME680.gasValid != 0, frame[1] & BME680.heaterStable != 0 {
                reading.give(Measurement(.gasResistance, BME680Gas(frame: frame, coefficients).resistance))
            } else {
                reading.withhold(
                    .gasResistance,
                    part.error(.notReady, "its heater did not reach \(BME680.heaterTarget) Cel, so its gas value means nothing"))
            }
            return .done
        }
    }

    private func take(
        _ raw: BME680RawData, _ coefficients: BME680Coefficients, _ part: PartLink, into reading: inout PartReading
    ) {
        let result = BME680Conversion(raw, coefficients)
        reading.take(Measurement(.temperature, result.temperature), BoschOutput.state(raw.temperature), faults, part)
        reading.take(
            Measurement(clipping: result.humidity, of: .humidity, raw: result.humidity), BoschOutput.state(raw.humidity), faults,
            part)
        reading.take(Measurement(.pressure, result.pressure), BoschOutput.state(raw.pressure), faults, part)
    }

    /// What the heater starts from, in °C; nil when the temperature is none.
    private func heaterAmbient(_ raw: BME680RawData, _ coefficients: BME680Coefficients) -> Double? {
        guard case .sound = BoschOutput.state(raw.temperature), !faults.contains(where: { $0.quantity == .temperature })
        else { return nil }
        return BME680Conversion(raw, coefficients).temperature
    }

    private func readCoefficients(_ part: PartLink) throws(SensorError) -> BME680Coefficients {
        let block = try part.readAgreeing(BME680.coefficientsLength, at: BME680.Register.coefficients)
        try part.checkNotBlank(block, at: BME680.Register.coefficients)
        let humidity = try part.readAgreeing(BME680.humidityCoefficientsLength, at: BME680.Register.humidityCoefficients)
        let heater =
            measuresGas
            ? try part.readAgreeing(BME680.heaterCoefficientsLength, at: BME680.Register.heaterCoefficients)
            : I2CFrame(count: BME680.heaterCoefficientsLength)
        return BME680Coefficients(block: block, humidity: humidity, heater: heater)
    }

    private func startHeater(
        _ temperature: Double, _ coefficients: BME680Coefficients, _ part: PartLink
    ) throws(SensorError) -> DriverStep {
        let code = BME680Gas.heaterCode(target: BME680.heaterTarget, ambient: temperature, coefficients)
        try part.write(code, to: BME680.Register.heaterResistance)
        try part.write(BME680.heaterWaitCode, to: BME680.Register.heaterWait)
        try part.write(0, to: BME680.Register.controlHumidity)
        try part.write(0, to: BME680.Register.controlGas0)
        try part.write(BME680.runGas, to: BME680.Register.controlGas1)
        try part.write(BME680.forcedGasOnly, to: BME680.Register.controlMeasurement)
        return .next(after: BME680.gasTime)
    }

    /// nil when the data is there.
    private func waitForData(_ step: Int, _ part: PartLink) throws(SensorError) -> DriverStep? {
        guard let status = try part.readIfRecorded(1, at: BME680.Register.status) else { return nil }
        let isBusy = status[0] & (BME680.statusMeasuring | BME680.statusGasMeasuring) != 0
        if !isBusy, status[0] & BME680.statusNewData != 0 { return nil }
        return try part.poll(step, every: BME680.pollInterval, limit: BME680.polls, part.error(.notReady, "has no new data"))
    }
}
