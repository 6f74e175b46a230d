public import SensorCore

/// A Sensirion SHT30, SHT31 or SHT35 (datasheet SHT3x-DIS, version 7): single shots without clock stretching, status,
/// heater, reset.
///
/// Commands it does not know, and any but the reset while it measures, are not acknowledged; nor is a read before the
/// answer is there or without a command.
public struct EmulatedSHT3x: EmulatedI2CDevice {
    static let parts = [
        EmulatedVariant("sht30", EmulatedSHT3x()), EmulatedVariant("sht31", EmulatedSHT3x()),
        EmulatedVariant("sht35", EmulatedSHT3x()),
    ]

    /// °C, as far as −45 to 130 can be sent.
    public var temperature = 20.0
    /// %RH, as far as 0 to 100 can be sent.
    public var humidity = 50.0
    /// As somebody else may switch it on over the bus.
    public var isHeating = false
    public var conversionTime: TimeSpan?

    private var answer: (ready: MonotonicInstant, bytes: [UInt8])?
    private var awake = MonotonicInstant(nanoseconds: 0)
    private var hasBeenReset = true

    public init() {}

    public mutating func powerUp(at now: MonotonicInstant) {
        answer = nil
        isHeating = false
        hasBeenReset = true
        awake = now + .microseconds(1_500)
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
        case .humidity: EmulatedSpan(0...100, step: 100.0 / 65_535)
        default: nil
        }
    }

    public var longestConversion: TimeSpan { .milliseconds(20) }

    public mutating func write(_ bytes: [UInt8], at now: MonotonicInstant) -> Bool {
        guard now >= awake else { return false }
        // Half a command is forgotten with the STOP.
        if bytes.count == 1 { return true }
        guard bytes.count == 2 else { return false }
        let command = UInt16(bytes[0]) << 8 | UInt16(bytes[1])
        if command == 0x30A2 {
            powerUp(at: now)
            return true
        }
        if let answer, now < answer.ready { return false }
        switch command {
        case 0x2400: answer = (now + (conversionTime ?? .microseconds(15_500)), measured)
        case 0x240B: answer = (now + .microseconds(6_500), measured)
        case 0x2416: answer = (now + .microseconds(4_500), measured)
        case 0x306D: isHeating = true
        case 0x3066: isHeating = false
        case 0x3041: hasBeenReset = false
        case 0xF32D:
            answer = (now, SensirionBytes.frame([(isHeating ? 1 << 13 : 0) | (hasBeenReset ? 1 << 4 : 0)]))
        default: return false
        }
        return true
    }

    public mutating func read(_ count: Int, at now: MonotonicInstant) -> [UInt8]? {
        guard let answer, now >= answer.ready else { return nil }
        self.answer = nil
        return Array(answer.bytes.prefix(count))
    }

    private var measured: [UInt8] {
        SensirionBytes.frame([SensirionBytes.word((temperature + 45) / 175), SensirionBytes.word(humidity / 100)])
    }
}
