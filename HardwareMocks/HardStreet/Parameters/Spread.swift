/// A parameter as it was published: a uniform range, or a normal distribution cut off at a range.
public struct Spread: Hashable, Sendable {
    public let range: ClosedRange<Double>
    /// nil is uniform.
    public let mean: Double?
    public let deviation: Double

    private init(range: ClosedRange<Double>, mean: Double?, deviation: Double) {
        self.range = range
        self.mean = mean
        self.deviation = deviation
    }

    public static func uniform(_ low: Double, _ high: Double) -> Spread { Spread(range: low...high, mean: nil, deviation: 0) }

    public static func normal(_ mean: Double, _ deviation: Double, within range: ClosedRange<Double>) -> Spread {
        Spread(range: range, mean: mean, deviation: deviation)
    }

    func draw(_ random: inout SeededGenerator) -> Double {
        guard let mean else { return random.uniform(range.lowerBound, range.upperBound) }
        return random.normal(mean, deviation, within: range)
    }
}
