/// What one climate sensor measured in one interval.
public struct ClimateInterval: Hashable, Sendable {
    public var span: IntervalSpan
    /// The sensor's name from the configuration.
    public var sensor: String
    /// The part as configured: "bme280".
    public var part: String
    /// One entry per quantity the part gives, also when nothing valid came in.
    public var quantities: [QuantityInterval]
    /// Readings that gave nothing, by kind, only kinds that occurred, in the order of `SensorErrorKind.allCases`.
    public var errors: [ErrorCount]

    public struct ErrorCount: Hashable, Sendable {
        public var kind: SensorErrorKind
        public var count: UInt32
        public init(kind: SensorErrorKind, count: UInt32) {
            self.kind = kind
            self.count = count
        }
    }

    public init(
        span: IntervalSpan, sensor: String, part: String, quantities: [QuantityInterval], errors: [ErrorCount]
    ) {
        self.span = span
        self.sensor = sensor
        self.part = part
        self.quantities = quantities
        self.errors = errors
    }
}

/// One quantity of one sensor in one interval.
public struct QuantityInterval: Hashable, Sendable {
    public var quantity: Quantity
    /// nil when nothing valid came in.
    public var statistics: SampleStatistics?
    /// Mean of the uncorrected values; nil when nothing valid came in.
    public var rawMean: Double?
    /// Which calibration record corrected the values; nil when none did.
    public var calibration: String?
    /// The flags of all readings, joined.
    public var flags: MeasurementFlags
    /// Readings that gave other quantities but not this one, by kind, only kinds that occurred, in the order of
    /// `SensorErrorKind.allCases`.
    public var withheld: [ClimateInterval.ErrorCount]

    public init(
        quantity: Quantity, statistics: SampleStatistics?, rawMean: Double?, calibration: String? = nil,
        flags: MeasurementFlags = [], withheld: [ClimateInterval.ErrorCount] = []
    ) {
        self.quantity = quantity
        self.statistics = statistics
        self.rawMean = rawMean
        self.calibration = calibration
        self.flags = flags
        self.withheld = withheld
    }
}

/// A summary of at least one sample, in the quantity's unit.
public struct SampleStatistics: Hashable, Sendable {
    public var count: UInt32
    public var mean: Double
    public var minimum: Double
    public var maximum: Double
    public var last: Double
    /// Sample standard deviation (n − 1); nil for a single sample.
    public var standardDeviation: Double?

    public init(
        count: UInt32, mean: Double, minimum: Double, maximum: Double, last: Double, standardDeviation: Double?
    ) {
        self.count = count
        self.mean = mean
        self.minimum = minimum
        self.maximum = maximum
        self.last = last
        self.standardDeviation = standardDeviation
    }
}
