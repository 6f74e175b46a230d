/// What is measured, with the one unit it is kept and published in.
public enum Quantity: String, Hashable, Sendable, CaseIterable {
    case temperature
    case humidity
    case pressure
    case co2
    case illuminance
    case pm1
    case pm2_5
    case pm4
    case pm10
    case voltage
    case current
    case power

    /// Unit symbol after RFC 8428 §12.1 where it has one.
    public var unit: String {
        switch self {
        case .temperature: "Cel"
        case .humidity: "%RH"
        case .pressure: "Pa"
        case .co2: "ppm"
        case .illuminance: "lx"
        case .pm1, .pm2_5, .pm4, .pm10: "ug/m3"
        case .voltage: "V"
        case .current: "A"
        case .power: "W"
        }
    }

    /// What the quantity can physically be, where a formula or a correction may overshoot it: 0 to 100 %RH.
    public var bounds: ClosedRange<Double>? { self == .humidity ? 0...100 : nil }
}

/// Something a reader should know about a value that was published all the same.
public struct MeasurementFlags: OptionSet, Hashable, Sendable {
    public var rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue }
    /// Relative humidity came out beyond 0 or 100 within the formula's span and is given as 0 or 100; fog is not
    /// missing data. `Measurement.raw` keeps what the formula said.
    public static let clippedToRange = MeasurementFlags(rawValue: 1 << 0)
}

/// One valid reading of one quantity, in `quantity.unit`. What could not be measured has no `Measurement`.
public struct Measurement: Hashable, Sendable {
    public var quantity: Quantity
    public var value: Double
    /// What the part's formula gave, before clipping and calibration.
    public var raw: Double
    public var flags: MeasurementFlags

    @inlinable
    public init(_ quantity: Quantity, _ value: Double, raw: Double? = nil, flags: MeasurementFlags = []) {
        self.quantity = quantity
        self.value = value
        self.raw = raw ?? value
        self.flags = flags
    }

    /// A value that may lie beyond the quantity's `bounds`: it is then given at the bound and flagged
    /// `clippedToRange`, and `raw` keeps what the formula said.
    @inlinable
    public init(clipping value: Double, of quantity: Quantity, raw: Double) {
        guard let bounds = quantity.bounds, !bounds.contains(value) else {
            self.init(quantity, value, raw: raw)
            return
        }
        self.init(
            quantity, value < bounds.lowerBound ? bounds.lowerBound : bounds.upperBound, raw: raw, flags: .clippedToRange)
    }
}

/// Why a part gave no measurement. Counted by kind and published; the names are the wire format.
public enum SensorErrorKind: String, Hashable, Sendable, CaseIterable {
    case crc
    case nack
    case timeout
    case notReady = "not_ready"
    case outOfRange = "out_of_range"
    case wrongPart = "wrong_part"
    case notAmbient = "not_ambient"
    case bus
    case notRecorded = "not_recorded"
}

/// A reading that failed: nothing of it may be used.
public struct SensorError: Error, Hashable, Sendable, CustomStringConvertible {
    public var kind: SensorErrorKind
    /// What was found and where, for the person who must act: "chip id 0x58 at 0x76 on /dev/i2c-1 is a BMP280 …".
    public var detail: String

    public init(_ kind: SensorErrorKind, _ detail: String) {
        self.kind = kind
        self.detail = detail
    }

    public init(_ error: I2CError) {
        switch error.kind {
        case .nack: kind = .nack
        case .timeout: kind = .timeout
        case .bus, .unavailable: kind = .bus
        case .notRecorded: kind = .notRecorded
        }
        detail = error.description
    }

    public var description: String { "\(kind.rawValue): \(detail)" }
}
