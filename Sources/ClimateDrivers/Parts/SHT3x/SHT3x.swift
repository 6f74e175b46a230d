import SensorCore

/// Sensirion SHT30, SHT31 and SHT35: temperature and humidity (datasheet SHT3x-DIS, version 7, December 2022).
///
/// Only the commands without clock stretching are used: the Raspberry Pi's adapter does not bear it.
enum SHT3x {
    static let parts = [
        part("sht30", "±0.2 Cel (0 to 65 Cel, typical)", "±2 %RH (10 to 90 %RH, typical)"),
        part("sht31", "±0.2 Cel (0 to 90 Cel, typical)", "±2 %RH (0 to 100 %RH, typical)"),
        part("sht35", "±0.1 Cel (20 to 60 Cel, typical)", "±1.5 %RH (0 to 80 %RH, typical)"),
    ]

    private static func part(_ name: String, _ temperature: String, _ humidity: String) -> ClimatePart {
        ClimatePart.sensirion(
            PartDescription(
                name: name, addresses: addresses,
                specifications: [
                    QuantitySpecification(
                        .temperature, in: -40...125, accuracy: temperature, source: "SHT3x-DIS datasheet, version 7, §1, table 2"),
                    // The part compensates it with its temperature (§4.13).
                    QuantitySpecification(
                        .humidity, in: 0...100, accuracy: humidity, source: "SHT3x-DIS datasheet, version 7, §1, table 1",
                        dependsOn: [.temperature]),
                ]),
            recognisedBy: Question.status,
            judge: {
                PartIdentity(
                    .likely,
                    "status 0x\(hexadecimal(UInt8($0[0] >> 8)))\(hexadecimal(UInt8($0[0] & 0xFF))); the SHT3x do not say which they are")
            },
            makeDriver: { _ in SHT3xDriver() })
    }

    /// ADDR low, ADDR high (§3.4, table 8).
    static let addresses = [0x44, 0x45].compactMap { I2CAddress($0) }

    enum Command {
        /// Single shot, high repeatability, no clock stretching (§4.3, table 9).
        static let measureHighRepeatability: UInt16 = 0x2400
        /// §4.9, table 14.
        static let softReset: UInt16 = 0x30A2
    }

    enum Question {
        /// §4.11, table 17.
        static let status = SensirionQuestion(UInt16(0xF32D), words: 1, "status")
    }

    /// §4.11, table 18: the heater is on.
    static let statusHeater: UInt16 = 1 << 13

    /// Soft reset, maximum 1.5 ms (§2.2, table 5).
    static let resetTime = TimeSpan.milliseconds(2)
    /// Least wait between two commands (§4.1).
    static let commandTime = TimeSpan.milliseconds(1)
    /// High repeatability, maximum 15.5 ms (§2.2, table 5).
    static let measurementTime = TimeSpan.microseconds(15_500)
    /// A busy part does not acknowledge a read (§4.4): it is asked again this often, this long apart.
    static let polls = 10
    static let pollInterval = TimeSpan.milliseconds(1)
}

/// The two formulas of the SHT3x, §4.13. Both words use the full 16 bits.
///
/// Worked value: words 0x6666 and 0x8000 give 25.00 °C and 50.00 %RH.
struct SHT3xConversion: Hashable, Sendable {
    /// °C, −45 to 130.
    var temperature: Double
    /// %RH, 0 to 100 by its formula.
    var humidity: Double

    init(temperatureWord: UInt16, humidityWord: UInt16) {
        temperature = SensirionTicks.temperature(temperatureWord)
        humidity = SensirionTicks.humidity(humidityWord)
    }
}
