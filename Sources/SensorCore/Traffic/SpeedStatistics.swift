/// Speeds of one flow in one interval, in km/h: sums, so that the speeds of a longer interval are exact.
public struct SpeedStatistics: Hashable, Sendable {
    /// How many speeds; passages without one are in the flow's count only.
    public private(set) var count: UInt64
    public private(set) var sum: Double
    /// Of 1 / speed, in h/km.
    public private(set) var inverseSum: Double
    public private(set) var minimum: Double
    public private(set) var maximum: Double
    /// Numbers of speeds in bins of 1 km/h, the first from `firstBin`: bin b holds b ≤ speed < b + 1. Neither end is 0.
    public private(set) var histogram: [UInt32]
    public private(set) var firstBin: Int

    /// Faster ones are in the last bin.
    package static let lastBin = 254

    /// - Parameter speed: in km/h, above 0.
    public init(_ speed: Double) {
        count = 1
        sum = speed
        inverseSum = 1 / speed
        minimum = speed
        maximum = speed
        histogram = [1]
        firstBin = Self.bin(of: speed)
    }

    /// As it was stored. nil where the parts do not fit each other.
    public init?(
        count: UInt64, sum: Double, inverseSum: Double, minimum: Double, maximum: Double, histogram: [UInt32], firstBin: Int
    ) {
        guard firstBin >= 0, !histogram.isEmpty, firstBin + histogram.count <= Self.lastBin + 1,
            histogram.reduce(0, { $0 + UInt64($1) }) == count
        else { return nil }
        self.count = count
        self.sum = sum
        self.inverseSum = inverseSum
        self.minimum = minimum
        self.maximum = maximum
        self.histogram = histogram
        self.firstBin = firstBin
    }

    private static func bin(of speed: Double) -> Int { Int(min(Double(lastBin), max(0, speed))) }

    public mutating func add(_ speed: Double) { self += SpeedStatistics(speed) }

    public static func += (all: inout SpeedStatistics, more: SpeedStatistics) {
        all.count.addSaturating(more.count)
        all.sum += more.sum
        all.inverseSum += more.inverseSum
        all.minimum = min(all.minimum, more.minimum)
        all.maximum = max(all.maximum, more.maximum)
        if more.firstBin < all.firstBin {
            all.histogram.insert(contentsOf: repeatElement(0, count: all.firstBin - more.firstBin), at: 0)
            all.firstBin = more.firstBin
        }
        let end = more.firstBin + more.histogram.count - all.firstBin
        if end > all.histogram.count {
            all.histogram.append(contentsOf: repeatElement(0, count: end - all.histogram.count))
        }
        for (bin, number) in more.histogram.enumerated() {
            all.histogram[more.firstBin - all.firstBin + bin].addSaturating(number)
        }
    }

    /// Time-mean speed.
    public var mean: Double { sum / Double(count) }
    /// Space-mean speed: the harmonic mean.
    public var harmonicMean: Double { Double(count) / inverseSum }

    /// The speed that 85 % do not exceed, interpolated within its bin; nil below 20 speeds, where it says nothing, and where
    /// it lies in the last bin, which has no end.
    public var v85: Double? {
        guard count >= 20 else { return nil }
        let rank = 0.85 * Double(count)
        var below = 0.0
        for (bin, number) in histogram.enumerated() {
            if below + Double(number) >= rank {
                guard firstBin + bin < Self.lastBin else { return nil }
                let speed = Double(firstBin + bin) + (rank - below) / Double(number)
                return Swift.min(maximum, Swift.max(minimum, speed))
            }
            below += Double(number)
        }
        return nil
    }
}

/// Times between successive passages of one lane, front to front, each with the second one's interval.
public struct HeadwayFigures: BitwiseCopyable, Hashable, Sendable {
    public var count: UInt64
    public var sum: TimeSpan

    public init(count: UInt64 = 0, sum: TimeSpan = .zero) {
        self.count = count
        self.sum = sum
    }

    public static func += (all: inout HeadwayFigures, more: HeadwayFigures) {
        all.count.addSaturating(more.count)
        all.sum += more.sum
    }
}

/// The headways of one lane.
public struct HeadwaySum: Hashable, Sendable {
    /// nil where the detector tells no direction.
    public var direction: String?
    public var figures: HeadwayFigures

    public init(direction: String?, _ figures: HeadwayFigures) {
        self.direction = direction
        self.figures = figures
    }

    public init(direction: String?, count: UInt64, sum: TimeSpan) {
        self.init(direction: direction, HeadwayFigures(count: count, sum: sum))
    }

    public var count: UInt64 { figures.count }
    public var sum: TimeSpan { figures.sum }
}
