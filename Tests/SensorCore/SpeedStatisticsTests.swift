import SensorCore
import Testing

@Suite struct SpeedStatisticsTests {
    static func statistics(_ speeds: [Double]) -> SpeedStatistics {
        var all = SpeedStatistics(speeds[0])
        for speed in speeds.dropFirst() { all.add(speed) }
        return all
    }

    @Test("Sums and means") func sumsAndMeans() {
        let speeds = Self.statistics([30, 60, 20])
        #expect(speeds.count == 3)
        #expect(speeds.sum == 110)
        #expect(abs(speeds.mean - 110.0 / 3) < 1e-12)
        // Three vehicles over 1 km: 2 + 1 + 3 minutes, 3 km in 0.1 h.
        #expect(abs(speeds.harmonicMean - 30) < 1e-12)
        #expect(speeds.minimum == 20)
        #expect(speeds.maximum == 60)
        #expect(speeds.firstBin == 20)
        #expect(speeds.histogram.count == 41)
        #expect(speeds.histogram[0] == 1 && speeds.histogram[10] == 1 && speeds.histogram[40] == 1)
        #expect(speeds.histogram.reduce(0, +) == 3)
    }

    @Test(
        "Bins are an open kilometre per hour wide",
        arguments: [(0.2, 0), (0.999, 0), (1, 1), (253.9, 253), (254, 254), (255, 254), (900, 254)])
    func binsAreAnOpenKilometrePerHourWide(_ speed: Double, _ bin: Int) {
        #expect(SpeedStatistics(speed).firstBin == bin)
        #expect(SpeedStatistics(speed).histogram == [1])
    }

    /// Of 20 speeds the 17th is the last of 85 %; of uniform ones the quantile is where a line through the bins has it.
    @Test("V85 is interpolated") func v85IsInterpolated() {
        #expect(Self.statistics((1...19).map(Double.init)).v85 == nil)
        // One in each bin 30, 31, … 49: 17 of 20 lie below 47.
        #expect(Self.statistics((0..<20).map { 30.5 + Double($0) }).v85 == 47)
        // All 40 in one bin: 85 % of its width, but not beyond the fastest.
        #expect(Self.statistics((0..<40).map { 50 + Double($0) / 40 }).v85 == 50.85)
        #expect(Self.statistics(Array(repeating: 50.25, count: 20)).v85 == 50.25)
        #expect(Self.statistics(Array(repeating: 300, count: 20)).v85 == nil)
    }

    /// The figure a receiver gets from the histogram stays within a bin of the true quantile.
    @Test("V85 is near the sorted speeds", arguments: [1, 2, 3] as [UInt64]) func v85IsNearTheSortedSpeeds(seed: UInt64) throws {
        var state = seed
        let speeds = (0..<1000).map { _ -> Double in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return 20 + Double(state >> 40) / Double(1 << 24) * 40
        }
        let v85 = try #require(Self.statistics(speeds).v85)
        #expect(abs(v85 - speeds.sorted()[849]) < 1, "seed \(seed)")
        let halves = Self.statistics(Array(speeds[..<500]))
        var sum = halves
        sum += Self.statistics(Array(speeds[500...]))
        #expect(sum.histogram == Self.statistics(speeds).histogram)
        #expect(sum.v85 == v85)
    }

    @Test("Merging widens the histogram") func mergingWidensTheHistogram() {
        var low = Self.statistics([10, 12])
        low += Self.statistics([5, 30])
        #expect(low.firstBin == 5)
        #expect(low.histogram == [1, 0, 0, 0, 0, 1, 0, 1] + Array(repeating: 0, count: 17) + [1])
    }

    @Test("Parts that do not fit are refused") func partsThatDoNotFitAreRefused() {
        func stored(count: UInt64, histogram: [UInt32], firstBin: Int) -> SpeedStatistics? {
            SpeedStatistics(
                count: count, sum: 1, inverseSum: 1, minimum: 1, maximum: 1, histogram: histogram, firstBin: firstBin)
        }
        #expect(stored(count: 2, histogram: [1, 1], firstBin: 1) != nil)
        #expect(stored(count: 3, histogram: [1, 1], firstBin: 1) == nil)
        #expect(stored(count: 0, histogram: [], firstBin: 1) == nil)
        #expect(stored(count: 2, histogram: [1, 1], firstBin: 254) == nil)
        #expect(stored(count: 2, histogram: [1, 1], firstBin: -1) == nil)
    }
}
