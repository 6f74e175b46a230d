public import SensorCore

/// A Rohm BH1750FVI (11046EDT01): power state, one-time and continuous high-resolution measurements.
public struct EmulatedBH1750: EmulatedI2CDevice {
    static let parts = [
        EmulatedVariant("bh1750", EmulatedBH1750())
    ]

    /// lx, as far as 0 to 54612 can be sent.
    public var illuminance = 1000.0
    public var conversionTime: TimeSpan?

    private var isOn = false
    private var isContinuous = false
    private var data: UInt16 = 0
    private var conversion: (ready: MonotonicInstant, word: UInt16)?

    public init() {}

    public mutating func powerUp(at now: MonotonicInstant) {
        isOn = false
        data = 0
        conversion = nil
    }

    public mutating func feel(_ quantity: Quantity, _ value: Double) {
        if quantity == .illuminance { illuminance = value }
    }

    public func value(of quantity: Quantity) -> Double? {
        quantity == .illuminance ? illuminance : nil
    }

    public func span(of quantity: Quantity) -> EmulatedSpan? {
        quantity == .illuminance ? EmulatedSpan(0...54_612, step: 1 / 1.2) : nil
    }

    public var longestConversion: TimeSpan { .milliseconds(220) }

    /// It has neither id nor ready flag: darkness.
    public func valueWhenDead(of quantity: Quantity) -> Double? { quantity == .illuminance ? 0 : nil }

    public mutating func write(_ bytes: [UInt8], at now: MonotonicInstant) -> Bool {
        settle(at: now)
        guard bytes.count == 1 else { return false }
        switch bytes[0] {
        case 0x00:
            isOn = false
            conversion = nil
        case 0x01: isOn = true
        case 0x07: if isOn { data = 0 }
        case 0x10, 0x11, 0x20, 0x21:
            isOn = true
            isContinuous = bytes[0] & 0x10 != 0
            conversion = (now + (conversionTime ?? .milliseconds(180)), converted)
        default: return false
        }
        return true
    }

    public mutating func read(_ count: Int, at now: MonotonicInstant) -> [UInt8]? {
        settle(at: now)
        return Array(RegisterWords.bytes(data, count: min(count, 2)))
    }

    private var converted: UInt16 { UInt16(max(0, min(65_535, (illuminance * 1.2).rounded()))) }

    private mutating func settle(at now: MonotonicInstant) {
        guard let finished = conversion, now >= finished.ready else { return }
        data = finished.word
        conversion = isContinuous ? (now + (conversionTime ?? .milliseconds(180)), converted) : nil
        isOn = isContinuous
    }
}
