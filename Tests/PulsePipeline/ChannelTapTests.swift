import HardwareMocks
import SensorCore
import Testing

@testable import PulsePipeline

@Suite struct ChannelTapTests {
    @Test("What finds no room is counted") func whatFindsNoRoomIsCounted() {
        let tap = ChannelTap<Int>(capacity: 8)
        tap.open(channel: 3)
        #expect(tap.wanted.channel == 3)
        for number in 0..<20 { tap.offer(number, for: tap.wanted) }
        let first = tap.take(atMost: 5)
        #expect(first.elements == [0, 1, 2, 3, 4] && first.lost == 12)
        let rest = tap.take(atMost: 5)
        #expect(rest.elements == [5, 6, 7] && rest.lost == 0)
    }

    /// Another choice, or the same one again, begins with what comes after it.
    @Test("Another choice begins anew") func anotherChoiceBeginsAnew() {
        let tap = ChannelTap<Int>(capacity: 4)
        tap.open(channel: 0)
        let before = tap.wanted
        for number in 0..<6 { tap.offer(number, for: before) }
        tap.open(channel: 0)
        #expect(tap.take(atMost: 10).elements.isEmpty)
        // The counting thread has not noticed yet.
        tap.offer(7, for: before)
        tap.offer(8, for: tap.wanted)
        let taken = tap.take(atMost: 10)
        #expect(taken.elements == [8] && taken.lost == 0)
        tap.close()
        #expect(tap.wanted.channel == nil)
    }

    /// Somebody asks for all edges of an hour and reads none: counting is exact, and what is missing is told.
    @Test("A listener that does not read costs nothing") func aListenerThatDoesNotReadCostsNothing() throws {
        var street: SimulatedEdgeSource?
        var loop: CountingLoop?
        let run = try CountingRun.over(
            .seconds(3600), readEvery: .seconds(60),
            lookingOn: {
                loop = $0
                $0.edgeTap.open(channel: 0)
                $0.passageTap.open(channel: 0)
            },
            source: { clock in
                let traffic = ContactTraffic(
                    ContactTraffic.Demand(closuresPerHour: 8_000, spikesPerHour: 100), from: CountingRun.start + .seconds(1),
                    until: CountingRun.start + .seconds(3590), seed: 20_261_124)
                let source = SimulatedEdgeSource(traffic: [traffic].map(SimulatedTraffic.contact), clock: clock)
                street = source
                return source
            })
        let truth = try #require(street).trueCount(channel: 0)
        let watched = try #require(loop)
        #expect(truth > 5000)
        #expect(run.total().passages == truth)
        #expect(run.total().lostEdges == 0 && run.total().unobserved == .zero)
        let edges = watched.edgeTap.take(atMost: .max)
        #expect(edges.elements.count == 8192)
        #expect(edges.elements.first?.isStart == true)
        // The start is one more than the edges.
        #expect(UInt64(edges.elements.count) + edges.lost == run.total().edges + 1)
        let passages = watched.passageTap.take(atMost: .max)
        #expect(UInt64(passages.elements.count) + passages.lost == truth)
    }

    /// Somebody who reads in time misses nothing and sees the passages that are counted.
    @Test("A listener that reads has all") func aListenerThatReadsHasAll() throws {
        var street: SimulatedEdgeSource?
        var loop: CountingLoop?
        let run = try CountingRun.over(
            .seconds(300),
            lookingOn: {
                loop = $0
                $0.passageTap.open(channel: 0)
            },
            source: { clock in
                let traffic = ContactTraffic(
                    ContactTraffic.Demand(closuresPerHour: 4_000, spikesPerHour: 100), from: CountingRun.start + .seconds(1),
                    until: CountingRun.start + .seconds(290), seed: 7)
                let source = SimulatedEdgeSource(traffic: [traffic].map(SimulatedTraffic.contact), clock: clock)
                street = source
                return source
            })
        let passages = try #require(loop).passageTap.take(atMost: .max)
        #expect(passages.lost == 0)
        let truth = try #require(street).trueCount(channel: 0)
        #expect(UInt64(passages.elements.count) == truth)
        #expect(UInt64(passages.elements.count) == run.total().passages)
        let instants = passages.elements.map(\.instant)
        #expect(instants == instants.sorted())
    }
}
