import HardwareMocks
@testable import PulsePipeline
import SensorCore
import Testing

@Suite struct ContactChannelTests {
    @Test("A passage belongs to the interval of its first edge") func aPassageBelongsToTheIntervalOfItsFirstEdge() {
        var line = ChannelUnderTest(interval: .seconds(1))
        // Bounces over the boundary, is decided after it.
        line.ingest([edge(998, true, 1), edge(999, false, 2), edge(1001, true, 3), edge(1100, false, 4)])
        // One nanosecond before the boundary, and exactly on it.
        line.ingest([
            EdgeEvent(instant: at(2000) - .nanoseconds(1), input: 0, level: true, lineSequence: 5), edge(2500, false, 6),
        ])
        line.ingest([edge(3000, true, 7), edge(3100, false, 8)])
        line.finish(at: at(4000))
        #expect(line.counts == [1, 1, 0, 1])
        #expect(line.passages.map { $0.map(\.instant) } == [[at(998)], [at(2000) - .nanoseconds(1)], [], [at(3000)], []])
        #expect(line.total.lostEdges == 0)
    }

    @Test("A fall over the boundary is no passage of the next interval") func aFallOverTheBoundaryIsNoPassageOfTheNextInterval() {
        var line = ChannelUnderTest(level: true, interval: .seconds(1))
        line.ingest([edge(999, false, 1), edge(1001, true, 2), edge(1003, false, 3), edge(1500, true, 4)])
        line.finish(at: at(2000))
        #expect(line.counts == [0, 1])
        #expect(line.total.rejectedGlitches == 0)
    }

    @Test("An idle line is zero for ever") func anIdleLineIsZeroForEver() {
        var line = ChannelUnderTest(interval: .seconds(60))
        for second in 1...86_400 { line.advance(to: at(Double(second) * 1000)) }
        #expect(line.tallies == Array(repeating: ChannelTally(), count: 1440))
        #expect(line.channel.deadline == nil)
    }

    @Test("An interval is closed once it is decided") func anIntervalIsClosedOnceItIsDecided() {
        var line = ChannelUnderTest(interval: .seconds(1))
        #expect(!line.channel.isDecided(before: at(1000), at: at(999)))
        #expect(line.channel.isDecided(before: at(1000), at: at(1000)))
        line.ingest([edge(995, true, 1)])
        line.advance(to: at(1000))
        #expect(line.tallies.isEmpty)
        line.advance(to: at(1003))
        #expect(line.counts == [1])
        // What began later does not hold it up.
        line.ingest([edge(1900, false, 2), edge(2001, true, 3)])
        #expect(line.channel.isDecided(before: at(2000), at: at(2001)))
    }

    /// A filter longer than the chatter limit is no chatter.
    @Test("A slow filter is waited for") func aSlowFilterIsWaitedFor() {
        var line = ChannelUnderTest(.stable(rise: .seconds(5), fall: .seconds(5)), interval: .seconds(10))
        line.ingest([edge(9_900, true, 1)])
        line.advance(to: at(14_899))
        #expect(line.tallies.isEmpty)
        line.advance(to: at(14_900))
        #expect(line.counts == [1])
        #expect(line.unobserved == [.zero])
    }

    @Test("Only excursions are glitches", arguments: [(8.0, 1.0), (0.05, 0.01)])
    func onlyExcursionsAreGlitches(filter: Double, width: Double) {
        let time = TimeSpan(nanoseconds: Int64(filter * 1e6))
        var line = ChannelUnderTest(.stable(rise: time, fall: time))
        for time in stride(from: 100.0, through: 1000, by: 100) {
            line.ingest([edge(time, true), edge(time + width, false)])
        }
        line.finish(at: at(2000))
        #expect(line.total.rejectedGlitches == 10)
        #expect(line.total.passages == 0)
        #expect(line.total.edges == 20)
        #expect(line.total.uncertain == 0)
        #expect(line.total.confidence == 1.0 / 11)
    }

