import SensorCore

/// Maxim DS3231: a clock that measures its temperature (datasheet 19-5170, revision 10). One that the kernel keeps time
/// by is read through the kernel. Whether its calendar was ever set does not matter here.
enum DS3231 {
    static let parts = [
        ClimatePart(
            description: PartDescription(
                name: "ds3231", addresses: addresses,
                specifications: [
                    QuantitySpecification(
                        .temperature, in: -40...85, accuracy: "±3 Cel", source: "19-5170 rev. 10, \"Electrical Characteristics\"")
                ]),
            printedName: "DS3231",
            kernelDriver: kernelDriver,
            makeDriver: { _ in DS3231Driver() },
            identify: { part throws(SensorError) in
                let frame = try part.read(registerCount, at: Register.seconds)
                guard hasFixedBits(frame) else { return nil }
                return isCalendar(frame)
                    ? PartIdentity(.likely, "registers of a running calendar")
                    : PartIdentity(.possible, "the fixed bits of a DS3231, but a calendar that nobody has set")
            })
    ]

    /// Fixed ("Slave Address Byte").
    static let addresses = [0x68].compactMap { I2CAddress($0) }

    /// Figure 1, "Timekeeping Registers".
    enum Register {
        static let seconds: UInt8 = 0x00
        static let control: UInt8 = 0x0E
        static let temperature: UInt8 = 0x11
    }
    /// 0x00 to 0x12.
    static let registerCount = 19

    /// Control: convert now.
    static let convert: UInt8 = 1 << 5
    /// Status: the conversion is running.
    static let busy: UInt8 = 1 << 2
    /// "AC Electrical Characteristics", tCONV, maximum.
    static let conversionTime = TimeSpan.milliseconds(200)
    static let polls = 10
    static let pollInterval = TimeSpan.milliseconds(10)

    /// What Linux' driver of the part calls itself, and where it gives the temperature, in m°C (kernel source,
    /// drivers/rtc/rtc-ds1307.c, `ds3231_hwmon_show_temp`).
    static let kernelDriver = "rtc-ds1307"
    static let kernelTemperature = "hwmon/*/temp1_input"

    /// Whether the registers from 0x00 on can be those of a DS3231: 20 bits of calendar, status and temperature are always 0
    /// (figure 1), whatever was written to them. A line that reads 0x00 or 0xFF all over is none. Day of the week, date and
    /// the rest of the calendar are the user's ("Clock and Calendar") and say nothing of the temperature.
    static func hasFixedBits(_ frame: I2CFrame) -> Bool {
        if frame.isFilled(with: 0x00) { return false }
        for (index, bits) in fixedBits where frame[index] & bits != 0 { return false }
        return true
    }

    /// Seconds, minutes, hours, day of the week, date, month, status, temperature.
    private static let fixedBits: [(register: Int, bits: UInt8)] = [
        (0x00, 0x80), (0x01, 0x80), (0x02, 0x80), (0x03, 0xF8), (0x04, 0xC0), (0x05, 0x60), (0x0F, 0x70), (0x12, 0x3F),
    ]

    /// Whether the registers from 0x00 on are a date and time: BCD within its limits.
    static func isCalendar(_ frame: I2CFrame) -> Bool {
        func isDecimal(_ index: Int, mask: UInt8, in range: ClosedRange<UInt8>) -> Bool {
            let value = frame[index] & mask
            let number = (value >> 4) * 10 + value & 0x0F
            return value & 0x0F <= 9 && range.contains(number)
        }
        let is24Hours = frame[2] & 0x40 == 0
        return isDecimal(0, mask: 0x7F, in: 0...59) && isDecimal(1, mask: 0x7F, in: 0...59)
            && isDecimal(2, mask: is24Hours ? 0x3F : 0x1F, in: is24Hours ? 0...23 : 1...12)
            && (1...7).contains(frame[3]) && isDecimal(4, mask: 0x3F, in: 1...31) && isDecimal(5, mask: 0x1F, in: 1...12)
            && isDecimal(6, mask: 0xFF, in: 0...99)
    }
}

/// "Temperature Registers": two's complement, 0.25 °C, in the upper ten bits. Worked value: 0x1940 is 25.25 °C.
struct DS3231Conversion: Hashable, Sendable {
    /// °C.
    var temperature: Double

    init(word: UInt16) { temperature = Double(Int16(bitPattern: word) >> 6) * 0.25 }
}
