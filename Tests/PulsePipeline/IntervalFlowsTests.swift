import SensorCore
import Testing

@testable import PulsePipeline

@Suite struct IntervalFlowsTests {
    static func instant(_ seconds: Double) -> MonotonicInstant { MonotonicInstant(nanoseconds: Int64(seconds * 1e9)) }

    static func detail(
        _ seconds: Double, interval: UInt64, _ direction: PassageDirection = .forward, speed: Double? = 5
    ) -> ChannelPassage {
        ChannelPassage(
            channel: 0, interval: interval,
            passage: Passage(instant: instant(seconds), direction: direction, roadUser: .bike, speed: speed, length: 1.8))
    }

    @Test("Passages are summed by direction and class") func passagesAreSummedByDirectionAndClass() throws {
        var flows = IntervalFlows()
        for (second, direction) in [(1.0, PassageDirection.forward), (3, .backward), (4, .forward), (9, .forward)] {
            flows.take(Self.detail(second, interval: 0, direction, speed: second))
        }
        flows.take(Self.detail(11, interval: 0, speed: nil))
        let sum = flows.close(through: 0, end: Self.instant(60), count: 5, wasObserved: true)
        let forward = try #require(sum.flows[FlowSummary.Key(direction: .forward, roadUser: .bike)])
        #expect(forward.count == 4)
        #expect(forward.speeds?.count == 3)
        #expect(forward.speeds?.maximum == 9 * 3.6)
        #expect(sum.flows[FlowSummary.Key(direction: .backward, roadUser: .bike)]?.count == 1)
        #expect(sum.headways?[.forward]?.count == 3)
        #expect(sum.headways?[.forward]?.sum == .seconds(10))
        #expect(sum.headways?[.backward] == nil)
    }

    @Test("A headway belongs to the second") func aHeadwayBelongsToTheSecond() {
        var flows = IntervalFlows()
        flows.take(Self.detail(58, interval: 0))
        // Decided before the first interval was closed.
        flows.take(Self.detail(61, interval: 1))
        let first = flows.close(through: 0, end: Self.instant(60), count: 1, wasObserved: true)
        #expect(first.headways?.isEmpty == true)
        let second = flows.close(through: 1, end: Self.instant(120), count: 1, wasObserved: true)
        #expect(second.count == 1)
        #expect(second.headways?[.forward]?.sum == .seconds(3))
    }

    @Test("No headway reaches over a gap") func noHeadwayReachesOverAGap() {
        var flows = IntervalFlows()
        flows.take(Self.detail(10, interval: 0))
        flows.take(Self.detail(20, interval: 0))
        flows.take(Self.detail(61, interval: 1))
        #expect(flows.close(through: 0, end: Self.instant(60), count: 2, wasObserved: false).headways == nil)
        flows.take(Self.detail(65, interval: 1))
        // The one of 61 s to 20 s would hide who passed in the gap; with it go all of its interval.
        #expect(flows.close(through: 1, end: Self.instant(120), count: 2, wasObserved: true).headways == nil)
        flows.take(Self.detail(125, interval: 2))
        let third = flows.close(through: 2, end: Self.instant(180), count: 1, wasObserved: true)
        #expect(third.headways?[.forward]?.sum == .seconds(60))
        flows.take(Self.detail(185, interval: 3))
        _ = flows.close(through: 3, end: Self.instant(240), count: 1, wasObserved: false)
        flows.take(Self.detail(241, interval: 4))
        flows.take(Self.detail(245, interval: 4))
        let fifth = flows.close(through: 4, end: Self.instant(300), count: 2, wasObserved: true)
        #expect(fifth.headways?[.forward]?.count == 1)
        #expect(fifth.headways?[.forward]?.sum == .seconds(4))
    }

    /// The way from the counting thread was full: a headway may hide a passage.
    @Test("Lost details take the headways with them") func lostDetailsTakeTheHeadwaysWithThem() {
        var flows = IntervalFlows()
        flows.take(Self.detail(10, interval: 0))
        flows.take(Self.detail(20, interval: 0))
        let sum = flows.close(through: 0, end: Self.instant(60), count: 3, wasObserved: true)
        #expect(sum.count == 2)
        #expect(sum.headways == nil)
    }

    @Test("Intervals that were joined are summed") func intervalsThatWereJoinedAreSummed() {
        var flows = IntervalFlows()
        flows.take(Self.detail(10, interval: 0, speed: 5))
        flows.take(Self.detail(70, interval: 1, speed: 10))
        flows.take(Self.detail(130, interval: 2))
        let sum = flows.close(through: 1, end: Self.instant(120), count: 2, wasObserved: true)
        #expect(sum.count == 2)
        #expect(sum.flows[FlowSummary.Key(direction: .forward, roadUser: .bike)]?.speeds?.sum == 54)
        #expect(sum.headways?[.forward]?.count == 1)
        #expect(flows.close(through: 2, end: Self.instant(180), count: 1, wasObserved: true).count == 1)
    }
}
