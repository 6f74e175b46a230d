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
    private var errors: [UInt32]

    /// `sensor` is its name from the configuration.
    public init(sensor: String, part: PartDescription, calibrations: [Quantity: String] = [:], derived: [Quantity] = []) {
        self.sensor = sensor
        self.part = part
        self.calibrations = calibrations
        self.derived = derived
        quantities = (part.quantities + derived).map { QuantityAccumulator($0) }
        errors = SensorErrorKind.allCases.map { _ in 0 }
    }

    /// Takes the measurements of one good reading, after calibration.
    public mutating func add(_ readings: [Measurement]) {
        for reading in readings {
            for index in quantities.indices where quantities[index].quantity == reading.quantity {
                quantities[index].add(reading)
            }
        }
    }

    /// Counts one failed reading.
    public mutating func add(_ error: SensorError) {
        for (index, kind) in SensorErrorKind.allCases.enumerated() where kind == error.kind { errors[index] += 1 }
    }

    /// The interval that ends now; the next one begins empty.
    public mutating func close(_ span: IntervalSpan) -> ClimateInterval {
        let interval = ClimateInterval(
            span: span, sensor: sensor, part: part.name,
            quantities: quantities.map { $0.interval(calibration: calibrations[$0.quantity]) },
            errors: zip(SensorErrorKind.allCases, errors).compactMap { kind, count in
                count == 0 ? nil : .init(kind: kind, count: count)
            })
        self = ClimateAccumulator(sensor: sensor, part: part, calibrations: calibrations, derived: derived)
        return interval
    }
}
