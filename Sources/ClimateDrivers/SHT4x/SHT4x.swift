import SensorCore

/// Sensirion SHT40, SHT41 and SHT45: temperature and humidity, one command set (datasheet "SHT4x", version 6).
///
/// The heater commands are not used: a reading under the heater is not one of the air.
enum SHT4x {
    static let parts = ["sht40", "sht41", "sht45"].map { name in
        ClimatePart(
            description: PartDescription(name: name, addresses: addresses, quantities: [.temperature, .humidity]),
            makeDriver: { SHT4xDriver(part: name, address: $0) })
    }

    /// A matter of the ordering code (-A…, -B…, -C…), §8.
    static let addresses = [0x44, 0x45, 0x46].compactMap { I2CAddress($0) }

    /// §4.5, table 8.
    enum Command {
        static let measureHighPrecision: UInt8 = 0xFD
        static let readSerialNumber: UInt8 = 0x89
        static let softReset: UInt8 = 0x94
    }

    /// Every answer is two words of two bytes, each followed by its CRC (§4.3).
    static let frameLength = 6
    /// §4.4. Worked value: 0xBEEF gives 0x92.
    static let crc = CRC8(polynomial: 0x31, initialValue: 0xFF)

    /// Soft reset, maximum (§3.1, table 5); also the least wait between two commands.
    static let resetTime = TimeSpan.milliseconds(1)
    /// High-precision measurement, maximum (§3.1, table 5).
    static let measurementTime = TimeSpan.microseconds(8_300)
    /// A busy part does not acknowledge a read (§4.1): it is asked again this often, this long apart.
    static let polls = 10
    static let pollInterval = TimeSpan.milliseconds(1)

    /// Operating range, §2.2, in °C. The formula itself spans −45 to 130 °C.
    static let temperatureRange = -40.0...125.0
}
