import SensorCore

/// Sensirion SPS30: mass of particulates by size (datasheet "SPS30", version 1.0 D1, March 2020).
///
/// Its fan runs throughout: every start costs 30 s until the numbers can be relied on.
enum SPS30 {
    static let cleaning = PartOption(
        "cleaning", .time(.seconds(0)...(.seconds(31_536_000))), usual: .time(.seconds(604_800)),
        meaning: "how often the fan blows the dust out, besides once after the node's start; 0s never")

    static let parts = [
        ClimatePart.sensirion(
            PartDescription(
                name: "sps30", addresses: addresses,
                specifications: [
                    specification(.pm1, "±10 ug/m3 (0 to 100 ug/m3), ±10 % above"),
                    specification(.pm2_5, "±10 ug/m3 (0 to 100 ug/m3), ±10 % above", dependsOn: [.pm1]),
                    // The two are not weighed but estimated from the others (§1.1).
                    specification(.pm4, "±25 ug/m3 (0 to 100 ug/m3), ±25 % above", dependsOn: [.pm1, .pm2_5]),
                    specification(.pm10, "±25 ug/m3 (0 to 100 ug/m3), ±25 % above", dependsOn: [.pm1, .pm2_5]),
                ],
                options: [cleaning],
                timing: PartTiming(deadline: .seconds(3), startAllowance: .seconds(33), shortestPeriod: .seconds(2))),
            recognisedBy: Question.productType,
            judge: { isProductType($0) ? PartIdentity(.certain, "product type 00080000") : nil },
            makeDriver: { SPS30Driver(cleaningInterval: $0.time(cleaning)) })
    ]

    private static func specification(
        _ quantity: Quantity, _ accuracy: String, dependsOn: [Quantity] = []
    ) -> QuantitySpecification {
        QuantitySpecification(
            quantity, in: 0...1000, accuracy: accuracy, source: "SPS30 datasheet, version 1.0, §1.1", dependsOn: dependsOn)
    }

    /// Fixed (§6, table 12). The SEN5x have it too, but another product type.
    static let addresses = [0x69].compactMap { I2CAddress($0) }

    /// §6.3, table 13.
    enum Command {
        static let startMeasurement: UInt16 = 0x0010
        static let wakeUp: UInt16 = 0x1103
        static let startFanCleaning: UInt16 = 0x5607
        static let autoCleaningInterval: UInt16 = 0x8004
        static let reset: UInt16 = 0xD304
    }

    /// §6.3, table 13.
    enum Question {
        static let dataReady = SensirionQuestion(UInt16(0x0202), words: 1, "data-ready flag")
        static let measurement = SensirionQuestion(UInt16(0x0300), words: valueCount * 2, "measurement")
        static let cleaningInterval = SensirionQuestion(Command.autoCleaningInterval, words: 2, "cleaning interval")
        static let productType = SensirionQuestion(UInt16(0xD002), words: 4, "product type")
        static let version = SensirionQuestion(UInt16(0xD100), words: 1, "firmware version")
        static let status = SensirionQuestion(UInt16(0xD206), words: 2, "status")
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

/// The ten values of one measurement (§4.3, table 6): masses up to 1, 2.5, 4 and 10 µm in µg/m³, numbers up to 0.5, 1, 2.5, 4
/// and 10 µm per cm³, and the typical size in µm.
struct SPS30Values {
    static let masses = 0..<4
    static let numbers = 4..<9
    static let size = 9

    private let words: SensirionWords

    init(_ words: SensirionWords) { self.words = words }

    /// A negative zero is a zero.
    subscript(index: Int) -> Double { Double(words.float(at: index * 2)) + 0 }

    /// Why the values cannot all be of one air; nil when they can. Each mass and number holds the smaller sizes too, and there
    /// is no mass without particles, no particle without mass, and no size without particles.
    var contradiction: String? {
        for index in 0...Self.size where !(self[index] >= 0 && self[index].isFinite) {
            return "one of its values is \(self[index]), which is no amount"
        }
        for range in [Self.masses, Self.numbers] {
            for index in range.dropFirst() where self[index - 1] > self[index] * Self.rounding + Self.smallest {
                return "fewer particles up to a size (\(self[index])) than up to a smaller one (\(self[index - 1]))"
            }
        }
        let (mass, number) = (self[Self.masses.upperBound - 1], self[Self.numbers.upperBound - 1])
        let (hasMass, hasNumber) = (mass > 0, number > 0)
        if !hasNumber, mass > Self.leastMass { return "\(mass) ug/m3 of no particles" }
        if !hasMass, number > Self.leastNumber { return "\(number) particles per cm3 without a mass" }
        if !hasMass, !hasNumber, self[Self.size] > 0 { return "no particles, but of a size of \(self[Self.size]) um" }
        return nil
    }

    /// What its own rounding may turn round.
    private static let rounding = 1.001
    private static let smallest = 0.001
    /// µg/m³, and per cm³: what may be 0 of the one beside so little of the other.
    private static let leastMass = 0.5
    private static let leastNumber = 1.0
}
