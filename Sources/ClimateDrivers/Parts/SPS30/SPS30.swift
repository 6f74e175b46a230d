import SensorCore

/// Sensirion SPS30: mass of particulates by size (datasheet "SPS30", version 1.0 D1, March 2020).
///
/// Its fan runs throughout: every start costs 30 s until the numbers can be relied on.
enum SPS30 {
    static let cleaning = PartOption(
        "cleaning", .time(.seconds(0)...(.seconds(31_536_000))), usual: 604_800,
        meaning: "how often the fan blows the dust out, besides once after the node's start; 0s never")

    static let parts = [
        ClimatePart(
            description: PartDescription(
                name: "sps30", addresses: addresses,
                specifications: [
                    specification(.pm1, "±10 ug/m3 (0 to 100 ug/m3), ±10 % above"),
                    specification(.pm2_5, "±10 ug/m3 (0 to 100 ug/m3), ±10 % above"),
                    specification(.pm4, "±25 ug/m3 (0 to 100 ug/m3), ±25 % above"),
                    specification(.pm10, "±25 ug/m3 (0 to 100 ug/m3), ±25 % above"),
                ],
                options: [cleaning],
                timing: PartTiming(deadline: .seconds(3), startAllowance: .seconds(33), shortestPeriod: .seconds(2))),
            printedName: "SPS30",
            makeDriver: { SPS30Driver(cleaningInterval: $0.time(cleaning)) },
            ask: { part throws(SensorError) in try part.send(command: Command.readProductType) },
            identify: { part throws(SensorError) in
                let words = try part.readWords(4, "product type")
                return isProductType(words) ? PartIdentity(.certain, "product type 00080000") : nil
            })
    ]

    private static func specification(_ quantity: Quantity, _ accuracy: String) -> QuantitySpecification {
        QuantitySpecification(quantity, in: 0...1000, accuracy: accuracy, source: "SPS30 datasheet, version 1.0, §1.1")
    }

    /// Fixed (§6, table 12). The SEN5x have it too, but another product type.
    static let addresses = [0x69].compactMap { I2CAddress($0) }

    /// §6.3, table 13.
    enum Command {
        static let startMeasurement: UInt16 = 0x0010
        static let readDataReady: UInt16 = 0x0202
        static let readMeasurement: UInt16 = 0x0300
        static let wakeUp: UInt16 = 0x1103
        static let startFanCleaning: UInt16 = 0x5607
        static let autoCleaningInterval: UInt16 = 0x8004
        static let readProductType: UInt16 = 0xD002
        static let readVersion: UInt16 = 0xD100
        static let readStatus: UInt16 = 0xD206
        static let reset: UInt16 = 0xD304
    }

    /// "Big-endian IEEE754 float values" (§6.3.1).
    static let floatFormat: UInt16 = 0x0300
    /// §6.3.10: "00080000" in ASCII.
    static func isProductType(_ words: SensirionWords) -> Bool {
        words[0] == 0x3030 && words[1] == 0x3038 && words[2] == 0x3030 && words[3] == 0x3030
    }
    /// The status register came with firmware 2.2 (§6.3.13).
    static let firstVersionWithStatus: UInt16 = 0x0202

    /// §4.4, in the first of its two words: the fan is not at its speed.
    static let statusSpeed: UInt16 = 1 << (21 - 16)
    /// In the second word: laser, fan.
    static let statusLaser: UInt16 = 1 << 5
    static let statusFan: UInt16 = 1 << 4

    /// §6.3, table 13: at most 20 ms; reset at most 100 ms.
    static let commandTime = TimeSpan.milliseconds(20)
    static let resetTime = TimeSpan.milliseconds(100)
    /// Start-up time in clean air, §1.1, table 1.
    static let startUpTime = TimeSpan.seconds(30)
    /// §4.2: ten seconds at full speed; then as long as clean air needs anew.
    static let cleaningTime = TimeSpan.seconds(40)
    /// A measurement comes every second.
    static let polls = 15
    static let pollInterval = TimeSpan.milliseconds(100)

    /// Float values of one measurement: four masses, five numbers, one size (§4.3, table 6).
    static let valueCount = 10
}
