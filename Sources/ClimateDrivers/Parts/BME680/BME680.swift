import SensorCore

/// Bosch BME680: temperature, humidity, pressure and, when asked for, the resistance of a heated gas sensor (datasheet
/// BST-BME680-DS001, revision 1.9).
enum BME680 {
    /// Off unless it is asked for: it warms what the other quantities are measured in.
    static let gas = PartOption(
        "gas", .flag, usual: .flag(false), meaning: "heat the gas sensor for 100 ms after each reading and publish its resistance")

    static let parts = [
        ClimatePart(
            description: PartDescription(
                name: "bme680", addresses: BMx280.addresses,
                specifications: [
                    QuantitySpecification(
                        .temperature, in: -40...85, accuracy: "±1 Cel (0 to 65 Cel)", source: "BST-BME680-DS001 §1.5"),
                    QuantitySpecification(
                        .humidity, in: 0...100, accuracy: "±3 %RH (20 to 80 %RH, 25 Cel)", source: "BST-BME680-DS001 §1.3, table 6",
                        dependsOn: [.temperature]),
                    QuantitySpecification(
                        .pressure, in: 30_000...110_000, accuracy: "±60 Pa (0 to 65 Cel)", source: "BST-BME680-DS001 §1.4",
                        dependsOn: [.temperature]),
                    QuantitySpecification(
                        .gasResistance, in: 1...20_000_000, accuracy: "±15 % from part to part", source: "BST-BME680-DS001 §1.2",
                        dependsOn: [.temperature], onlyWith: gas.name),
                ],
                options: [gas], timing: PartTiming(deadline: .seconds(1))),
            printedName: "BME680",
            makeDriver: { BME680Driver(measuresGas: $0.isOn(gas)) },
            identify: { part throws(SensorError) in
                guard try part.read(1, at: Register.chipID)[0] == chipID else { return nil }
                let variant = try part.read(1, at: Register.variant)[0]
                return variant == variantBME680 ? PartIdentity(.certain, "chip id 0x61, variant 0") : nil
            })
    ]

    /// §5.2, table 20.
    enum Register {
        static let status: UInt8 = 0x1D
        static let data: UInt8 = 0x1F
        static let gas: UInt8 = 0x2A
        static let heaterResistance: UInt8 = 0x5A
        static let heaterWait: UInt8 = 0x64
        static let controlGas0: UInt8 = 0x70
        static let controlGas1: UInt8 = 0x71
        static let controlHumidity: UInt8 = 0x72
        static let controlMeasurement: UInt8 = 0x74
        static let configuration: UInt8 = 0x75
        static let coefficients: UInt8 = 0x89
        static let humidityCoefficients: UInt8 = 0xE1
        static let heaterCoefficients: UInt8 = 0x00
        static let chipID: UInt8 = 0xD0
        static let reset: UInt8 = 0xE0
        static let variant: UInt8 = 0xF0
    }

    static let chipID: UInt8 = 0x61
    /// The BME688 says 1; its gas sensor has another formula.
    static let variantBME680: UInt8 = 0
    static let resetWord: UInt8 = 0xB6
    /// 0x89 to 0xA1, 0xE1 to 0xEE, 0x00 to 0x04.
    static let coefficientsLength = 25
    static let humidityCoefficientsLength = 14
    static let heaterCoefficientsLength = 5
    /// Pressure, temperature, humidity: 0x1F to 0x26.
    static let dataLength = 8

    /// §5.3.5.1: new data, gas conversion running, conversion running.
    static let statusNewData: UInt8 = 1 << 7
    static let statusGasMeasuring: UInt8 = 1 << 6
    static let statusMeasuring: UInt8 = 1 << 5
    /// §5.3.3.
    static let heaterOff: UInt8 = 1 << 3
    static let runGas: UInt8 = 1 << 4
    /// §5.3.4.5: gas valid, heater stable.
    static let gasValid: UInt8 = 1 << 5
    static let heaterStable: UInt8 = 1 << 4

    /// Humidity ×1, temperature ×2, pressure ×16, forced: the example of §3.2.2.
    static let humidityOversampling: UInt8 = 0b001
    static let forcedMeasurement: UInt8 = 0b010_101_01
    /// Nothing but gas, forced.
    static let forcedGasOnly: UInt8 = 0b000_000_01

    static let startUpTime = TimeSpan.milliseconds(2)
    /// 19 conversions of 1.963 ms, four and five switches of 0.477 ms, 0.5 ms (BME68x driver of Bosch, `get_meas_dur`).
    static let measurementTime = TimeSpan.microseconds(42_100)
    /// The target of the heater in °C, and how long it is heated: 0x59 is 100 ms (§3.3.5).
    static let heaterTarget = 300.0
    static let heaterWaitCode: UInt8 = 0x59
    static let gasTime = TimeSpan.milliseconds(106)
    static let polls = 20
    static let pollInterval = TimeSpan.milliseconds(5)
}
