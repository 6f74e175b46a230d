import HardwareMocks
import SensorCore
import Testing

private let start = MonotonicInstant(nanoseconds: 50_000_000_000)

@Suite struct ContactTrafficTests {
    private func edges(
        _ demand: ContactTraffic.Demand, hours: Int64 = 1, seed: UInt64
    ) -> (edges: [EdgeEvent], street: ContactTraffic) {
        var street = ContactTraffic(demand, from: start, until: start + .seconds(3600 * hours), seed: seed)
        var edges: [EdgeEvent] = []
        while let edge = street.next() { edges.append(edge) }
        return (edges, street)
    }

    @Test("Edges are in order numbered and alternate", arguments: 1...5 as ClosedRange<UInt64>)
    func edgesAreInOrderNumberedAndAlternate(seed: UInt64) {
        let demand = ContactTraffic.Demand(closuresPerHour: 2_000, spikesPerHour: 500)
        let (edges, street) = edges(demand, seed: seed)
        var last = start
        for (index, edge) in edges.enumerated() {
            #expect(edge.level == (index % 2 == 0), "seed \(seed), edge \(index)")
            #expect(edge.lineSequence == UInt32(index + 1), "seed \(seed), edge \(index)")
            #expect(edge.instant > last, "seed \(seed), edge \(index)")
            last = edge.instant
        }
        #expect(last < start + .seconds(3600))
        #expect(street.closures > 1_000 && street.spikes > 100, "seed \(seed)")
    }

    @Test("The same seed is the same street") func theSameSeedIsTheSameStreet() {
        let demand = ContactTraffic.Demand(closuresPerHour: 500, spikesPerHour: 50)
        #expect(edges(demand, seed: 7).edges == edges(demand, seed: 7).edges)
        #expect(edges(demand, seed: 7).edges != edges(demand, seed: 8).edges)
    }

    /// What is asked for comes, within what chance allows (five standard deviations).
    @Test("The demand is what comes", arguments: [10.0, 1_000, 4_000])
    func theDemandIsWhatComes(perHour: Double) {
        let hours: Int64 = perHour < 100 ? 100 : 4
        let expected = perHour * Double(hours)
        let closures = Double(edges(.init(closuresPerHour: perHour, bounce: .none), hours: hours, seed: 3).street.closures)
        // At 4,000 an hour a fifth of the gaps would be shorter than a contact takes, and those are stretched.
        let stretched = perHour > 2_000 ? expected * 0.02 : 0
        #expect((closures - expected).magnitude < 5 * expected.squareRoot() + stretched)
    }

    @Test("An empty street is silent", arguments: [0, 1e-300, 1e-9, 1e-4])
    func anEmptyStreetIsSilent(perHour: Double) {
        let (edges, street) = edges(.init(closuresPerHour: perHour, spikesPerHour: perHour), seed: 1)
        #expect(edges.isEmpty)
        #expect(street.closures == 0)
    }

    /// Apart from bounce, the contact is open or closed for at least as long as was asked.
    @Test("Holds and openings keep their times") func holdsAndOpeningsKeepTheirTimes() {
        let (edges, street) = edges(.init(closuresPerHour: 20_000, bounce: .none), seed: 5)
        #expect(edges.count == Int(street.closures) * 2)
        for (one, next) in zip(edges, edges.dropFirst()) {
            let span = next.instant - one.instant
            if one.level {
                #expect(span >= .milliseconds(40) && span <= .milliseconds(120))
            } else {
                #expect(span >= .milliseconds(60))
            }
        }
    }

    @Test("Bounce stays within its longest") func bounceStaysWithinItsLongest() {
        let (edges, _) = edges(.init(closuresPerHour: 2_000), seed: 9)
        // A burst's pairs keep 0.5 µs apart, so its end may move by as much for each.
        let longest = ContactBounce.ganssle.longest + TimeSpan.microseconds(12)
        var begin = edges[0].instant
        var isBouncing = 0
        for (one, next) in zip(edges, edges.dropFirst()) {
            if next.instant - one.instant > .milliseconds(20) {
                begin = next.instant
            } else {
                isBouncing += 1
                #expect(next.instant - begin <= longest)
            }
        }
        #expect(isBouncing > 1_000)
    }

    @Test("The source shows edges when they have happened") func theSourceShowsEdgesWhenTheyHaveHappened() throws {
        let clock = ManualClock(start: start, utc: nil)
        let demand = ContactTraffic.Demand(closuresPerHour: 1_000)
        let source = SimulatedEdgeSource(
            traffic: [
                .contact(ContactTraffic(demand, from: start, until: start + .seconds(600), seed: 1)),
                .contact(ContactTraffic(demand, from: start, until: start + .seconds(600), seed: 2)),
            ], clock: clock)
        let buffer = UnsafeMutableBufferPointer<EdgeEvent>.allocate(capacity: 3)
        defer { buffer.deallocate() }
        var levels = [false, false]
        var taken = 0
        let end = start + .seconds(600)
        while clock.now() < end {
            try source.wait(until: min(end, clock.now() + .seconds(1)))
            while let batch = try source.read(into: buffer) {
                for edge in buffer.prefix(batch.count) {
                    #expect(edge.instant <= clock.now())
                    levels[batch.channel] = edge.level
                }
                taken += batch.count
            }
            for channel in 0...1 { #expect(try source.level(channel: channel, input: 0) == levels[channel]) }
        }
        #expect(taken > 400)
        #expect(source.trueCount(channel: 0) > 100 && source.trueCount(channel: 0) != source.trueCount(channel: 1))
    }
}
