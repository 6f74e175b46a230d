import SensorCore

/// Reads a BME280 or BMP280 in forced mode: one measurement per reading, asleep in between.
struct BMx280Driver: ClimateDriver {
    let model: BMx280.Model
    let address: I2CAddress
    private var coefficients: BMx280Coefficients?

    init(model: BMx280.Model, address: I2CAddress) {
        self.model = model
        self.address = address
    }

    mutating func start(on bus: any I2CBus, clock: any NodeClock) throws(SensorError) {
        coefficients = nil
        if let id = try bus.readIfRecorded(1, of: address, at: BMx280.Register.chipID) {
            try check(chipID: id[0], on: bus)
        }
        try bus.write(BMx280.resetWord, to: BMx280.Register.reset, of: address)
        clock.sleep(for: BMx280.startUpTime)
        try waitWhile(BMx280.statusImageUpdate, "copying its coefficients", on: bus, clock: clock)
        try bus.write(BMx280.filterOff, to: BMx280.Register.configuration, of: address)
        coefficients = try readCoefficients(on: bus)
    }

    mutating func measure(
        on bus: any I2CBus, clock: any NodeClock, into readings: inout [Measurement]
    ) throws(SensorError) {
        guard let coefficients else {
            throw SensorError(.notReady, "\(model.printedName) at \(place(on: bus)) was not started")
        }
        // Written each time, so that a part that lost its power in between measures all the same.
        if model == .bme280 {
            try bus.write(BMx280.humidityOversampling1, to: BMx280.Register.controlHumidity, of: address)
        }
        try bus.write(BMx280.forcedMeasurement, to: BMx280.Register.controlMeasurement, of: address)
        clock.sleep(for: BMx280.measurementTime(model))
        try waitWhile(BMx280.statusMeasuring, "measuring", on: bus, clock: clock)
        let frame = try readTwice(BMx280.dataLength(model), at: BMx280.Register.data, on: bus)
        let raw = BMx280RawData(frame: frame)
        try check(raw, on: bus)
        let result = BMx280Conversion(raw, coefficients)
        try check(result.temperature, of: .temperature, within: BMx280.temperatureRange, on: bus)
        try check(result.pressure, of: .pressure, within: BMx280.pressureRange, on: bus)
        readings.append(Measurement(.temperature, result.temperature))
        if let humidity = result.humidity {
            readings.append(Measurement(clipping: humidity, of: .humidity, raw: humidity))
        }
        readings.append(Measurement(.pressure, result.pressure))
    }

    private func place(on bus: any I2CBus) -> String { "\(address) on \(bus.name)" }

    private func check(chipID id: UInt8, on bus: any I2CBus) throws(SensorError) {
        let name = BMx280.name(ofChip: id)
        if name == model.printedName { return }
        let found =
            if let name {
                "found a \(name) where \(model.rawValue) is configured"
            } else if id == 0x00 || id == 0xFF {
                "no \(model.printedName) answers, the data line seems stuck: check the wiring"
            } else {
                "found an unknown part where \(model.rawValue) is configured"
            }
        throw SensorError(.wrongPart, "\(found) (chip id 0x\(hexadecimal(id)) at \(place(on: bus)))")
    }

    /// Reads the status until `bits` are clear.
    private func waitWhile(
        _ bits: UInt8, _ activity: String, on bus: any I2CBus, clock: any NodeClock
    ) throws(SensorError) {
        for poll in 0..<BMx280.statusPolls {
            if poll > 0 { clock.sleep(for: BMx280.statusPollInterval) }
            guard let status = try bus.readIfRecorded(1, of: address, at: BMx280.Register.status) else { return }
            if status[0] & bits == 0 { return }
        }
        throw SensorError(.notReady, "\(model.printedName) at \(place(on: bus)) is still \(activity)")
    }

    /// The part sends no checksum, but its registers hold still between conversions: what two reads in a row agree
    /// on counts, with one read more for a single disturbance.
    private func readTwice(_ count: Int, at register: UInt8, on bus: any I2CBus) throws(SensorError) -> I2CFrame {
        var earlier = try bus.read(count, of: address, at: register)
        for _ in 0..<2 {
            let frame = try bus.read(count, of: address, at: register)
            if frame == earlier { return frame }
            earlier = frame
        }
        throw SensorError(
            .bus,
            "reads of \(count) bytes from 0x\(hexadecimal(register)) on of the \(model.printedName) at "
                + "\(place(on: bus)) differ each time: check wires, pull-ups and clock rate")
    }

    private func readCoefficients(on bus: any I2CBus) throws(SensorError) -> BMx280Coefficients {
        let block = try readTwice(BMx280.coefficientsLength, at: BMx280.Register.coefficients, on: bus)
        try checkNotBlank(block, at: BMx280.Register.coefficients, on: bus)
        guard model == .bme280 else { return BMx280Coefficients(block: block, humidity: nil) }
        let h1 = try readTwice(1, at: BMx280.Register.coefficientH1, on: bus)
        let humidityBlock = try readTwice(
            BMx280.humidityCoefficientsLength, at: BMx280.Register.humidityCoefficients, on: bus)
        try checkNotBlank(humidityBlock, at: BMx280.Register.humidityCoefficients, on: bus)
        return BMx280Coefficients(block: block, humidity: .init(h1: h1[0], block: humidityBlock))
    }

    private func checkNotBlank(_ block: I2CFrame, at register: UInt8, on bus: any I2CBus) throws(SensorError) {
        for value: UInt8 in [0x00, 0xFF] where block.isFilled(with: value) {
            throw SensorError(
                .notReady,
                "the coefficients of the \(model.printedName) at \(place(on: bus)) are blank: "
                    + "all bytes from 0x\(hexadecimal(register)) on read 0x\(hexadecimal(value))")
        }
    }

    private func check(_ raw: BMx280RawData, on bus: any I2CBus) throws(SensorError) {
        var skipped: Quantity?
        if raw.temperature == BMx280RawData.skipped20 { skipped = .temperature }
        if raw.pressure == BMx280RawData.skipped20 { skipped = .pressure }
        if raw.humidity == BMx280RawData.skipped16 { skipped = .humidity }
        if let skipped {
            throw SensorError(
                .notReady, "\(model.printedName) at \(place(on: bus)) did not measure the \(skipped.rawValue)")
        }
        // The formula would make a clipped 0 or 100 % of a converter at its stop or of a broken frame's tail.
        if let humidity = raw.humidity, humidity == 0 || humidity == .max {
            throw SensorError(
                .outOfRange, "the humidity converter of the \(model.printedName) at \(place(on: bus)) is at its stop")
        }
    }

    private func check(
        _ value: Double, of quantity: Quantity, within range: ClosedRange<Double>, on bus: any I2CBus
    ) throws(SensorError) {
        // Written so that a value that is not a number fails too.
        if !range.contains(value) {
            throw SensorError(
                .outOfRange,
                "\(quantity.rawValue) \(value) \(quantity.unit) is beyond what the \(model.printedName) at "
                    + "\(place(on: bus)) can measure (\(range.lowerBound) to \(range.upperBound))")
        }
    }
}
