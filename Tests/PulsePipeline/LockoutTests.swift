import HardwareMocks
import PulsePipeline
import SensorCore
import Testing

/// A contact behind a lockout, against what really closed.
@Suite struct LockoutTests {
    private static let time = 20.0

    private static func pulses(_ count: Int, every period: Double, share: Double) -> [(from: Double, to: Double)] {
        (0..<count).map { number in
            let from = 10 + Double(number) * period
            return (from, from + share * period)
        }
    }

    /// The edges of closures in ms, numbered; each end of a closure bounces for at most so long.
    private static func edges(
        _ closures: [(from: Double, to: Double)], bounce: (Double, inout SeededGenerator) -> [Double], _ random: inout SeededGenerator
    ) -> [EdgeEvent] {
        var edges: [EdgeEvent] = []
        var level = false
        for closure in closures {
            for end in [closure.from, closure.to] {
                for moment in [end] + bounce(end, &random).sorted() {
                    level.toggle()
                    edges.append(edge(moment, level, UInt32(edges.count + 1)))
                }
            }
        }
        return edges
    }

    private static func count(_ edges: [EdgeEvent], until end: Double, _ filter: PulseFilter = .lockout(.milliseconds(20))) -> ChannelTally
    {
        let channel = ChannelSettings.contact(filter).makeChannel(levels: 0, at: at(0))
        var passages = PassageBuffer(capacity: 8192)
        // In batches, with the time told in between, as the counting loop does.
        for begin in stride(from: 0, to: edges.count, by: 7) {
            edges[begin..<min(edges.count, begin + 7)].withUnsafeBufferPointer {
                _ = channel.ingest($0, boundary: .distantFuture, passages: &passages)
            }
            let last = edges[min(edges.count, begin + 7) - 1].instant
            if let deadline = channel.deadline, begin + 7 >= edges.count || deadline < edges[begin + 7].instant {
                channel.advance(to: max(deadline, last), boundary: .distantFuture, passages: &passages)
            }
        }
        channel.advance(to: at(end), boundary: .distantFuture, passages: &passages)
        return channel.closeInterval(at: at(end))
    }

    /// 30 Hz behind 20 ms, closed for a quarter of the time: an anemometer in a storm.
    @Test("Every turn in a storm counts") func everyTurnInAStormCounts() {
        let turns = Self.pulses(1770, every: 1000 / 30, share: 0.25)
        var random = SeededGenerator(seed: 1)
        let tally = Self.count(Self.edges(turns, bounce: { _, _ in [] }, &random), until: 60_000)
        #expect(tally.passages == 1770)
        #expect(tally.rejectedGlitches == 0)
        #expect(tally.confidence == 1)
    }

    /// Whatever the period beyond the time, the share of it that is closed, and the bounce: one closure, one count.
    @Test("Every pulse further apart than the time counts", arguments: 1...120 as ClosedRange<UInt64>)
    func everyPulseFurtherApartThanTheTimeCounts(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let shortest = Self.time * [1.001, 1.05, 1.3, 1.7, 2.1, 5][Int(seed % 6)]
        let share = Double.random(in: 0.03...0.97, using: &random)
        let wander = [0, 0.3][Int(seed / 6 % 2)]
        var closures: [(from: Double, to: Double)] = []
        var from = 10.0
        var shortestPart = Self.time
        for _ in 0..<300 {
            let period = shortest * (1 + Double.random(in: 0...1, using: &random) * wander)
            closures.append((from, from + share * period))
            shortestPart = min(shortestPart, share * period, (1 - share) * period)
            from += period
        }
        // A bounce is over before half of what it is part of.
        let longest = shortestPart * 0.49
        let pairs = Int(seed / 12 % 4)
        let edges = Self.edges(
            closures,
            bounce: { end, random in
                (0..<2 * pairs).map { _ in end + Double.random(in: 0.001...longest, using: &random) }
            }, &random)
        let tally = Self.count(edges, until: from + 1000)
        #expect(tally.passages == 300, "seed \(seed): shortest period \(shortest), share \(share), \(pairs) pairs in \(longest) ms")
    }

    /// A line faster than the lock: what is missing shows.
    @Test("Pulses that are ignored show", arguments: [55, 60, 75, 100, 200] as [Double], [0.25, 0.5])
    func pulsesThatAreIgnoredShow(perSecond: Double, share: Double) {
        let pulses = Self.pulses(Int(perSecond) * 10, every: 1000 / perSecond, share: share)
        var random = SeededGenerator(seed: 1)
        let tally = Self.count(Self.edges(pulses, bounce: { _, _ in [] }, &random), until: 11_000)
        #expect(tally.passages < UInt64(pulses.count))
        #expect(tally.rejectedGlitches > 0)
        #expect(tally.confidence < 0.95)
        if perSecond <= 60 { #expect(tally.passages + tally.rejectedGlitches + 2 >= UInt64(pulses.count)) }
    }

    /// A switch that bounces is what the filter is for: nothing is said about it.
    @Test("Bounces are no ignored pulses") func bouncesAreNoIgnoredPulses() {
        var random = SeededGenerator(seed: 7)
        let closures = Self.pulses(200, every: 300, share: 1.0 / 3)
        let edges = Self.edges(
            closures, bounce: { end, random in (0..<6).map { _ in end + Double.random(in: 0.01...4, using: &random) } }, &random)
        let tally = Self.count(edges, until: 61_000)
        #expect(tally.passages == 200)
        #expect(tally.rejectedGlitches == 0)
        #expect(tally.confidence == 1)
    }
}
