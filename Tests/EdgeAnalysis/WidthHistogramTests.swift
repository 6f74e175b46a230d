import EdgeAnalysis
import SensorCore
import Testing

@Suite struct WidthHistogramTests {
    @Test(
        "A width falls into its bin",
        arguments: [
            (0, 0, 1_000), (999, 0, 1_000), (1_000, 1_000, 2_000), (1_999, 1_000, 2_000), (2_000, 2_000, 5_000), (4_999, 2_000, 5_000),
            (5_000, 5_000, 10_000), (9_999_999, 5_000_000, 10_000_000), (10_000_000, 10_000_000, 20_000_000),
            (499_999_999_999, 200_000_000_000, 500_000_000_000), (500_000_000_000, 500_000_000_000, nil),
        ] as [(Int64, Int64, Int64?)])
    func aWidthFallsIntoItsBin(width: Int64, from: Int64, to: Int64?) {
        var histogram = WidthHistogram()
        histogram.add(.nanoseconds(width))
        #expect(histogram.bins.map(\.from.nanoseconds) == [from])
        #expect(histogram.bins.map(\.to?.nanoseconds) == [to])
        #expect(histogram.bins.map(\.count) == [1])
        #expect(histogram.shortest == .nanoseconds(width) && histogram.longest == .nanoseconds(width))
    }

    @Test("Empty bins between others are kept") func emptyBinsBetweenOthersAreKept() {
        var histogram = WidthHistogram()
        #expect(histogram.bins.isEmpty && histogram.shortest == nil)
        for width in [3, 70, 75] as [Int64] { histogram.add(.microseconds(width)) }
        #expect(histogram.bins.map(\.count) == [1, 0, 0, 0, 2])
        #expect(histogram.count == 3)
    }

    @Test("Pulses and gaps are told apart") func pulsesAndGapsAreToldApart() {
        var line = LineWidths()
        for (instant, level) in [(10, true), (14, false), (20, true), (21, true), (29, false)] as [(Int64, Bool)] {
            line.take(EdgeEvent(instant: MonotonicInstant(nanoseconds: instant * 1_000_000), input: 0, level: level))
        }
        #expect(line.active.count == 2 && line.active.shortest == .milliseconds(4) && line.active.longest == .milliseconds(8))
        #expect(line.inactive.count == 1 && line.inactive.longest == .milliseconds(6))
        #expect(line.edges == 5 && line.repeatedLevels == 1)
    }
}
