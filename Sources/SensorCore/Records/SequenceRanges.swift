/// A set of sequence numbers as ranges: ascending, disjoint, with at least one number between two of them.
public struct SequenceRanges: Hashable, Sendable {
    public private(set) var ranges: [ClosedRange<UInt64>] = []

    public init() {}

    public init(_ range: ClosedRange<UInt64>) { ranges = [range] }

    /// How many ranges.
    public var count: Int { ranges.count }
    public var isEmpty: Bool { ranges.isEmpty }

    /// How many numbers.
    public var total: UInt64 { ranges.reduce(0) { $0 + ($1.upperBound - $1.lowerBound + 1) } }

    /// The end of the range that begins with 1: everything up to here is in the set; 0 when 1 is not.
    public var gapFreeEnd: UInt64 {
        guard let first = ranges.first, first.lowerBound <= 1 else { return 0 }
        return first.upperBound
    }

    public func contains(_ sequence: UInt64) -> Bool {
        let index = firstIndex(endingAtOrAfter: sequence)
        return index < ranges.count && ranges[index].lowerBound <= sequence
    }

    public func contains(_ range: ClosedRange<UInt64>) -> Bool {
        let index = firstIndex(endingAtOrAfter: range.lowerBound)
        return index < ranges.count && ranges[index].lowerBound <= range.lowerBound
            && ranges[index].upperBound >= range.upperBound
    }

    /// It has a number of this range.
    public func intersects(_ range: ClosedRange<UInt64>) -> Bool {
        let index = firstIndex(endingAtOrAfter: range.lowerBound)
        return index < ranges.count && ranges[index].lowerBound <= range.upperBound
    }

    public mutating func insert(_ range: ClosedRange<UInt64>) {
        // One that ends right before it is joined too.
        let first = firstIndex(endingAtOrAfter: range.lowerBound == 0 ? 0 : range.lowerBound - 1)
        var last = first
        var joined = range
        while last < ranges.count, ranges[last].lowerBound <= range.upperBound || ranges[last].lowerBound - 1 == range.upperBound {
            joined = min(joined.lowerBound, ranges[last].lowerBound)...max(joined.upperBound, ranges[last].upperBound)
            last += 1
        }
        ranges.replaceSubrange(first..<last, with: [joined])
    }

    public mutating func insert(_ more: SequenceRanges) {
        for range in more.ranges { insert(range) }
    }

    public mutating func remove(_ sequence: UInt64) {
        let index = firstIndex(endingAtOrAfter: sequence)
        guard index < ranges.count, ranges[index].lowerBound <= sequence else { return }
        let range = ranges[index]
        if range.lowerBound == range.upperBound {
            ranges.remove(at: index)
        } else if range.lowerBound == sequence {
            ranges[index] = sequence + 1...range.upperBound
        } else if range.upperBound == sequence {
            ranges[index] = range.lowerBound...sequence - 1
        } else {
            ranges[index] = range.lowerBound...sequence - 1
            ranges.insert(sequence + 1...range.upperBound, at: index + 1)
        }
    }

    /// The lowest number of the set above `sequence`.
    public func first(after sequence: UInt64) -> UInt64? {
        guard sequence < .max else { return nil }
        let index = firstIndex(endingAtOrAfter: sequence + 1)
        return index < ranges.count ? max(ranges[index].lowerBound, sequence + 1) : nil
    }

    /// The highest number in `1 ... last` that is not in the set; 0 when all are.
    package func highestMissing(through last: UInt64) -> UInt64 {
        let index = firstIndex(endingAtOrAfter: last)
        return index < ranges.count && ranges[index].lowerBound <= last ? max(ranges[index].lowerBound, 1) - 1 : last
    }

    /// What `within` holds and this set does not, ascending; the first so many ranges of it.
    public func missing(in within: ClosedRange<UInt64>, atMost limit: Int = .max) -> SequenceRanges {
        var missing = SequenceRanges()
        var next = within.lowerBound
        var index = firstIndex(endingAtOrAfter: within.lowerBound)
        while index < ranges.count, ranges[index].lowerBound <= within.upperBound {
            if missing.ranges.count >= limit { return missing }
            if ranges[index].lowerBound > next { missing.ranges.append(next...ranges[index].lowerBound - 1) }
            guard ranges[index].upperBound < within.upperBound else { return missing }
            next = ranges[index].upperBound + 1
            index += 1
        }
        if missing.ranges.count < limit { missing.ranges.append(next...within.upperBound) }
        return missing
    }

    public func intersection(_ other: SequenceRanges) -> SequenceRanges {
        var common = SequenceRanges()
        var mine = 0
        var theirs = 0
        while mine < ranges.count, theirs < other.ranges.count {
            let one = ranges[mine]
            let two = other.ranges[theirs]
            let lower = max(one.lowerBound, two.lowerBound)
            let upper = min(one.upperBound, two.upperBound)
            if lower <= upper { common.ranges.append(lower...upper) }
            if one.upperBound < two.upperBound { mine += 1 } else { theirs += 1 }
        }
        return common
    }

    public func subtracting(_ other: SequenceRanges) -> SequenceRanges {
        var rest = SequenceRanges()
        for range in ranges { rest.ranges += other.missing(in: range).ranges }
        return rest
    }

    /// By halves: the index of the first range that ends at `sequence` or later.
    private func firstIndex(endingAtOrAfter sequence: UInt64) -> Int {
        var low = 0
        var high = ranges.count
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].upperBound < sequence { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
