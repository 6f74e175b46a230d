public import SensorCore

/// A Texas Instruments TCA9548A (SCPS207H): one control register, a bit per channel. Which parts are behind it is the
/// bus's business.
public struct EmulatedTCA9548A: EmulatedI2CDevice {
    static let parts = [EmulatedVariant("tca9548a", EmulatedTCA9548A())]

    /// A bit per open channel.
    public private(set) var openChannels: UInt8 = 0
    private var control: UInt8 = 0
    public var conversionTime: TimeSpan?

    public init() {}

    public mutating func powerUp(at now: MonotonicInstant) {
        control = 0
        openChannels = 0
    }

    public mutating func write(_ bytes: [UInt8], at now: MonotonicInstant) -> Bool {
        // The last byte holds.
        if let last = bytes.last { control = last }
        return true
    }

    public mutating func read(_ count: Int, at now: MonotonicInstant) -> [UInt8]? {
        [UInt8](repeating: control, count: count)
    }

    /// Channels open with the STOP of a transfer.
    public mutating func stop() { openChannels = control }

    /// It measures nothing.
    public mutating func feel(_ quantity: Quantity, _ value: Double) {}
    public func value(of quantity: Quantity) -> Double? { nil }
    public func span(of quantity: Quantity) -> EmulatedSpan? { nil }
    public var longestConversion: TimeSpan { .zero }
}
