import SensorCore

/// Texas Instruments TMP117: temperature (datasheet SNOSD82D, "TMP117 High-Accuracy, Low-Power, Digital Temperature
/// Sensor").
enum TMP117 {
    static let parts = [
        ClimatePart(
            description: PartDescription(
                name: "tmp117", addresses: addresses,
                specifications: [
                    QuantitySpecification(
                        .temperature, in: -55...150, accuracy: "±0.1 Cel (−20 to 50 Cel)", source: "SNOSD82D §6.5")
                ]),
            printedName: "TMP117",
            makeDriver: { _ in TMP117Driver() },
            identify: { part throws(SensorError) in
                let id = try part.read(2, at: Register.deviceID).bigEndian16(at: 0)
                return id & deviceIDMask == deviceID ? PartIdentity(.certain, "device id 0x117") : nil
            })
    ]

    /// ADD0 to ground, V+, SDA, SCL (§7.5.1, table 7-2).
    static let addresses = [0x48, 0x49, 0x4A, 0x4B].compactMap { I2CAddress($0) }

    /// §7.6, table 7-3.
    enum Register {
        static let temperature: UInt8 = 0x00
        static let configuration: UInt8 = 0x01
        static let deviceID: UInt8 = 0x0F
    }

    /// §7.6.10: the lower 12 bits; above them is the revision.
    static let deviceIDMask: UInt16 = 0x0FFF
    static let deviceID: UInt16 = 0x117

    /// §7.6.2, table 7-6: soft reset.
    static let softReset: UInt16 = 1 << 1
    /// One-shot (MOD 11), eight conversions averaged (AVG 01).
    static let oneShot: UInt16 = 0b11 << 10 | 0b01 << 5
    /// The bits of the configuration that tell a finished one-shot: data ready, shut down again (MOD 01), CONV 000, AVG
    /// 01, and those that are never set.
    static let finishedMask: UInt16 = 0x2FFF
    static let finished: UInt16 = 1 << 13 | 0b01 << 10 | 0b01 << 5

    /// Reset, §6.6: 2 ms.
    static let resetTime = TimeSpan.milliseconds(2)
    /// Eight conversions of at most 17.5 ms (§6.5).
    static let measurementTime = TimeSpan.milliseconds(140)
    static let polls = 10
    static let pollInterval = TimeSpan.milliseconds(5)

    /// What the register holds before the first conversion (§7.6.1): −256 °C.
    static let noConversion: UInt16 = 0x8000
}

/// §7.6.1: two's complement, 7.8125 m°C per count. Worked values (§7.3.1, table 7-1): 0x0C80 is 25 °C, 0xE480 −55 °C.
struct TMP117Conversion: Hashable, Sendable {
    /// °C.
    var temperature: Double

    init(word: UInt16) { temperature = Double(Int16(bitPattern: word)) * 0.0078125 }
}
