public import SensorCore

/// A Bosch BME280 or BMP280 (datasheets BST-BME280-DS002, BST-BMP280-DS001): registers, trimming coefficients, forced
/// and normal mode with their timing.
///
/// Set `temperature`, `pressure` and `humidity`; the next measurement converts them back to what the converter would
/// have delivered. The way back is a search over the datasheet's integer formulas, so it shares nothing with a driver
/// that uses the floating-point ones; both agree within 0.01 °C, 1 Pa and 0.02 %RH.
public struct EmulatedBME280: EmulatedI2CDevice {
    static let parts = [
        EmulatedVariant("bme280", EmulatedBME280()),
        EmulatedVariant("bme280", variant: "with negative coefficients", EmulatedBME280(coefficients: .negative)),
        EmulatedVariant("bmp280", EmulatedBME280(chip: .bmp280)),
    ]

    public enum Chip: Sendable {
        case bme280
        case bmp280
        /// Any other content of the id register.
        case other(UInt8)

        var id: UInt8 {
            switch self {
            case .bme280: 0x60
            case .bmp280: 0x58
            case .other(let id): id
            }
        }
    }

    public let chip: Chip
    public let coefficients: BME280Coefficients
    /// °C; what the converter cannot express ends at its stop.
    public var temperature = 20.0
    /// Pa.
    public var pressure = 100_000.0
    /// %RH; also beyond 0 to 100, which a real part's drift can pretend.
    public var humidity = 50.0
    /// The converter's time for one measurement; nil is the datasheet's maximum for the settings (BME280 §9.1).
    public var conversionTime: TimeSpan?

    private var pointer: UInt8 = 0
    private var controlHumidity: UInt8 = 0
    /// `ctrl_hum` as the last write to `ctrl_meas` put it into effect.
    private var activeHumidity: UInt8 = 0
    private var controlMeasurement: UInt8 = 0
    private var configuration: UInt8 = 0
    private var data: [UInt8] = Self.unmeasured
    private var measurement: (ready: MonotonicInstant, data: [UInt8])?
    private var copiedAt = MonotonicInstant(nanoseconds: 0)

    /// Every output "skipped".
    private static let unmeasured: [UInt8] = [0x80, 0, 0, 0x80, 0, 0, 0x80, 0]
    private static let startUpTime = TimeSpan.milliseconds(2)

    public init(chip: Chip = .bme280, coefficients: BME280Coefficients = .example) {
        self.chip = chip
        self.coefficients = coefficients
    }

    public mutating func powerUp(at now: MonotonicInstant) {
        pointer = 0
        controlHumidity = 0
        activeHumidity = 0
        controlMeasurement = 0
        configuration = 0
        data = Self.unmeasured
        measurement = nil
        copiedAt = now + Self.startUpTime
    }

    public mutating func write(_ bytes: [UInt8], at now: MonotonicInstant) -> Bool {
        settle(at: now)
        guard let first = bytes.first else { return true }
        pointer = first
        // Pairs of register and value (BME280 §6.2.1); the pointer stays where it was put.
        var index = 0
        while index + 1 < bytes.count {
            set(bytes[index], to: bytes[index + 1], at: now)
            index += 2
        }
        return true
    }

    public mutating func read(_ count: Int, at now: MonotonicInstant) -> [UInt8]? {
        settle(at: now)
        let bytes = (0..<count).map { register(pointer &+ UInt8(truncatingIfNeeded: $0), at: now) }
        pointer = pointer &+ UInt8(truncatingIfNeeded: count)
        return bytes
    }

    public mutating func feel(_ quantity: Quantity, _ value: Double) {
        switch quantity {
        case .temperature: temperature = value
        case .humidity: humidity = value
        case .pressure: pressure = value
        default: break
        }
    }

    public func value(of quantity: Quantity) -> Double? {
        switch quantity {
        case .temperature: temperature
        case .humidity where measuresHumidity: humidity
        case .pressure: pressure
        default: nil
        }
    }

    public func span(of quantity: Quantity) -> EmulatedSpan? {
        switch quantity {
        case .temperature: EmulatedSpan(-45...95, step: 0.01, tolerance: 0.011)
        case .humidity where measuresHumidity: EmulatedSpan(coefficients.humidities(at: temperature), step: 0.01, tolerance: 0.02)
        case .pressure: EmulatedSpan(25_000...115_000, step: 0.2, tolerance: 1)
        default: nil
        }
    }

    public var longestConversion: TimeSpan { .milliseconds(14) }

    private var measuresHumidity: Bool {
        if case .bmp280 = chip { return false }
        return true
    }

    private mutating func set(_ register: UInt8, to value: UInt8, at now: MonotonicInstant) {
        switch register {
        case 0xE0 where value == 0xB6: powerUp(at: now)
        case 0xF2 where measuresHumidity: controlHumidity = value & 0x07
        case 0xF4:
            controlMeasurement = value
            activeHumidity = controlHumidity
            if value & 0x03 != 0 { measurement = (now + time, converted) }
        case 0xF5: configuration = value
        default: break
        }
    }

    /// Takes over what was measured meanwhile.
    private mutating func settle(at now: MonotonicInstant) {
        guard let finished = measurement, now >= finished.ready else { return }
        data = finished.data
        if controlMeasurement & 0x03 == 0x03 {
            measurement = (now + time, converted)
        } else {
            controlMeasurement &= ~0x03
            measurement = nil
        }
    }

    private func register(_ address: UInt8, at now: MonotonicInstant) -> UInt8 {
        let isCopied = now >= copiedAt
        switch address {
        case 0x88...0xA1, 0xE1...0xE7:
            guard isCopied else { return 0 }
            return coefficients.register(address, withHumidity: measuresHumidity)
        case 0xD0: return chip.id
        case 0xF2: return controlHumidity
        case 0xF3: return (measurement == nil ? 0 : 0x08) | (isCopied ? 0 : 0x01)
        case 0xF4: return controlMeasurement
        case 0xF5: return configuration
        case 0xF7...0xFE:
            return address < 0xFD || measuresHumidity ? data[Int(address - 0xF7)] : 0
        default: return 0
        }
    }

    /// 0, 1, 2, 4, 8 or 16 (BME280 §5.4.3, tables 20, 23 and 24).
    private static func oversampling(_ bits: UInt8) -> Int64 { bits == 0 ? 0 : 1 << Int64(min(bits, 5) - 1) }

    private var time: TimeSpan {
        if let conversionTime { return conversionTime }
        let temperature = Self.oversampling(controlMeasurement >> 5)
        let pressure = Self.oversampling(controlMeasurement >> 2 & 0x07)
        let humidity = Self.oversampling(activeHumidity)
        return .microseconds(
            1_250 + 2_300 * (temperature + pressure + humidity) + (pressure > 0 ? 575 : 0) + (humidity > 0 ? 575 : 0))
    }

    private var converted: [UInt8] {
        let raw = coefficients.raw(temperature: temperature, pressure: pressure, humidity: humidity)
        let t = controlMeasurement >> 5 == 0 ? 0x80000 : raw.temperature
        let p = controlMeasurement >> 2 & 0x07 == 0 ? 0x80000 : raw.pressure
        let h = activeHumidity == 0 ? 0x8000 : raw.humidity
        func byte(_ value: Int32, _ shift: Int32) -> UInt8 { UInt8(truncatingIfNeeded: value >> shift) }
        return [
            byte(p, 12), byte(p, 4), byte(p << 4, 0), byte(t, 12), byte(t, 4), byte(t << 4, 0), byte(h, 8), byte(h, 0),
        ]
    }
}
