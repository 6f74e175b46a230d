public import SensorCore

/// Sums up the readings of one quantity over one interval, in one pass and constant space.
///
/// Mean and deviation by Welford's method (Technometrics 4, 1962, p. 419), which does not lose the spread of 0.1 Pa
/// readings around 100 000 Pa. Worked value: 2, 4, 4, 4, 5, 5, 7, 9 have the mean 5 and, with n − 1, the standard
/// deviation √(32/7) = 2.138.
public struct QuantityAccumulator: Hashable, Sendable {
    public let quantity: Quantity
    private var count: UInt32 = 0
    private var mean = 0.0
    private var squares = 0.0
    private var rawMean = 0.0
    private var minimum = Double.infinity
    private var maximum = -Double.infinity
    private var last = Double.nan
    private var flags: MeasurementFlags = []
    private var direction = DirectionAccumulator()
    private var rawDirection = DirectionAccumulator()

    public init(_ quantity: Quantity) { self.quantity = quantity }

    /// Takes one valid reading of this quantity.
    public mutating func add(_ measurement: Measurement) {
        precondition(measurement.quantity == quantity, "a reading of another quantity")
        let value = measurement.value
        count += 1
        let difference = value - mean
        mean += difference / Double(count)
        squares += difference * (value - mean)
        rawMean += (measurement.raw - rawMean) / Double(count)
        minimum = min(minimum, value)
        maximum = max(maximum, value)
        last = value
        if quantity.isDirection {
            direction.add(value)
            rawDirection.add(measurement.raw)
        }
        flags.formUnion(measurement.flags)
    }

    /// What was taken so far; `calibration` names the record that corrected the readings.
    public func interval(calibration: String? = nil) -> QuantityInterval {
        guard count > 0 else { return QuantityInterval(quantity: quantity, statistics: nil, rawMean: nil) }
        if quantity.isDirection { return directionInterval(calibration) }
        return QuantityInterval(
            quantity: quantity,
            statistics: SampleStatistics(
                count: count, mean: mean, minimum: minimum, maximum: maximum, last: last,
                standardDeviation: count > 1 ? (squares / Double(count - 1)).squareRoot() : nil),
            // A derived quantity follows from calibrated readings: it has no raw value.
            rawMean: quantity.isDerived ? nil : rawMean, calibration: calibration, flags: flags)
    }

    private func directionInterval(_ calibration: String?) -> QuantityInterval {
        guard let mean = direction.mean(of: count) else {
            return QuantityInterval(quantity: quantity, statistics: nil, rawMean: nil)
        }
        return QuantityInterval(
            quantity: quantity,
            statistics: SampleStatistics(
                count: count, mean: mean, minimum: direction.minimum, maximum: direction.maximum, last: last,
                standardDeviation: count > 1 ? direction.standardDeviation(of: count) : nil),
            rawMean: rawDirection.mean(of: count), calibration: calibration, flags: flags)
    }
}
