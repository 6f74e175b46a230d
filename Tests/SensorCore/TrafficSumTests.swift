import SensorCore
import Testing

@Suite struct TrafficSumTests {
    /// 2026-05-01T12:00:00Z
    static let noon: Int64 = 1_777_636_800

    /// One minute, `number` minutes after noon.
    static func minute(
        _ number: Int64, bikes: UInt64 = 0, observed: Int64 = 60, utc: Bool = true, speeds: [Double] = []
    ) -> TrafficInterval {
        let start = 1000 + number * 60
        var statistics: SpeedStatistics?
        for speed in speeds {
            if statistics != nil { statistics?.add(speed) } else { statistics = SpeedStatistics(speed) }
        }
        let flow =
            bikes == 0 ? TrafficFlow(count: 0) : TrafficFlow(direction: "in", vehicleClass: "bike", count: bikes, speeds: statistics)
        return TrafficInterval(
            span: IntervalSpan(
                start: MonotonicInstant(nanoseconds: start * 1_000_000_000),
                end: MonotonicInstant(nanoseconds: (start + 60) * 1_000_000_000),
                utc: utc
                    ? .init(
                        start: WallClockTime(secondsSince1970: noon + number * 60),
                        end: WallClockTime(secondsSince1970: noon + number * 60 + 60)) : nil, isPartial: false),
            channel: "path", detector: .axlePair, observed: .seconds(observed), flows: observed > 0 ? [flow] : nil,
            headways: observed == 60 ? [HeadwaySum(direction: "in", count: bikes, sum: .seconds(2))] : nil,
            occupied: observed > 0 ? .seconds(1) : nil, total: UInt64(100 + number),
            quality: CountQuality(
                counters: EdgeCounters(
                    edges: 10 * bikes, lostEdges: 1, overflows: 0, rejectedGlitches: 2, uncertain: 1, rejectedPassages: 3),
                filter: "none", confidence: 1))
    }

    @Test("Five minutes are the sum of their minutes") func fiveMinutesAreTheSumOfTheirMinutes() throws {
        var sum = TrafficSum(length: .seconds(300))
        for number in 0..<4 as Range<Int64> {
            let early = sum.take(Self.minute(number, bikes: 2, speeds: [10 + Double(number), 20]))
            #expect(early.isEmpty)
        }
        let finished = sum.take(Self.minute(4))
        let whole = try #require(finished.first)
        #expect(finished.count == 1)
        #expect(whole.summedOver == .seconds(300))
        #expect(!whole.span.isPartial)
        #expect(whole.span.length == .seconds(300))
        #expect(whole.span.utc?.start == WallClockTime(secondsSince1970: Self.noon))
        #expect(whole.span.utc?.end == WallClockTime(secondsSince1970: Self.noon + 300))
        #expect(whole.observed == .seconds(300))
        #expect(whole.total == 104)
        #expect(whole.flows?.count == 1)
        let flow = try #require(whole.flows?.first)
        #expect(flow.count == 8)
        #expect(flow.speeds?.count == 8)
        #expect(flow.speeds?.sum == 126)
        #expect(flow.speeds?.histogram.reduce(0, +) == 8)
        #expect(whole.headways == [HeadwaySum(direction: "in", count: 8, sum: .seconds(10))])
        #expect(whole.occupied == .seconds(5))
        #expect(whole.quality.edges == 80)
        #expect(whole.quality.rejectedPassages == 15)
        // 80 of 85 edges, 3 of 8 passages certain.
        let expected: Double = (80.0 / 85.0) * (3.0 / 8.0)
        #expect(whole.quality.confidence == expected)
        #expect(sum.finish() == nil)
    }

    @Test("Empty minutes are a counted zero") func emptyMinutesAreACountedZero() throws {
        var sum = TrafficSum(length: .seconds(120))
        _ = sum.take(Self.minute(0))
        let whole = sum.take(Self.minute(1))
        #expect(whole.first?.flows == [TrafficFlow(count: 0)])
    }

    @Test("Unobserved minutes stay unknown") func unobservedMinutesStayUnknown() throws {
        var sum = TrafficSum(length: .seconds(120))
        _ = sum.take(Self.minute(0, observed: 0))
        let dark = sum.take(Self.minute(1, observed: 0))
        #expect(dark.first?.flows == nil)
        #expect(dark.first?.occupied == nil)
        #expect(dark.first?.headways == nil)
        #expect(dark.first?.quality.confidence == nil)
        _ = sum.take(Self.minute(2, observed: 0))
        let half = try #require(sum.take(Self.minute(3, bikes: 3)).first)
        #expect(half.flows?.first?.count == 3)
        #expect(half.observed == .seconds(60))
        #expect(half.occupied == .seconds(1))
    }

    @Test("What is missing makes it partial") func whatIsMissingMakesItPartial() throws {
        var sum = TrafficSum(length: .seconds(300))
        // Begun after a restart at minute 3, and one minute lost at 6.
        _ = sum.take(Self.minute(3, bikes: 1))
        let rest = sum.take(Self.minute(4, bikes: 1))
        #expect(rest.map(\.span.isPartial) == [true])
        #expect(rest.first?.flows?.first?.count == 2)
        _ = sum.take(Self.minute(5, bikes: 1))
        let cut = sum.take(Self.minute(7, bikes: 1))
        #expect(cut.map { $0.span.length } == [.seconds(60)])
        #expect(cut.map(\.span.isPartial) == [true])
        // The clock is lost: what follows is on the other clock.
        let other = sum.take(Self.minute(8, bikes: 1, utc: false))
        #expect(other.map(\.flows?.first?.count) == [1])
        #expect(sum.finish()?.flows?.first?.count == 1)
    }

    @Test("An occupancy that is unknown is not a small one") func anOccupancyThatIsUnknownIsNotASmallOne() throws {
        var sum = TrafficSum(length: .seconds(120))
        var spoiled = Self.minute(0, bikes: 1)
        spoiled.occupied = nil
        _ = sum.take(spoiled)
        #expect(sum.take(Self.minute(1, bikes: 1)).first?.occupied == nil)
    }

    /// Rain and wind run add up; of gusts the strongest, unless one is not known.
    @Test("What counts measure adds up") func whatCountsMeasureAddsUp() {
        func sum(_ amounts: [CountedAmount?]) -> CountedAmount? {
            let parts = amounts.enumerated().map { number, amount in
                var part = Self.minute(Int64(number), observed: amount == nil ? 0 : 60)
                part.measured = amount
                return part
            }
            return parts.dropFirst().reduce(parts[0]) { $0.joined(with: $1) }.measured
        }
        #expect(sum([.rain(millimetres: 0.25), .rain(millimetres: 0), .rain(millimetres: 0.5)]) == .rain(millimetres: 0.75))
        #expect(sum([.wind(run: 60, gust: 3), .wind(run: 30, gust: 5), .wind(run: 0, gust: 0)]) == .wind(run: 90, gust: 5))
        #expect(sum([.wind(run: 60, gust: 3), .wind(run: 30, gust: nil), .wind(run: 5, gust: 1)]) == .wind(run: 95, gust: nil))
        #expect(sum([.wind(run: 60, gust: 3), nil, .wind(run: 30, gust: 2)]) == .wind(run: 90, gust: 3))
        #expect(sum([nil, nil]) == nil)
    }
}
