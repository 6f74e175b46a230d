import SensorCore

/// Reads a BME280 or BMP280 in forced mode: one measurement per reading, asleep in between.
struct BMx280Driver: ClimateDriver {
    let model: BMx280.Model
    private var coefficients: BMx280Coefficients?

    init(model: BMx280.Model) { self.model = model }

    mutating func start(_ step: Int, _ part: PartLink) throws(SensorError) -> DriverStep {
        switch step {
        case 0:
            coefficients = nil
            if let id = try part.readIfRecorded(1, at: BMx280.Register.chipID) { try check(chipID: id[0], part) }
            try part.write(BMx280.resetWord, to: BMx280.Register.reset)
            return .next(after: BMx280.startUpTime)
        default:
            if try isBusy(BMx280.statusImageUpdate, part) { return try wait(step, "copying its coefficients", part) }
            try part.write(BMx280.filterOff, to: BMx280.Register.configuration)
            coefficients = try readCoefficients(part)
            return .done
        }
    }

    mutating func measure(
        _ step: Int, _ part: PartLink, into readings: inout [Measurement]
    ) throws(SensorError) -> DriverStep {
        guard let coefficients else { throw part.error(.notReady, "was not started") }
        if step == 0 {
            // Written each time, so that a part that lost its power in between measures all the same.
            if model == .bme280 { try part.write(BMx280.humidityOversampling1, to: BMx280.Register.controlHumidity) }
            try part.write(BMx280.forcedMeasurement, to: BMx280.Register.controlMeasurement)
            return .next(after: BMx280.measurementTime(model))
        }
        if try isBusy(BMx280.statusMeasuring, part) { return try wait(step, "measuring", part) }
        let raw = BMx280RawData(frame: try part.readAgreeing(BMx280.dataLength(model), at: BMx280.Register.data))
        try check(raw, part)
        let result = BMx280Conversion(raw, coefficients)
        readings.append(Measurement(.temperature, result.temperature))
        if let humidity = result.humidity {
            readings.append(Measurement(clipping: humidity, of: .humidity, raw: humidity))
        }
        readings.append(Measurement(.pressure, result.pressure))
        return .done
    }

    private func check(chipID id: UInt8, _ part: PartLink) throws(SensorError) {
        let name = BMx280.name(ofChip: id)
        if name == model.printedName { return }
        throw part.wrongPart(named: name, id: id)
    }

    private func isBusy(_ bits: UInt8, _ part: PartLink) throws(SensorError) -> Bool {
        guard let status = try part.readIfRecorded(1, at: BMx280.Register.status) else { return false }
        return status[0] & bits != 0
    }

    private func wait(_ step: Int, _ activity: String, _ part: PartLink) throws(SensorError) -> DriverStep {
        try part.poll(step, every: BMx280.statusPollInterval, limit: BMx280.statusPolls, part.error(.notReady, "is still \(activity)"))
    }

    private func readCoefficients(_ part: PartLink) throws(SensorError) -> BMx280Coefficients {
        let block = try part.readAgreeing(BMx280.coefficientsLength, at: BMx280.Register.coefficients)
        try part.checkNotBlank(block, at: BMx280.Register.coefficients)
        guard model == .bme280 else { return BMx280Coefficients(block: block, humidity: nil) }
        let h1 = try part.readAgreeing(1, at: BMx280.Register.coefficientH1)
        let humidityBlock = try part.readAgreeing(
            BMx280.humidityCoefficientsLength, at: BMx280.Register.humidityCoefficients)
        try part.checkNotBlank(humidityBlock, at: BMx280.Register.humidityCoefficients)
        return BMx280Coefficients(block: block, humidity: .init(h1: h1[0], block: humidityBlock))
    }

    private func check(_ raw: BMx280RawData, _ part: PartLink) throws(SensorError) {
        var skipped: Quantity?
        if raw.temperature == BMx280RawData.skipped20 { skipped = .temperature }
        if raw.pressure == BMx280RawData.skipped20 { skipped = .pressure }
        if raw.humidity == BMx280RawData.skipped16 { skipped = .humidity }
        if let skipped { throw part.error(.notReady, "did not measure the \(skipped.rawValue)") }
        // The formula would make a clipped 0 or 100 % of a converter at its stop or of a broken frame's tail.
        if let humidity = raw.humidity, humidity == 0 || humidity == .max {
            throw part.error(.outOfRange, "the humidity converter is at its stop")
        }
    }
}

/// What Bosch's register parts have in common.
extension PartLink {
    /// Another chip id than the configured part has.
    func wrongPart(named name: String?, id: UInt8) -> SensorError {
        let found =
            if let name {
                "found a \(name) where \(self.name) is configured"
            } else if id == 0x00 || id == 0xFF {
                "nobody answers, the data line seems stuck: check the wiring"
            } else {
                "found an unknown part where \(self.name) is configured"
            }
        return error(.wrongPart, "\(found) (chip id 0x\(hexadecimal(id)))")
    }

    /// 0x00 and 0xFF all over are what a part without its coefficients, or a dead data line, reads as.
    func checkNotBlank(_ block: I2CFrame, at register: UInt8) throws(SensorError) {
        for value: UInt8 in [0x00, 0xFF] where block.isFilled(with: value) {
            throw error(
                .notReady, "its coefficients are blank: all bytes from 0x\(hexadecimal(register)) on read 0x\(hexadecimal(value))")
        }
    }
}
