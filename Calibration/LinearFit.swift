public import SensorCore

/// What a sensor read and what the reference said at the same moment, both in the quantity's unit.
public struct ReferencePair: Hashable, Sendable {
    /// As the part's formula gave it, uncorrected.
    public var raw: Double
    public var reference: Double

    public init(raw: Double, reference: Double) {
        self.raw = raw
        self.reference = reference
    }
}

/// Why no line goes through the points.
public enum FitError: Error, Hashable, Sendable, SentenceConvertible {
    /// Fewer than two points.
    case tooFewPoints(Int)
    /// A point, counted from 1, is not a finite number.
    case notFinite(point: Int)
    /// All points have the same raw value, so the gain is open.
    case equalPoints(raw: Double)
    /// The sensor falls while the reference rises: sensor and reference are swapped, or a point is wrong.
    case fallingLine(gain: Double)

    public var sentence: Sentence {
        switch self {
        case .tooFewPoints(let count): "a gain and an offset need at least 2 points, not \(count)"
        case .notFinite(let point): "point \(point) is not a finite number"
        case .equalPoints(let raw):
            "all points were taken at the raw value \(raw): measure at a second point well apart from it"
        case .fallingLine(let gain):
            "the points give the gain \(gain), but a sensor must rise with its reference: check for swapped points"
        }
    }
}

extension LinearCorrection {
    /// The line with the least sum of squared deviations from the reference; through two points, the line through them.
    ///
    /// Deviations are taken from the means, so that pressures around 100 000 Pa keep their digits. Worked value: raw
    /// 1, 2, 3, 4 against 6, 5, 7, 10 gives gain 1.4 and offset 3.5.
    public init(fitting pairs: [ReferencePair]) throws(FitError) {
        guard pairs.count >= 2, let first = pairs.first else { throw .tooFewPoints(pairs.count) }
        if let index = pairs.firstIndex(where: { !$0.raw.isFinite || !$0.reference.isFinite }) {
            throw .notFinite(point: index + 1)
        }
        let count = Double(pairs.count)
        let rawMean = pairs.reduce(0) { $0 + $1.raw / count }
        let referenceMean = pairs.reduce(0) { $0 + $1.reference / count }
        let spread = pairs.reduce(0) { $0 + ($1.raw - rawMean) * ($1.raw - rawMean) }
        guard pairs.contains(where: { $0.raw != first.raw }), spread > 0 else { throw .equalPoints(raw: first.raw) }
        let common = pairs.reduce(0) { $0 + ($1.raw - rawMean) * ($1.reference - referenceMean) }
        let gain = common / spread
        guard gain > 0 else { throw .fallingLine(gain: gain) }
        self.init(offset: referenceMean - gain * rawMean, gain: gain)
    }
}
