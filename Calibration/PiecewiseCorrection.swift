public import SensorCore

/// A rising line through points, for a sensor whose error bends: between two points by their connecting line.
///
/// Beyond the first and the last point the line of the outermost pair goes on. Refusing such values would make a gap
/// in the series on the hottest day; so whoever calibrates chooses points that span what will be measured.
///
/// Worked value: through (0, 1), (10, 10), (20, 22) a raw 5 gives 5.5, a raw 25 gives 28, a raw −10 gives −8.
public struct PiecewiseCorrection: Hashable, Sendable {
    /// A comparison on paper seldom has more than ten; a file of 16 KiB holds these.
    public static let largestCount = 64

    /// At least two; raw values and references both rise.
    public let points: [ReferencePair]

    public init(points: [ReferencePair]) throws(PiecewiseError) {
        guard (2...Self.largestCount).contains(points.count) else { throw .pointCount(points.count) }
        if let index = points.firstIndex(where: { !$0.raw.isFinite || !$0.reference.isFinite }) {
            throw .notFinite(point: index + 1)
        }
        for (index, pair) in zip(points, points.dropFirst()).enumerated() {
            let (raw, reference) = (pair.1.raw - pair.0.raw, pair.1.reference - pair.0.reference)
            let slope = reference / raw
            guard raw > 0, reference > 0, slope.isFinite, slope > 0 else { throw .notRising(point: index + 2) }
        }
        self.points = points
    }

    public func corrected(_ raw: Double) -> Double {
        let upper = min(max(points.firstIndex { $0.raw >= raw } ?? points.count, 1), points.count - 1)
        let (one, other) = (points[upper - 1], points[upper])
        let slope = (other.reference - one.reference) / (other.raw - one.raw)
        return one.reference + slope * (raw - one.raw)
    }
}

/// Why points are no rising line. Points are counted from 1.
public enum PiecewiseError: Error, Hashable, Sendable, SentenceConvertible {
    case pointCount(Int)
    case notFinite(point: Int)
    case notRising(point: Int)

    public var sentence: Sentence {
        switch self {
        case .pointCount(let count):
            "a line needs 2 to \(PiecewiseCorrection.largestCount) points, not \(count)"
        case .notFinite(let point): "point \(point) is not a finite number"
        case .notRising(let point):
            "point \(point) does not rise from the one before; list the points so that raw and reference both rise"
        }
    }
}
