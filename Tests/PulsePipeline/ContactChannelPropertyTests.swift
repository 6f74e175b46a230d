import HardwareMocks
import PulsePipeline
import SensorCore
import Testing

@Suite struct ContactChannelPropertyTests {
    /// Bursts and rests, lost numbers, merged edges: what a bad line on a busy kernel gives.
    private func ragged(_ random: inout SeededGenerator) -> [EdgeEvent] {
        var edges: [EdgeEvent] = []
        var time = 10.0
        var number: UInt32 = 0
        var level = false
        for _ in 0..<Int.random(in: 1...400, using: &random) {
            switch Int.random(in: 0..<20, using: &random) {
            case 0: time += Double.random(in: 100...4000, using: &random)
            case 1...4: time += Double.random(in: 8...40, using: &random)
            default: time += Double.random(in: 0...3, using: &random)
            }
            number += 1
            level.toggle()
            switch Int.random(in: 0..<60, using: &random) {
            case 0: number += UInt32.random(in: 1...5, using: &random)
            case 1: level.toggle()
            default: break
            }
            edges.append(edge(time, level, number))
        }
        return edges
    }

    @Test("How edges come in pieces makes no difference", arguments: 1...200 as ClosedRange<UInt64>)
    func howEdgesComeInPiecesMakesNoDifference(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let edges = ragged(&random)
        let end = edges[edges.count - 1].instant + .seconds(3)
        var whole = ChannelUnderTest(interval: .seconds(1))
        whole.ingest(edges)
        whole.finish(at: end)
        var pieces = ChannelUnderTest(interval: .seconds(1))
        var rest = edges[...]
        while !rest.isEmpty {
            let size = Int.random(in: 1...12, using: &random)
            pieces.ingest(Array(rest.prefix(size)))
            rest = rest.dropFirst(size)
        }
        pieces.finish(at: end)
        #expect(pieces.tallies == whole.tallies, "seed \(seed)")
        #expect(pieces.passages == whole.passages, "seed \(seed)")
    }

    /// Intervals take nothing away and add nothing, however short they are.
    @Test("Intervals sum up to the whole", arguments: 1...200 as ClosedRange<UInt64>)
    func intervalsSumUpToTheWhole(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let edges = ragged(&random)
        let end = edges[edges.count - 1].instant + .seconds(3)
        var whole = ChannelUnderTest(interval: .seconds(1_000_000))
        whole.ingest(edges)
        whole.finish(at: end)
        var cut = ChannelUnderTest(interval: .milliseconds(Int64.random(in: 20...2000, using: &random)))
        cut.ingest(edges)
        cut.finish(at: end)
        var sum = cut.total
        sum.unobserved = whole.total.unobserved
        #expect(sum == whole.total, "seed \(seed)")
        for tally in cut.tallies {
            #expect(tally.unobserved >= .zero && tally.unobserved <= cut.interval, "seed \(seed)")
        }
        #expect(cut.passages.flatMap { $0 } == whole.passages.flatMap { $0 }, "seed \(seed)")
        // Each interval has the passages that began in it, unless it was given up.
        for (index, passages) in cut.passages.enumerated() where cut.total.unobserved == .zero {
            let start = at(0) + cut.interval * Int64(index)
            #expect(
                passages.allSatisfy { $0.instant >= start && $0.instant < start + cut.interval }, "seed \(seed)")
        }
    }

    /// Bounce shorter than the filter, holds and openings longer: no closure is missed, none is counted twice.
    @Test("Bounced closures give exactly the truth", arguments: [1, 2, 3, 4] as [UInt64])
    func bouncedClosuresGiveExactlyTheTruth(seed: UInt64) {
        let end = MonotonicInstant(nanoseconds: 3_600_000_000_000)
        var street = ContactTraffic(
            ContactTraffic.Demand(closuresPerHour: 8_000, spikesPerHour: 500), from: at(0), until: end, seed: seed)
        var line = ChannelUnderTest(interval: .seconds(60))
        var batch: [EdgeEvent] = []
        while let edge = street.next() {
            batch.append(edge)
            if batch.count == 50 {
                line.ingest(batch)
                batch.removeAll(keepingCapacity: true)
            }
        }
        line.ingest(batch)
        line.finish(at: end)
        #expect(street.closures > 5_000)
        #expect(line.total.passages == street.closures, "seed \(seed)")
        #expect(line.total.lostEdges == 0, "seed \(seed)")
        #expect(line.total.unobserved == .zero, "seed \(seed)")
        // Bounce of a release may look like a glitch of its own; a spike always does.
        #expect(line.total.rejectedGlitches >= street.spikes, "seed \(seed)")
        #expect(line.tallies.count == 60)
    }
}
