public import SensorCore

/// A Sensirion SHT40, SHT41, SHT43 or SHT45 (datasheet "SHT4x", version 6): commands, timing, CRC.
///
/// Commands it does not know, and any but the reset while it measures, are not acknowledged; nor is a read before
/// the answer is there or without a command. The heater commands are not emulated: they are refused.
public struct EmulatedSHT4x: EmulatedI2CDevice {
    static let parts = [
        EmulatedVariant("sht40", EmulatedSHT4x()), EmulatedVariant("sht41", EmulatedSHT4x()),
        EmulatedVariant("sht43", EmulatedSHT4x()), EmulatedVariant("sht45", EmulatedSHT4x()),
    ]

    /// °C, as far as −45 to 130 can be sent.
    public var temperature = 20.0
    /// %RH, as far as −6 to 119 can be sent.
    public var humidity = 50.0
    public var serialNumber: UInt32 = 0x0FBA_7C4D
    /// Of the high-precision measurement; nil is the datasheet's maximum, 8.3 ms.
    public var conversionTime: TimeSpan?

    private var answer: (ready: MonotonicInstant, bytes: [UInt8])?
    /// Busy with a reset or power-up until then.
    private var awake = MonotonicInstant(nanoseconds: 0)

    public init() {}

    public mutating func powerUp(at now: MonotonicInstant) {
        answer = nil
        awake = now + .milliseconds(1)
    }

    public mutating func write(_ bytes: [UInt8], at now: MonotonicInstant) -> Bool {
        guard now >= awake, bytes.count == 1 else { return false }
        if bytes[0] == 0x94 {
            powerUp(at: now)
            return true
        }
        if let answer, now < answer.ready { return false }
        switch bytes[0] {
        case 0xFD: answer = (now + (conversionTime ?? .microseconds(8_300)), measured)
        case 0xF6: answer = (now + .microseconds(4_500), measured)
        case 0xE0: answer = (now + .microseconds(1_600), measured)
        case 0x89:
            answer = (now, SensirionBytes.frame([UInt16(serialNumber >> 16), UInt16(truncatingIfNeeded: serialNumber)]))
        default: return false
        }
        return true
    }

    public mutating func read(_ count: Int, at now: MonotonicInstant) -> [UInt8]? {
        guard let answer, now >= answer.ready else { return nil }
        self.answer = nil
        return Array(answer.bytes.prefix(count))
    }

    public mutating func feel(_ quantity: Quantity, _ value: Double) {
        switch quantity {
        case .temperature: temperature = value
        case .humidity: humidity = value
        default: break
        }
    }

    public func value(of quantity: Quantity) -> Double? {
        switch quantity {
        case .temperature: temperature
        case .humidity: humidity
        default: nil
        }
    }

    public func span(of quantity: Quantity) -> EmulatedSpan? {
        switch quantity {
        case .temperature: EmulatedSpan(-45...130, step: 175.0 / 65_535)
        case .humidity: EmulatedSpan(-6...119, step: 125.0 / 65_535)
        default: nil
        }
    }

    public var longestConversion: TimeSpan { .milliseconds(14) }

    private var measured: [UInt8] {
        SensirionBytes.frame([SensirionBytes.word((temperature + 45) / 175), SensirionBytes.word((humidity + 6) / 125)])
    }
}
