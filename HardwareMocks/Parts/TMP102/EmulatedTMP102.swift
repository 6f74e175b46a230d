public import SensorCore

/// A Texas Instruments TMP102 (SBOS397I): continuous and single conversions in 12 bits, shutdown, limits. Its alert is not
/// emulated.
public struct EmulatedTMP102: EmulatedI2CDevice {
    static let parts = [EmulatedVariant("tmp102", EmulatedTMP102())]

    /// °C, as far as −128 to 127.9375 can be sent.
    public var temperature = 20.0
    public var conversionTime: TimeSpan?

    private var pointer: UInt8 = 0
    private var configuration: UInt16 = Self.initialConfiguration
    private var limits: [UInt16] = Self.initialLimits
    private var result: UInt16 = 0
    private var conversion: (ready: MonotonicInstant, word: UInt16)?

    /// Resolution 11, four conversions a second, no alert.
    private static let initialConfiguration: UInt16 = 0x60A0
    /// 75 and 80 °C.
    private static let initialLimits: [UInt16] = [0x4B00, 0x5000]
    /// Resolution, alert and the unused bits are read only; the one-shot bit is none that is kept.
    private static let writable: UInt16 = 0x1FD0

    public init() {}

    public mutating func powerUp(at now: MonotonicInstant) {
        pointer = 0
        configuration = Self.initialConfiguration
        limits = Self.initialLimits
        result = 0
        conversion = (now + time, converted)
    }

    public mutating func feel(_ quantity: Quantity, _ value: Double) {
        if quantity == .temperature { temperature = value }
    }

    public func value(of quantity: Quantity) -> Double? { quantity == .temperature ? temperature : nil }

    public func span(of quantity: Quantity) -> EmulatedSpan? {
        quantity == .temperature ? EmulatedSpan(-128...127.9375, step: 0.0625) : nil
    }

    public var longestConversion: TimeSpan { .milliseconds(30) }

    public mutating func write(_ bytes: [UInt8], at now: MonotonicInstant) -> Bool {
        settle(at: now)
        guard let first = bytes.first else { return true }
        // Only the lower two bits are looked at.
        pointer = first & 0b11
        // Registers change byte by byte as they come.
        for (index, byte) in bytes.dropFirst().prefix(2).enumerated() { set(byte, isHigh: index == 0, at: now) }
        return true
    }

    public mutating func read(_ count: Int, at now: MonotonicInstant) -> [UInt8]? {
        settle(at: now)
        switch pointer {
        case 0b00: return RegisterWords.bytes(result, count: count)
        case 0b01: return RegisterWords.bytes(configuration | (isShutDown && conversion == nil ? 1 << 15 : 0), count: count)
        default: return RegisterWords.bytes(limits[Int(pointer) - 2], count: count)
        }
    }

    private var isShutDown: Bool { configuration & 1 << 8 != 0 }

    private mutating func set(_ byte: UInt8, isHigh: Bool, at now: MonotonicInstant) {
        func joined(_ word: UInt16) -> UInt16 { isHigh ? UInt16(byte) << 8 | word & 0x00FF : word & 0xFF00 | UInt16(byte) }
        guard pointer == 0b01 else {
            if pointer > 0b01 { limits[Int(pointer) - 2] = joined(limits[Int(pointer) - 2]) & 0xFFF0 }
            return
        }
        configuration = configuration & ~Self.writable | joined(configuration) & Self.writable
        let isAskedFor = isHigh && byte & 0x80 != 0
        if conversion == nil, !isShutDown || isAskedFor { conversion = (now + time, converted) }
    }

    private var time: TimeSpan { conversionTime ?? .milliseconds(15) }

    private var converted: UInt16 {
        UInt16(bitPattern: Int16(max(-2_048, min(2_047, (temperature / 0.0625).rounded()))) << 4)
    }

    private mutating func settle(at now: MonotonicInstant) {
        guard let finished = conversion, now >= finished.ready else { return }
        result = finished.word
        conversion = isShutDown ? nil : (now + time, converted)
    }
}
