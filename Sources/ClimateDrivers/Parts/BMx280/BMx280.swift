import SensorCore

/// Bosch BME280 (BST-BME280-DS002, temperature, pressure, humidity) and BMP280 (BST-BMP280-DS001, without humidity):
/// one register map, one formula for temperature and pressure.
enum BMx280 {
    enum Model: String, Sendable {
        case bme280
        case bmp280

        /// As printed on the part.
        var printedName: String {
            switch self {
            case .bme280: "BME280"
            case .bmp280: "BMP280"
            }
        }
    }

    static let parts = [part(.bme280), part(.bmp280)]

    private static func part(_ model: Model) -> ClimatePart {
        ClimatePart(
            description: PartDescription(
                name: model.rawValue, addresses: addresses,
                specifications: model == .bme280 ? [temperature, humidity, pressure] : [temperature, pressure]),
            printedName: model.printedName,
            makeDriver: { _ in BMx280Driver(model: model) },
            identify: { part throws(SensorError) in
                let id = try part.read(1, at: Register.chipID)[0]
                return name(ofChip: id) == model.printedName ? PartIdentity(.certain, "chip id 0x\(hexadecimal(id))") : nil
            })
    }

    private static let temperature = QuantitySpecification(
        .temperature, in: -40...85, accuracy: "±1 Cel (0 to 65 Cel)", source: "BST-BME280-DS002 §1.4, table 4")
    private static let humidity = QuantitySpecification(
        .humidity, in: 0...100, accuracy: "±3 %RH (20 to 80 %RH, 25 Cel)", source: "BST-BME280-DS002 §1.2, table 2",
        dependsOn: [.temperature])
    private static let pressure = QuantitySpecification(
        .pressure, in: 30_000...110_000, accuracy: "±100 Pa (0 to 65 Cel)", source: "BST-BME280-DS002 §1.3, table 3",
        dependsOn: [.temperature])

    /// SDO to ground, SDO to VDDIO (BME280 §6.2).
    static let addresses = [0x76, 0x77].compactMap { I2CAddress($0) }

    /// BME280 §5.3, table 18.
    enum Register {
        static let coefficients: UInt8 = 0x88
        static let coefficientH1: UInt8 = 0xA1
        static let chipID: UInt8 = 0xD0
        static let reset: UInt8 = 0xE0
        static let humidityCoefficients: UInt8 = 0xE1
        static let controlHumidity: UInt8 = 0xF2
        static let status: UInt8 = 0xF3
        static let controlMeasurement: UInt8 = 0xF4
        static let configuration: UInt8 = 0xF5
        static let data: UInt8 = 0xF7
    }

    /// T1 to P9, 0x88 to 0x9F.
    static let coefficientsLength = 24
    /// H2 to H6, 0xE1 to 0xE7.
    static let humidityCoefficientsLength = 7
    /// Pressure, temperature and, in the BME280, humidity, from 0xF7 on in one burst (BME280 §4: only so they belong
    /// to one measurement).
    static func dataLength(_ model: Model) -> Int { model == .bme280 ? 8 : 6 }

    /// BME280 §5.4.2.
    static let resetWord: UInt8 = 0xB6
    /// BME280 §5.4.4: a conversion is running.
    static let statusMeasuring: UInt8 = 1 << 3
    /// BME280 §5.4.4: the coefficients are being copied from the non-volatile memory.
    static let statusImageUpdate: UInt8 = 1 << 0

    /// Humidity oversampling ×1 (BME280 §5.4.3). Takes effect with the next write to `controlMeasurement`.
    static let humidityOversampling1: UInt8 = 0b001
    /// Temperature ×1, pressure ×1, forced mode (BME280 §5.4.5): one measurement, then sleep. With the filter off these
    /// are the settings of BME280 §3.5.1, "weather monitoring", which does not warm the part.
    static let forcedMeasurement: UInt8 = 0b001_001_01
    /// IIR filter off, SPI 3-wire off (BME280 §5.4.6).
    static let filterOff: UInt8 = 0

    /// Start-up time after power-on and reset, BME280 §1.1, table 1.
    static let startUpTime = TimeSpan.milliseconds(2)
    /// A status that is still busy after the datasheet's time is read again this often, this long apart.
    static let statusPolls = 10
    static let statusPollInterval = TimeSpan.milliseconds(1)

    /// BME280 §9.1, maximum: 1.25 ms, and per quantity 2.3 ms × oversampling, and 0.575 ms for pressure and for
    /// humidity. With ×1 that is 9.3 ms for the BME280 and 6.425 ms for the BMP280.
    static func measurementTime(_ model: Model) -> TimeSpan {
        let temperature = TimeSpan.microseconds(1_250 + 2_300)
        let perFurtherQuantity = TimeSpan.microseconds(2_300 + 575)
        return temperature + perFurtherQuantity * (model == .bme280 ? 2 : 1)
    }

    /// What is known by its chip id: BME280 §5.4.1, BMP280 §4.3.1 (0x56 and 0x57 were samples), BME680 §5.3.3.5.
    static func name(ofChip id: UInt8) -> String? {
        switch id {
        case 0x56, 0x57, 0x58: "BMP280"
        case 0x60: "BME280"
        case 0x61: "BME680"
        default: nil
        }
    }
}
