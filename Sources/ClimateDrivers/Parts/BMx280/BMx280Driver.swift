import SensorCore

/// Reads a BME280 or BMP280 in forced mode: one measurement per reading, asleep in between.
struct BMx280Driver: ClimateDriver {
    let model: BMx280.Model
    private var coefficients: BMx280Coefficients?
    /// Of `coefficients`; empty in a sound part.
    private var faults: [CoefficientFault] = []

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
            var found = try readCoefficients(part)
            // Two reads that were disturbed alike agree; a part that is broken stays so.
            if !found.faults.isEmpty { found = try readCoefficients(part) }
            coefficients = found
            faults = found.faults
            return .done
        }
    }

    mutating func measure(_ step: Int, _ part: PartLink, into reading: inout PartReading) throws(SensorError) -> DriverStep {
        guard let coefficients else { throw part.error(.notReady, "was not started") }
        if step == 0 {
            // Written each time, so that a part that lost its power in between measures all the same.
            if model == .bme280 { try part.write(BMx280.humidityOversampling1, to: BMx280.Register.controlHumidity) }
            try part.write(BMx280.forcedMeasurement, to: BMx280.Register.controlMeasurement)
            return .next(after: BMx280.measurementTime(model))
        }
        if try isBusy(BMx280.statusMeasuring, part) { return try wait(step, "measuring", part) }
        let raw = BMx280RawData(frame: try part.readAgreeing(BMx280.dataLength(model), at: BMx280.Register.data))
        let result = BMx280Conversion(raw, coefficients)
        reading.take(Measurement(.temperature, result.temperature), BoschOutput.state(raw.temperature), faults, part)
        if let rawHumidity = raw.humidity, let humidity = result.humidity {
            reading.take(
                Measurement(clipping: humidity, of: .humidity, raw: humidity), BoschOutput.state(rawHumidity), faults, part)
        }
        reading.take(Measurement(.pressure, result.pressure), BoschOutput.state(raw.pressure), faults, part)
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
        return BMx280Coefficients(block: block, humidity: .init(h1: h1[0], block: humidityBlock))
    }
}
