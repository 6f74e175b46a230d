import SensorCore
import Testing

@Suite struct SequenceRangesTests {
    @Test("Neighbours join") func neighboursJoin() {
        var ranges = SequenceRanges()
        ranges.insert(5...7)
        ranges.insert(1...2)
        #expect(ranges.ranges == [1...2, 5...7])
        #expect(ranges.gapFreeEnd == 2)
        ranges.insert(4...4)
        #expect(ranges.ranges == [1...2, 4...7])
        ranges.insert(3...3)
        #expect(ranges.ranges == [1...7])
        #expect(ranges.gapFreeEnd == 7)
        ranges.insert(UInt64.max...UInt64.max)
        ranges.insert(0...0)
        #expect(ranges.ranges == [0...7, UInt64.max...UInt64.max])
    }

    @Test("Nothing before one means nothing is gap free") func nothingBeforeOneMeansNothingIsGapFree() {
        #expect(SequenceRanges().gapFreeEnd == 0)
        #expect(SequenceRanges(2...9).gapFreeEnd == 0)
    }

    /// Against plain sets of the numbers 0 to 60.
    @Test("Behave like sets", arguments: [1 as UInt64, 2, 3]) func behaveLikeSets(seed: UInt64) {
        var state = seed
        func next(_ below: UInt64) -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (state >> 33) % below
        }
        func someRange() -> ClosedRange<UInt64> {
            let start = next(60)
            return start...min(60, start + next(12))
        }
        var ranges = (SequenceRanges(), SequenceRanges())
        var sets = (Set<UInt64>(), Set<UInt64>())
        for step in 0..<400 {
            if step % 25 == 0 {
                ranges = (SequenceRanges(), SequenceRanges())
                sets = ([], [])
            }
            let (one, two, within) = (someRange(), someRange(), someRange())
            ranges.0.insert(one)
            sets.0.formUnion(one)
            ranges.1.insert(two)
            sets.1.formUnion(two)
            let comment: Comment = "seed \(seed), step \(step)"
            #expect(numbers(ranges.0) == sets.0, comment)
            #expect(ranges.0.total == UInt64(sets.0.count), comment)
            #expect(numbers(ranges.0.missing(in: within)) == Set(within).subtracting(sets.0), comment)
            #expect(numbers(ranges.0.intersection(ranges.1)) == sets.0.intersection(sets.1), comment)
            #expect(numbers(ranges.0.subtracting(ranges.1)) == sets.0.subtracting(sets.1), comment)
            #expect(ranges.0.contains(within) == Set(within).isSubset(of: sets.0), comment)
            #expect(ranges.0.contains(within.lowerBound) == sets.0.contains(within.lowerBound), comment)
            for (range, following) in zip(ranges.0.ranges, ranges.0.ranges.dropFirst()) {
                #expect(range.upperBound + 1 < following.lowerBound, comment)
            }
        }
    }

    private func numbers(_ ranges: SequenceRanges) -> Set<UInt64> { Set(ranges.ranges.joined()) }
}
