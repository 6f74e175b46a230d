import SensorCore

/// Sensirion SHT40, SHT41, SHT43 and SHT45: temperature and humidity, one command set (datasheet "SHT4x", version 6). The
/// SHT43 is one that was calibrated by a laboratory of ISO 17025 ("Device Overview").
///
/// The heater commands are not used: a reading under the heater is not one of the air.
enum SHT4x {
    static let parts = [
        part("sht40", "±0.2 Cel (typical)", "±1.8 %RH (typical)"),
        part("sht41", "±0.2 Cel (typical)", "±1.8 %RH (typical)"),
        part("sht43", "±0.2 Cel (typical)", "±1.8 %RH (typical)"),
        part("sht45", "±0.1 Cel (typical)", "±1.0 %RH (typical)"),
    ]

    private static func part(_ name: String, _ temperature: String, _ humidity: String) -> ClimatePart {
        ClimatePart.sensirion(
            PartDescription(
                name: name, addresses: addresses,
                specifications: [
                    QuantitySpecification(
                        .temperature, in: -40...125, accuracy: temperature, source: "SHT4x datasheet, version 6, §2.2"),
                    // The part compensates it with its own temperature.
                    QuantitySpecification(
                        .humidity, in: 0...100, accuracy: humidity, source: "SHT4x datasheet, version 6, §2.1",
                        dependsOn: [.temperature]),
                ]),
            recognisedBy: Question.serialNumber,
            judge: {
                let number = UInt32($0[0]) << 16 | UInt32($0[1])
                return PartIdentity(.likely, "serial number 0x\(String(number, radix: 16)); the SHT4x do not say which they are")
            },
            makeDriver: { _ in SHT4xDriver() })
    }

    /// A matter of the ordering code (-A…, -B…, -C…), §8.
    static let addresses = [0x44, 0x45, 0x46].compactMap { I2CAddress($0) }

    /// §4.5, table 8.
    enum Command {
        static let measureHighPrecision: UInt8 = 0xFD
        static let softReset: UInt8 = 0x94
    }

    enum Question {
        /// §4.5, table 8.
        static let serialNumber = SensirionQuestion(UInt8(0x89), words: 2, "serial number")
    }

    /// Soft reset, maximum (§3.1, table 5); also the least wait between two commands.
    static let resetTime = TimeSpan.milliseconds(1)
    /// High-precision measurement, maximum (§3.1, table 5).
    static let measurementTime = TimeSpan.microseconds(8_300)
    /// A busy part does not acknowledge a read (§4.1): it is asked again this often, this long apart.
    static let polls = 10
    static let pollInterval = TimeSpan.milliseconds(1)
}