    @Test("The filter is published as it works") func theFilterIsPublishedAsItWorks() {
        #expect(PulseFilter.stable(rise: .milliseconds(8), fall: .milliseconds(12)).text == "stable rise 8 ms, fall 12 ms")
        #expect(PulseFilter.stable(rise: .microseconds(250), fall: .zero).text == "stable rise 0.25 ms, fall 0 ms")
        #expect(PulseFilter.kernel(period: .milliseconds(5)).text == "kernel 5 ms")
        #expect(PulseFilter.none.text == "none")
    }

    /// No filter here: the kernel has debounced already, or nobody is to.
    @Test("Without a filter every closure counts at once") func withoutAFilterEveryClosureCountsAtOnce() {
        var line = ChannelUnderTest(.none)
        line.ingest(closures([(1, 1.001), (2, 2.001), (3, 3)]))
        #expect(line.channel.deadline == nil)
        line.finish(at: at(10))
        #expect(line.total.passages == 3)
    }
}

/// Time nobody could judge, and what it does to a count.
@Suite struct UnobservedTimeTests {
    @Test("Chatter is not observed") func chatterIsNotObserved() {
        var line = ChannelUnderTest(interval: .seconds(10))
        // Every 2 ms from 8 s to 12.5 s, then open.
        line.ingest(chatter(from: 8_000, edges: 2250))
        line.finish(at: at(20_000))
        #expect(line.counts == [0, 0])
        #expect(line.unobserved == [.milliseconds(2_000), .milliseconds(2_498)])
        #expect(line.total.rejectedGlitches == 1)
    }

    /// Half a second of it before the boundary is chatter too, as what follows shows.
    @Test("Chatter that begins shortly before the boundary counts from there")
    func chatterThatBeginsShortlyBeforeTheBoundaryCountsFromThere() {
        var line = ChannelUnderTest(interval: .seconds(10))
        line.ingest(chatter(from: 9_500, edges: 2000))
        line.finish(at: at(20_000))
        #expect(line.unobserved == [.milliseconds(500), .milliseconds(3_498)])
    }

    @Test("A long burst within the limit is observed") func aLongBurstWithinTheLimitIsObserved() {
        var line = ChannelUnderTest(interval: .seconds(10))
        line.ingest(chatter(from: 5_000, edges: 500))
        line.finish(at: at(10_000))
        #expect(line.unobserved == [.zero])
        #expect(line.total.rejectedGlitches == 1)
    }

    /// A closure held for minutes is a level at rest.
    @Test("A long closure is no chatter") func aLongClosureIsNoChatter() {
        var line = ChannelUnderTest(interval: .seconds(10))
        line.ingest(closures([(1_000, 25_000)]))
        line.finish(at: at(30_000))
        #expect(line.counts == [1, 0, 0])
        #expect(line.total.unobserved == .zero)
    }

    @Test("The time of a gap is not observed") func theTimeOfAGapIsNotObserved() {
        var line = ChannelUnderTest(interval: .seconds(10))
        line.ingest(closures([(1_000, 1_100)]))
        line.advance(to: at(1_200))
        line.ingest([edge(4_000, true, 11), edge(4_100, false, 12)])
        line.finish(at: at(10_000))
        #expect(line.total.lostEdges == 8)
        #expect(line.unobserved == [.milliseconds(2_900)])
        #expect(line.counts == [2])
        #expect(line.total.confidence == 4.0 / 12.0)
    }

    /// A stalled reader: what fell out of the buffer lies on both sides of the boundary, and over a whole interval.
    @Test("A gap over a boundary darkens both sides") func aGapOverABoundaryDarkensBothSides() {
        var line = ChannelUnderTest(interval: .seconds(10))
        line.ingest(closures([(7_000, 7_100)]))
        line.advance(to: at(7_200))
        line.ingest([edge(24_000, true, 103), edge(24_100, false, 104)])
        line.finish(at: at(30_000))
        #expect(line.unobserved == [.milliseconds(2_900), .seconds(10), .seconds(4)])
        #expect(line.counts == [1, 0, 1])
        #expect(line.total.lostEdges == 100)
    }

