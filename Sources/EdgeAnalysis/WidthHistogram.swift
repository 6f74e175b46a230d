public import SensorCore

/// How often times of which length occurred, in bins that grow 1, 2, 5: three to the decade.
public struct WidthHistogram: Hashable, Sendable {
    public struct Bin: Hashable, Sendable {
        /// From, inclusive; zero for the first.
        public var from: TimeSpan
        /// To, exclusive; `nil` for the last.
        public var to: TimeSpan?
        public var count: UInt64
    }

    /// Lower ends: 1 µs, 2 µs, 5 µs to 500 s.
    private static let ends: [Int64] = (3...11).flatMap { power in
        let unit = (0..<power).reduce(Int64(1)) { value, _ in value * 10 }
        return [unit, 2 * unit, 5 * unit]
    }

    private var counts = [UInt64](repeating: 0, count: WidthHistogram.ends.count + 1)
    public private(set) var count: UInt64 = 0
    /// Of all that were added; nil before the first.
    public private(set) var shortest: TimeSpan?
    public private(set) var longest: TimeSpan?

    public init() {}

    public mutating func add(_ width: TimeSpan) {
        var (low, high) = (0, Self.ends.count)
        while low < high {
            let middle = (low + high) / 2
            if Self.ends[middle] <= width.nanoseconds { low = middle + 1 } else { high = middle }
        }
        counts[low] += 1
        count += 1
        shortest = min(shortest ?? width, width)
        longest = max(longest ?? width, width)
    }

    /// From the first that is not empty to the last, with the empty ones between them.
    public var bins: ArraySlice<Bin> {
        guard let first = counts.firstIndex(where: { $0 > 0 }), let last = counts.lastIndex(where: { $0 > 0 }) else { return [] }
        return counts.indices.map { place in
            Bin(
                from: place == 0 ? .zero : .nanoseconds(Self.ends[place - 1]),
                to: place < Self.ends.count ? .nanoseconds(Self.ends[place]) : nil, count: counts[place])
        }[first...last]
    }
}

/// How long one input stays active and inactive, as its edges show it; filters are not asked.
public struct LineWidths: Sendable {
    /// Of pulses: the input was active.
    public private(set) var active = WidthHistogram()
    /// Of gaps between them.
    public private(set) var inactive = WidthHistogram()
    public private(set) var edges: UInt64 = 0
    /// Edges to a level that the input had already: one between is missing, and neither width is known.
    public private(set) var repeatedLevels: UInt64 = 0
    private var last: EdgeEvent?

    public init() {}

    /// Takes the input's next edge. What lasted before the first and after the last one has no width.
    public mutating func take(_ edge: EdgeEvent) {
        edges += 1
        defer { last = edge }
        guard let last else { return }
        guard last.level != edge.level else {
            repeatedLevels += 1
            return
        }
        if edge.level { inactive.add(edge.instant - last.instant) } else { active.add(edge.instant - last.instant) }
    }
}
