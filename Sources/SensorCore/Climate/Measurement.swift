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
    /// Where the wind comes from, clockwise from north.
    case windDirection = "wind_direction"
    /// Resistance of a heated metal oxide: falls with the gases it meets.
    case gasResistance = "gas_resistance"
    case dewPoint = "dew_point"
    case absoluteHumidity = "absolute_humidity"
    case seaLevelPressure = "sea_level_pressure"
    case vapourPressureDeficit = "vapour_pressure_deficit"
    case heatIndex = "heat_index"
    case wetBulb = "wet_bulb"

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
        case .windDirection: "deg"
        case .gasResistance: "Ohm"
        case .dewPoint, .heatIndex, .wetBulb: "Cel"
        case .absoluteHumidity: "g/m3"
        case .seaLevelPressure, .vapourPressureDeficit: "Pa"
        }
    }

    /// Computed from other quantities, not measured.
    public var isDerived: Bool { !inputs.isEmpty }

    /// What a derived quantity is computed from, all of one sensor; empty for a measured one.
    public var inputs: [Quantity] {
        switch self {
        case .dewPoint, .absoluteHumidity, .vapourPressureDeficit, .heatIndex, .wetBulb: [.temperature, .humidity]
        case .seaLevelPressure: [.temperature, .pressure]
        default: []
        }
    }

    /// An angle in degrees, 0 up to 360, whose mean is that of a circle.
    public var isDirection: Bool { self == .windDirection }

    /// Mass of particles in the air.
    public var isParticulate: Bool {
        switch self {
        case .pm1, .pm2_5, .pm4, .pm10: true
        default: false
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
    /// Particulates in air of more than 80 %RH: droplets and swollen particles are weighed with them.
    public static let humidAir = MeasurementFlags(rawValue: 1 << 1)
    /// The part has given the same value to the last bit for hours, of a quantity that trembles by more than that when all is well:
    /// it may hang.
    public static let standsStill = MeasurementFlags(rawValue: 1 << 2)
}

/// One valid reading of one quantity, in `quantity.unit`. What could not be measured has no `Measurement`.
public struct Measurement: Hashable, Sendable {
    /// Above so many %RH particulates are flagged `humidAir`.
    public static let humidAirLimit = 80.0

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
    /// A driver of the kernel owns the part.
    case addressHeld = "address_held"
    case notRecorded = "not_recorded"
}

/// Why something was not measured: a whole reading, of which nothing may be used, or one quantity of it.
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
        case .held: kind = .addressHeld
        case .notRecorded: kind = .notRecorded
        }
        detail = error.description
    }

    public var description: String { "\(kind.rawValue): \(detail)" }
}

/// A quantity that a reading did not give though the part has it, and why.
public struct WithheldQuantity: Hashable, Sendable {
    public var quantity: Quantity
    public var error: SensorError

    public init(_ quantity: Quantity, _ error: SensorError) {
        self.quantity = quantity
        self.error = error
    }
}
