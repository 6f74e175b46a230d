public import SensorCore

/// A Maxim DS3231 (19-5170, revision 10): a calendar that stands still, and temperature conversions on demand.
public struct EmulatedDS3231: EmulatedI2CDevice {
    static let parts = [
        EmulatedVariant("ds3231", EmulatedDS3231())
    ]

    /// °C, as far as ±128 can be sent.
    public var temperature = 20.0
    public var conversionTime: TimeSpan?
    /// Seconds to year as they are in the registers; a part that nobody has set holds what it likes, but for the bits that
    /// are always 0.
    public var calendar: [UInt8] = [0x56, 0x34, 0x12, 0x02, 0x21, 0x07, 0x26]

    private var registers: [UInt8] = Self.initial
    private var pointer: UInt8 = 0
    private var conversion: (ready: MonotonicInstant, word: UInt16)?

    /// Tuesday, 21 July 2026, 12:34:56, alarms and control as after power-up.
    private static let initial: [UInt8] = [
        0x56, 0x34, 0x12, 0x02, 0x21, 0x07, 0x26, 0, 0, 0, 0, 0, 0, 0, 0x1C, 0x88, 0x00, 0x14, 0x00,
    ]

    public init() {}

    public mutating func powerUp(at now: MonotonicInstant) {
        registers = Self.initial
        registers.replaceSubrange(0..<calendar.count, with: calendar)
        pointer = 0
        conversion = nil
    }

    public mutating func feel(_ quantity: Quantity, _ value: Double) {
        if quantity == .temperature { temperature = value }
    }

    public func value(of quantity: Quantity) -> Double? {
        quantity == .temperature ? temperature : nil
    }

    public func span(of quantity: Quantity) -> EmulatedSpan? {
        quantity == .temperature ? EmulatedSpan(-128...127.75, step: 0.25) : nil
    }

    public var longestConversion: TimeSpan { .milliseconds(270) }

    public mutating func write(_ bytes: [UInt8], at now: MonotonicInstant) -> Bool {
        settle(at: now)
        guard let first = bytes.first else { return true }
        pointer = first % 19
        for byte in bytes.dropFirst() {
            // Temperature is read only.
            if pointer < 0x11 { registers[Int(pointer)] = byte }
            if pointer == 0x0E, byte & 0x20 != 0, conversion == nil {
                let counts = max(-512, min(511, (temperature / 0.25).rounded()))
                conversion = (now + (conversionTime ?? .milliseconds(200)), UInt16(bitPattern: Int16(counts)) << 6)
                registers[0x0F] |= 0x04
            }
            pointer = (pointer + 1) % 19
        }
        return true
    }

    public mutating func read(_ count: Int, at now: MonotonicInstant) -> [UInt8]? {
        settle(at: now)
        return (0..<count).map { _ in
            defer { pointer = (pointer + 1) % 19 }
            return registers[Int(pointer)]
        }
    }

    private mutating func settle(at now: MonotonicInstant) {
        guard let finished = conversion, now >= finished.ready else { return }
        registers[0x11] = UInt8(finished.word >> 8)
        registers[0x12] = UInt8(finished.word & 0xFF)
        registers[0x0E] &= ~0x20
        registers[0x0F] &= ~0x04
        conversion = nil
    }
}
