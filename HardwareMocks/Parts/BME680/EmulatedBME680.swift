public import SensorCore

/// A Bosch BME680 (BST-BME680-DS001): registers, trimming, forced mode with its timing, gas conversion with its heater.
public struct EmulatedBME680: EmulatedI2CDevice {
    static let parts = [
        EmulatedVariant("bme680", EmulatedBME680()),
        EmulatedVariant("bme680", variant: "with gas", options: ["gas": .flag(true)], EmulatedBME680()),
    ]

    public let trimming: BME680Trimming
    /// °C; what the converter cannot express ends at its stop.
    public var temperature = 20.0
    /// Pa
    public var pressure = 100_000.0
    /// %RH
    public var humidity = 50.0
    /// Ohm
    public var gasResistance = 50_000.0
    public var chipID: UInt8 = 0x61
    /// 1 is a BME688.
    public var variant: UInt8 = 0
    /// Whether the heater reaches its target.
    public var heaterWorks = true
    public var conversionTime: TimeSpan?
    /// How long the heater has been on, in gas conversions.
    public private(set) var heatings = 0

    private var pointer: UInt8 = 0
    private var controlHumidity: UInt8 = 0
    private var controlMeasurement: UInt8 = 0
    private var controlGas0: UInt8 = 0
    private var controlGas1: UInt8 = 0
    private var others: [UInt8: UInt8] = [:]
    private var data: [UInt8] = Self.unmeasured
    private var gas: [UInt8] = [0, 0]
    private var hasNewData = false
    private var measurement: (ready: MonotonicInstant, data: [UInt8], gas: [UInt8])?

    private static let unmeasured: [UInt8] = [0x80, 0, 0, 0x80, 0, 0, 0x80, 0]

    public init(trimming: BME680Trimming = BME680Trimming()) { self.trimming = trimming }

    public mutating func powerUp(at now: MonotonicInstant) {
        pointer = 0
        (controlHumidity, controlMeasurement, controlGas0, controlGas1) = (0, 0, 0, 0)
        others = [:]
        data = Self.unmeasured
        gas = [0, 0]
        hasNewData = false
        measurement = nil
    }

    public mutating func feel(_ quantity: Quantity, _ value: Double) {
        switch quantity {
        case .temperature: temperature = value
        case .humidity: humidity = value
        case .pressure: pressure = value
        case .gasResistance: gasResistance = value
        default: break
        }
    }

    public func value(of quantity: Quantity) -> Double? {
        switch quantity {
        case .temperature: temperature
        case .humidity: humidity
        case .pressure: pressure
        case .gasResistance: gasResistance
        default: nil
        }
    }

    public func span(of quantity: Quantity) -> EmulatedSpan? {
        switch quantity {
        case .temperature: EmulatedSpan(-45...95, step: 0.01, tolerance: 0.011)
        case .humidity: EmulatedSpan(trimming.humidities(at: temperature), step: 0.01, tolerance: 0.08)
        case .pressure: EmulatedSpan(25_000...115_000, step: 0.2, tolerance: 12)
        case .gasResistance: EmulatedSpan(20_000...100_000, step: 200, tolerance: 400)
        default: nil
        }
    }

    public var longestConversion: TimeSpan { .milliseconds(130) }

    public mutating func write(_ bytes: [UInt8], at now: MonotonicInstant) -> Bool {
        settle(at: now)
        guard let first = bytes.first else { return true }
        pointer = first
        var index = 0
        while index + 1 < bytes.count {
            set(bytes[index], to: bytes[index + 1], at: now)
            index += 2
        }
        return true
    }

    public mutating func read(_ count: Int, at now: MonotonicInstant) -> [UInt8]? {
        settle(at: now)
        let bytes = (0..<count).map { register(pointer &+ UInt8(truncatingIfNeeded: $0)) }
        pointer = pointer &+ UInt8(truncatingIfNeeded: count)
        return bytes
    }

    private mutating func set(_ register: UInt8, to value: UInt8, at now: MonotonicInstant) {
        switch register {
        case 0xE0 where value == 0xB6: powerUp(at: now)
        case 0x70: controlGas0 = value
        case 0x71: controlGas1 = value
        case 0x72: controlHumidity = value
        case 0x74:
            controlMeasurement = value
            guard value & 0x03 == 0x01 else { break }
            hasNewData = false
            if runsGas { heatings += 1 }
            measurement = (now + time, converted, runsGas ? convertedGas : [0, 0])
        default: others[register] = value
        }
    }

    private var runsGas: Bool { controlGas1 & 0x10 != 0 && controlGas0 & 0x08 == 0 }

    private mutating func settle(at now: MonotonicInstant) {
        guard let finished = measurement, now >= finished.ready else { return }
        data = finished.data
        gas = finished.gas
        hasNewData = true
        controlMeasurement &= ~0x03
        measurement = nil
    }

    private func register(_ address: UInt8) -> UInt8 {
        switch address {
        case 0xD0: return chipID
        case 0xF0: return variant
        case 0x1D: return (hasNewData ? 0x80 : 0) | (measurement == nil ? 0 : (runsGas ? 0x40 : 0x20))
        case 0x1F...0x26: return data[Int(address - 0x1F)]
        case 0x2A: return gas[0]
        case 0x2B: return gas[1]
        case 0x70: return controlGas0
        case 0x71: return controlGas1
        case 0x72: return controlHumidity
        case 0x74: return controlMeasurement
        default: return trimming.register(address) ?? others[address] ?? 0
        }
    }

    private static func oversampling(_ bits: UInt8) -> Int64 { bits == 0 ? 0 : 1 << Int64(min(bits, 5) - 1) }

    private var time: TimeSpan {
        if let conversionTime { return conversionTime }
        let cycles =
            Self.oversampling(controlMeasurement >> 5) + Self.oversampling(controlMeasurement >> 2 & 0x07)
            + Self.oversampling(controlHumidity & 0x07)
        return .microseconds(1_963 * cycles + 477 * 9 + 500) + (runsGas ? .milliseconds(100) : .zero)
    }

    private var converted: [UInt8] {
        let raw = trimming.raw(temperature: temperature, pressure: pressure, humidity: humidity)
        let t = controlMeasurement >> 5 == 0 ? 0x80000 : raw.temperature
        let p = controlMeasurement >> 2 & 0x07 == 0 ? 0x80000 : raw.pressure
        let h = controlHumidity & 0x07 == 0 ? 0x8000 : raw.humidity
        func byte(_ value: Int64, _ shift: Int64) -> UInt8 { UInt8(truncatingIfNeeded: value >> shift) }
        return [
            byte(p, 12), byte(p, 4), byte(p << 4, 0), byte(t, 12), byte(t, 4), byte(t << 4, 0), byte(h, 8), byte(h, 0),
        ]
    }

    private var convertedGas: [UInt8] {
        let (raw, range) = trimming.gas(gasResistance)
        return [UInt8(raw >> 2), UInt8(raw & 0b11) << 6 | 0x20 | (heaterWorks ? 0x10 : 0) | UInt8(range)]
    }
}