    /// The line rose before the gap and is low after it: unseen time proves no stability.
    /// A burst that goes on for more than a second is dark as a whole.
    @Test("Across a gap nothing is stable", arguments: [(9_000.0, [10, 0]), (11_000, [1_010, 1_001])] as [(Double, [Int64])])
    func acrossAGapNothingIsStable(next: Double, unobserved: [Int64]) {
        var line = ChannelUnderTest(interval: .seconds(10))
        line.ingest([edge(8_990, true, 1), edge(next, true, 4)])
        line.ingest([edge(next + 1, false, 5)])
        line.finish(at: at(20_000))
        #expect(line.total.passages == 0)
        #expect(line.total.rejectedGlitches == 1)
        #expect(line.unobserved == unobserved.map { .milliseconds($0) })
    }

    @Test("After an overflow nothing is decided before the line is seen again")
    func afterAnOverflowNothingIsDecidedBeforeTheLineIsSeenAgain() {
        var line = ChannelUnderTest(interval: .seconds(10))
        line.ingest([edge(1_000, true, 1)])
        line.channel.noteOverflow()
        #expect(line.channel.deadline == nil)
        line.advance(to: at(1_500))
        #expect(line.counts == [] && line.passages == [[]])
        line.resynchronise(level: true, at: at(2_000))
        #expect(line.channel.deadline == at(2_008))
        line.finish(at: at(10_000))
        #expect(line.total.passages == 1)
        #expect(line.total.overflows == 1)
        #expect(line.total.lostEdges == 0)
        #expect(line.unobserved == [.seconds(1)])
        #expect(line.total.confidence == 1.0 / 3.0)
    }

    /// Nothing is known to have happened, so nothing was rejected.
    @Test("An overflow on a line at rest is no glitch") func anOverflowOnALineAtRestIsNoGlitch() {
        var line = ChannelUnderTest(interval: .seconds(10))
        line.ingest(closures([(1_000, 1_100)]))
        line.advance(to: at(1_200))
        line.channel.noteOverflow()
        line.resynchronise(level: false, at: at(1_300))
        line.finish(at: at(10_000))
        #expect(line.total.rejectedGlitches == 0)
        #expect(line.total.passages == 1)
        #expect(line.unobserved == [.milliseconds(200)])
    }

    /// uAPI v1: the newest are dropped, so the next edge is the first that is seen again.
    @Test("The next edge ends the blindness") func theNextEdgeEndsTheBlindness() {
        var line = ChannelUnderTest(interval: .seconds(10))
        line.ingest([edge(1_000, true)])
        line.channel.noteOverflow()
        line.ingest([edge(1_500, true), edge(1_600, false)])
        line.finish(at: at(10_000))
        #expect(line.total.lostEdges == 1)
        #expect(line.total.passages == 1)
        #expect(line.unobserved == [.milliseconds(500)])
    }

    @Test("A level that disagrees is a lost edge and is filtered") func aLevelThatDisagreesIsALostEdgeAndIsFiltered() {
        var line = ChannelUnderTest(interval: .seconds(10))
        line.resynchronise(level: true, at: at(500))
        line.advance(to: at(507))
        #expect(line.passages == [[]])
        line.advance(to: at(508))
        #expect(line.passages == [[Passage(instant: at(500))]])
        line.resynchronise(level: true, at: at(900))
        line.finish(at: at(10_000))
        #expect(line.total.lostEdges == 1)
        #expect(line.total.unobserved == .zero)
        #expect(line.total.confidence == 0)
    }

    /// A late edge, from before the interval began, must not take observed time away or add any.
    @Test("Observed time stays within the interval") func observedTimeStaysWithinTheInterval() {
        var line = ChannelUnderTest(interval: .seconds(10))
        line.advance(to: at(10_000))
        line.ingest([edge(9_999, true, 3), edge(10_200, false, 4)])
        line.finish(at: at(20_000))
        #expect(line.unobserved == [.zero, .zero])
        #expect(line.total.passages == 1)
    }
}
