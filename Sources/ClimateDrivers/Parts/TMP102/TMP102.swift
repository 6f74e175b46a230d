import SensorCore

/// Texas Instruments TMP102: temperature (datasheet SBOS397I, June 2024).
enum TMP102 {
    static let parts = [
        ClimatePart(
            description: PartDescription(
                name: "tmp102", addresses: addresses,
                specifications: [
                    QuantitySpecification(
                        .temperature, in: -40...125, accuracy: "±2 Cel (−25 to 85 Cel), ±3 Cel beyond", source: "SBOS397I §5.5")
                ]),
            printedName: "TMP102",
            makeDriver: { _ in TMP102Driver() },
            identify: { part throws(SensorError) in
                let configuration = try part.read(2, at: Register.configuration).bigEndian16(at: 0)
                let low = try part.read(2, at: Register.lowLimit).bigEndian16(at: 0)
                let high = try part.read(2, at: Register.highLimit).bigEndian16(at: 0)
                let haveLimits = (low | high) & unusedBits == 0 && Int16(bitPattern: low) < Int16(bitPattern: high)
                return hasFixedBits(configuration) && haveLimits
                    ? PartIdentity(.likely, "bits of its configuration that never change, and two limits") : nil
            })
    ]

    /// ADD0 to ground, V+, SDA, SCL (§6.3.4, table 6-4).
    static let addresses = [0x48, 0x49, 0x4A, 0x4B].compactMap { I2CAddress($0) }

    /// §6.5.1, table 6-7.
    enum Register {
        static let temperature: UInt8 = 0b00
        static let configuration: UInt8 = 0b01
        static let lowLimit: UInt8 = 0b10
        static let highLimit: UInt8 = 0b11
    }

    /// Configuration (§6.5.3, tables 6-10 and 6-11): resolution 11, which is read only, and shut down (SD); the conversion rate
    /// is the usual one and means nothing then.
    static let shutDown: UInt16 = 0b11 << 13 | 1 << 8 | 0b10 << 6
    /// Start a single conversion (OS); reads 0 while it runs and 1 after it (§6.4.4).
    static let oneShot: UInt16 = 1 << 15
    /// All of the configuration but the alert bit.
    static let finishedMask: UInt16 = ~(1 << 5)
    static let finished: UInt16 = oneShot | shutDown

    /// The lower four bits of each register are unused and read 0 in normal mode (§6.3.1, §6.5.3).
    static let unusedBits: UInt16 = 0x000F
    /// No other part and no dead line has both: resolution 11, unused bits 0.
    static func hasFixedBits(_ configuration: UInt16) -> Bool {
        configuration & 0b11 << 13 == 0b11 << 13 && configuration & unusedBits == 0
    }

    /// Conversion time, maximum (§5.5).
    static let conversionTime = TimeSpan.milliseconds(15)
    static let polls = 10
    static let pollInterval = TimeSpan.milliseconds(2)
}

/// §6.3.1: two's complement in the upper twelve bits, 0.0625 °C per count. Worked values (table 6-2): 0x1900 is 25 °C, 0xC900
/// −55 °C.
struct TMP102Conversion: Hashable, Sendable {
    /// °C.
    var temperature: Double

    init(word: UInt16) { temperature = Double(Int16(bitPattern: word) >> 4) * 0.0625 }
}

/// Reads a TMP102, one single conversion per reading; shut down in between. It has no reset of its own and no id.
struct TMP102Driver: ClimateDriver {
    mutating func start(_ step: Int, _ part: PartLink) throws(SensorError) -> DriverStep {
        guard step == 0 else { return .done }
        if let frame = try part.readIfRecorded(2, at: TMP102.Register.configuration),
            !TMP102.hasFixedBits(frame.bigEndian16(at: 0))
        {
            throw part.error(
                .wrongPart,
                "found another part where tmp102 is configured, or a dead line (configuration 0x\(hexadecimal(frame[0]))\(hexadecimal(frame[1])))"
            )
        }
        try part.write(word: TMP102.shutDown, to: TMP102.Register.configuration)
        // A conversion that runs is finished first (§6.4.3).
        return .next(after: TMP102.conversionTime)
    }

    mutating func measure(_ step: Int, _ part: PartLink, into reading: inout PartReading) throws(SensorError) -> DriverStep {
        if step == 0 {
            try part.write(word: TMP102.shutDown | TMP102.oneShot, to: TMP102.Register.configuration)
            return .next(after: TMP102.conversionTime)
        }
        // All of it is compared: a part that lost its power has converted on its own, and a dead line would be "ready".
        if let frame = try part.readAgreeingIfRecorded(2, at: TMP102.Register.configuration),
            frame.bigEndian16(at: 0) & TMP102.finishedMask != TMP102.finished
        {
            return try part.poll(
                step, every: TMP102.pollInterval, limit: TMP102.polls,
                part.error(
                    .notReady, "its configuration reads 0x\(hexadecimal(frame[0]))\(hexadecimal(frame[1])): no finished conversion"))
        }
        let word = try part.readAgreeing(2, at: TMP102.Register.temperature).bigEndian16(at: 0)
        if word & TMP102.unusedBits != 0 { throw part.error(.bus, "bits of the temperature that are always 0 are not") }
        reading.give(Measurement(.temperature, TMP102Conversion(word: word).temperature))
        return .done
    }
}
