public import SensorCore

/// Sums up one sensor over one interval: its readings by quantity, its failures by kind.
public struct ClimateAccumulator: Sendable {
    public let sensor: String
    public let part: PartDescription
    /// The record that corrects each quantity, by its id; a quantity without one is missing.
    public let calibrations: [Quantity: String]
    /// Published after what the part measures.
    public let derived: [Quantity]

    private var quantities: [QuantityAccumulator]
    private var errors: ErrorCounts
    /// One per quantity, in the order of `quantities`.
    private var withheld: [ErrorCounts]

    /// `sensor` is its name from the configuration.
    public init(sensor: String, part: PartDescription, calibrations: [Quantity: String] = [:], derived: [Quantity] = []) {
        self.sensor = sensor
        self.part = part
        self.calibrations = calibrations
        self.derived = derived
        quantities = (part.quantities + derived).map { QuantityAccumulator($0) }
        errors = ErrorCounts()
        withheld = quantities.map { _ in ErrorCounts() }
    }

    /// Takes one reading, after calibration: what it gives, and what it withholds by its kind.
    public mutating func add(_ reading: PartReading) {
        for measurement in reading.given {
            for index in quantities.indices where quantities[index].quantity == measurement.quantity {
                quantities[index].add(measurement)
            }
        }
        for missing in reading.withheld {
            for index in quantities.indices where quantities[index].quantity == missing.quantity {
                withheld[index].add(missing.error.kind)
            }
        }
    }

    /// Counts one reading that gave nothing.
    public mutating func add(_ error: SensorError) { errors.add(error.kind) }

    /// The interval that ends now; the next one begins empty.
    public mutating func close(_ span: IntervalSpan) -> ClimateInterval {
        let interval = ClimateInterval(
            span: span, sensor: sensor, part: part.name,
            quantities: zip(quantities, withheld).map { quantity, withheld in
                var interval = quantity.interval(calibration: calibrations[quantity.quantity])
                interval.withheld = withheld.occurred
                return interval
            },
            errors: errors.occurred)
        self = ClimateAccumulator(sensor: sensor, part: part, calibrations: calibrations, derived: derived)
        return interval
    }
}

/// How often each kind of error occurred.
private struct ErrorCounts {
    private var counts = SensorErrorKind.allCases.map { _ in UInt32(0) }

    mutating func add(_ kind: SensorErrorKind) {
        for (index, other) in SensorErrorKind.allCases.enumerated() where other == kind { counts[index] += 1 }
    }

    /// Only those that did, in the order of the kinds.
    var occurred: [ClimateInterval.ErrorCount] {
        zip(SensorErrorKind.allCases, counts).compactMap { kind, count in
            count == 0 ? nil : ClimateInterval.ErrorCount(kind: kind, count: count)
        }
    }
}
