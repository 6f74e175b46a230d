import SensorCore

/// Maxim DS3231: a clock that measures its temperature (datasheet 19-5170, revision 10). One that the kernel keeps time
/// by is read through the kernel.
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
            makeDriver: { _ in DS3231Driver() },
            identify: { part throws(SensorError) in
                isClock(try part.read(registerCount, at: Register.seconds)) ? PartIdentity(.likely, "registers of a running calendar") : nil
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

    /// Whether the registers from 0x00 on can be those of the calendar: BCD within its limits, bits that are always 0,
    /// and a temperature whose lower six bits are 0. A line that reads 0x00 or 0xFF all over is none.
    static func isClock(_ frame: I2CFrame) -> Bool {
        func isDecimal(_ index: Int, mask: UInt8, in range: ClosedRange<UInt8>) -> Bool {
            let value = frame[index] & mask
            let number = (value >> 4) * 10 + value & 0x0F
            return frame[index] & ~mask == 0 && value & 0x0F <= 9 && range.contains(number)
        }
        let hour = frame[2] & 0x40 == 0 ? isDecimal(2, mask: 0x3F, in: 0...23) : frame[2] & 0x80 == 0
        return isDecimal(0, mask: 0x7F, in: 0...59) && isDecimal(1, mask: 0x7F, in: 0...59) && hour
            && (1...7).contains(frame[3]) && isDecimal(4, mask: 0x3F, in: 1...31)
            && frame[5] & 0x60 == 0 && (1...12).contains((frame[5] >> 4 & 1) * 10 + frame[5] & 0x0F)
            && isDecimal(6, mask: 0xFF, in: 0...99) && frame[18] & 0x3F == 0
    }
}

/// "Temperature Registers": two's complement, 0.25 °C, in the upper ten bits. Worked value: 0x1940 is 25.25 °C.
struct DS3231Conversion: Hashable, Sendable {
    /// °C.
    var temperature: Double

    init(word: UInt16) { temperature = Double(Int16(bitPattern: word) >> 6) * 0.25 }
}
