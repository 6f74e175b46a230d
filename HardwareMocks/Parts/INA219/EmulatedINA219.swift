public import SensorCore

/// A Texas Instruments INA219 (SBOS448G): triggered and continuous measurements of bus and shunt voltage, conversion-ready
/// flag. Its calibration, current and power registers are not emulated.
public struct EmulatedINA219: EmulatedI2CDevice {
    static let parts = [
        EmulatedVariant("ina219", EmulatedINA219())
    ]

    /// V, as far as 0 to 32.76 can be sent.
    public var voltage = 5.0
    /// A through `shunt`.
    public var current = 0.5
    /// Ohm.
    public var shunt = 0.1
    public var conversionTime: TimeSpan?

    private var registers = RegisterWords()
    private var configuration: UInt16 = 0x399F
    private var bus: UInt16 = 0
    private var shuntVoltage: UInt16 = 0
    private var ready: MonotonicInstant?

    public init() {}

    public mutating func powerUp(at now: MonotonicInstant) {
        registers = RegisterWords()
        bus = 0
        shuntVoltage = 0
        configure(0x399F, at: now)
    }

    public mutating func feel(_ quantity: Quantity, _ value: Double) {
        switch quantity {
        case .voltage: voltage = value
        case .current: current = value
        default: break
        }
    }

    public func value(of quantity: Quantity) -> Double? {
        switch quantity {
        case .voltage: voltage
        case .current: current
        case .power: voltage * current
        default: nil
        }
    }

    public func span(of quantity: Quantity) -> EmulatedSpan? {
        switch quantity {
        case .voltage: EmulatedSpan(0...32.764, step: 0.004)
        case .current: EmulatedSpan(-0.3199 / shunt...0.3199 / shunt, step: 10e-6 / shunt)
        case .power: // Counts of both, at most.
            EmulatedSpan(voltage * current...voltage * current, step: 0.004 * current.magnitude + voltage * 10e-6 / shunt)
        default: nil
        }
    }

    public var longestConversion: TimeSpan { .milliseconds(14) }

    public mutating func write(_ bytes: [UInt8], at now: MonotonicInstant) -> Bool {
        settle(at: now)
        guard let (register, word) = registers.take(bytes), register == 0x00 else { return true }
        if word & 0x8000 != 0 {
            powerUp(at: now)
            registers.pointer = register
        } else {
            configure(word, at: now)
        }
        return true
    }

    public mutating func read(_ count: Int, at now: MonotonicInstant) -> [UInt8]? {
        settle(at: now)
        switch registers.pointer {
        case 0x00: return RegisterWords.bytes(configuration, count: count)
        case 0x01: return RegisterWords.bytes(shuntVoltage, count: count)
        case 0x02: return RegisterWords.bytes(bus, count: count)
        default: return RegisterWords.bytes(0, count: count)
        }
    }

    private mutating func configure(_ word: UInt16, at now: MonotonicInstant) {
        configuration = word
        bus &= ~0b10
        ready = word & 0b111 == 0 ? nil : now + (conversionTime ?? .microseconds(9_360))
    }

    private mutating func settle(at now: MonotonicInstant) {
        guard let moment = ready, now >= moment else { return }
        bus = UInt16(max(0, min(8_191, (voltage / 0.004).rounded()))) << 3 | 0b10
        // ±320 mV with PGA /8, ±40 mV with /1.
        let stop = 4_000 * Double(1 << (configuration >> 11 & 0b11))
        let counts = max(-stop, min(stop, (current * shunt / 10e-6).rounded()))
        shuntVoltage = UInt16(bitPattern: Int16(counts))
        if configuration & 0b100 == 0 { ready = nil }
    }
}
