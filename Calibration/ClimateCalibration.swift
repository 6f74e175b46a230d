public import SensorCore

/// A sensor that stood still beside a reference.
public struct CalibrationPoint: Hashable, Sendable {
    /// Mean of the raw readings, in the quantity's unit.
    public var raw: Double
    /// Standard uncertainty of that mean; the reference's own is not in it.
    public var uncertainty: Double
    public var reference: Double

    public init(raw: Double, uncertainty: Double, reference: Double) {
        self.raw = raw
        self.uncertainty = uncertainty
        self.reference = reference
    }
}

/// What must hold before points become a correction. Ours, not a standard's: see docs/calibration.md for the reasons.
public struct CalibrationLimits: Hashable, Sendable {
    /// A reference further from the sensor than this is more likely a slip of the pen, or a broken part.
    public var largestDifference: Double
    /// Two points closer than this would stretch their own errors over the whole range.
    public var leastDistance: Double

    public init(largestDifference: Double, leastDistance: Double) {
        self.largestDifference = largestDifference
        self.leastDistance = leastDistance
    }

    /// In the quantity's unit; nil for quantities nobody has set limits for.
    public static func usual(for quantity: Quantity) -> CalibrationLimits? {
        switch quantity {
        case .temperature: CalibrationLimits(largestDifference: 10, leastDistance: 10)
        case .humidity: CalibrationLimits(largestDifference: 20, leastDistance: 30)
        case .pressure: CalibrationLimits(largestDifference: 2_000, leastDistance: 5_000)
        default: nil
        }
    }
}

/// Why points do not become a correction.
public enum CalibrationRefusal: Error, Hashable, Sendable, SentenceConvertible {
    case notFinite
    case tooFar(point: Int, difference: Double, limit: Double, unit: String)
    case tooClose(distance: Double, limit: Double, unit: String)
    case noLine(FitError)

    public var sentence: Sentence {
        switch self {
        case .notFinite: "the reference must be a number"
        case .tooFar(let point, let difference, let limit, let unit):
            """
            point \(point): reference and sensor are \(difference) \(unit) apart, more than \(limit) \(unit): check the reference for a \
            slip and the sensor for a fault
            """
        case .tooClose(let distance, let limit, let unit):
            """
            the two points are \(distance) \(unit) apart; they must be at least \(limit) \(unit), or their errors would be stretched over \
            the whole range
            """
        case .noLine(let error): error.sentence
        }
    }
}

/// The correction that follows from one or two points.
public struct ClimateCalibration: Hashable, Sendable {
    public let correction: LinearCorrection
    /// Standard uncertainty of the corrected value at the points, from the readings' scatter alone, in the quantity's unit.
    public let uncertainty: Double

    /// One point gives an offset, two give gain and offset.
    public init(
        _ points: [CalibrationPoint], of quantity: Quantity, limits: CalibrationLimits
    ) throws(CalibrationRefusal) {
        for (index, point) in points.enumerated() {
            guard point.reference.isFinite, point.raw.isFinite else { throw .notFinite }
            let difference = (point.reference - point.raw).magnitude
            guard difference <= limits.largestDifference else {
                throw .tooFar(
                    point: index + 1, difference: difference, limit: limits.largestDifference, unit: quantity.unit)
            }
        }
        uncertainty = points.map(\.uncertainty).max() ?? 0
        if points.count == 1 {
            correction = LinearCorrection(offset: points[0].reference - points[0].raw)
            return
        }
        if let first = points.first, let last = points.last, points.count > 1 {
            let distance = (last.raw - first.raw).magnitude
            guard distance >= limits.leastDistance else {
                throw .tooClose(distance: distance, limit: limits.leastDistance, unit: quantity.unit)
            }
        }
        do throws(FitError) {
            correction = try LinearCorrection(
                fitting: points.map { ReferencePair(raw: $0.raw, reference: $0.reference) })
        } catch {
            throw .noLine(error)
        }
    }
}
