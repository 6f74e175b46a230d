import PulsePipeline
import SensorCore
import Testing

@Suite struct RadarChannelTests {
    private static let setup = RadarSetup(lanes: [4], height: 2)
    private static let start = MonotonicInstant(nanoseconds: 0)

    private func edge(_ microseconds: Int64, _ level: Bool, _ number: UInt32 = 0) -> EdgeEvent {
        EdgeEvent(instant: MonotonicInstant(nanoseconds: microseconds * 1000), input: 0, level: level, lineSequence: number)
    }

    private func tally(_ edges: [EdgeEvent], _ queue: SliceQueue?, until end: Int64) -> ChannelTally {
        let channel = HeldChannel(RadarChannel(Self.setup, levels: 0, at: Self.start, slices: queue))
        var passages = PassageBuffer(capacity: 16)
        edges.withUnsafeBufferPointer { _ = channel.ingest($0, boundary: .distantFuture, passages: &passages) }
        let instant = MonotonicInstant(nanoseconds: end * 1000)
        channel.advance(to: instant, boundary: .distantFuture, passages: &passages)
        return channel.closeInterval(at: instant)
    }

    @Test("What finds no room is counted and not observed and the edges are counted all the same")
    func whatFindsNoRoomIsCountedAndNotObservedAndTheEdgesAreCountedAllTheSame() {
        let edges = (1...2000).map { edge(Int64($0) * 500, $0 % 2 == 1, UInt32($0)) }
        let roomy = tally(edges, SliceQueue(capacity: 1024), until: 1_000_000)
        #expect(roomy.unobserved == .zero)
        #expect(roomy.overflows == 0)
        let queue = SliceQueue(capacity: 128)
        let tight = tally(edges, queue, until: 1_000_000)
        #expect(tight.edges == 2000)
        #expect(tight.overflows == 1)
        #expect(queue.lost > 300)
        // 128 slices of 2.1 ms found room.
        #expect((tight.unobserved.seconds - (1 - 128 * 32 * 65_536e-9)).magnitude < 0.01)
    }

    @Test("A gap in the numbers is not observed an odd lost edge is only counted")
    func aGapInTheNumbersIsNotObservedAnOddLostEdgeIsOnlyCounted() {
        let gap = tally([edge(1000, true, 1), edge(2000, false, 2), edge(500_000, true, 9)], SliceQueue(), until: 600_000)
        #expect(gap.lostEdges == 6)
        #expect(gap.unobserved == .milliseconds(498))
        let odd = tally([edge(1000, true), edge(2000, true), edge(3000, false)], SliceQueue(), until: 600_000)
        #expect(odd.lostEdges == 1)
        #expect(odd.unobserved == .zero)
    }

    @Test("After the kernel's buffer was full nothing is observed until the next edge")
    func afterTheKernelsBufferWasFullNothingIsObservedUntilTheNextEdge() {
        let channel = HeldChannel(RadarChannel(Self.setup, levels: 0, at: Self.start, slices: SliceQueue()))
        var passages = PassageBuffer(capacity: 16)
        func ingest(_ edge: EdgeEvent) {
            withUnsafePointer(to: edge) {
                _ = channel.ingest(UnsafeBufferPointer(start: $0, count: 1), boundary: .distantFuture, passages: &passages)
            }
        }
        ingest(edge(1000, true))
        channel.noteOverflow()
        #expect(channel.isBlind)
        ingest(edge(301_000, false))
        #expect(!channel.isBlind)
        let tally = channel.closeInterval(at: MonotonicInstant(nanoseconds: 400_000_000))
        #expect(tally.overflows == 1)
        #expect(tally.unobserved == .milliseconds(300))
    }

    @Test("Levels that were read anew end the blindness and tell a lost edge") func levelsThatWereReadAnewEndTheBlindnessAndTellALostEdge()
    {
        let channel = HeldChannel(RadarChannel(Self.setup, levels: 0, at: Self.start, slices: SliceQueue()))
        var passages = PassageBuffer(capacity: 16)
        channel.noteOverflow()
        channel.resynchronise(levels: 1, at: MonotonicInstant(nanoseconds: 200_000_000), passages: &passages)
        #expect(!channel.isBlind)
        let tally = channel.closeInterval(at: MonotonicInstant(nanoseconds: 400_000_000))
        #expect(tally.lostEdges == 1)
        #expect(tally.unobserved == .milliseconds(200))
    }

    @Test("What goes through a queue to another thread's tracker is what is tracked in place")
    func whatGoesThroughAQueueToAnotherThreadsTrackerIsWhatIsTrackedInPlace() throws {
        let pass = AnalyticPass()
        let edges = pass.edges()
        let queue = SliceQueue(capacity: 16_384)
        _ = tally(edges, queue, until: 20_000_000)
        var tracker = DopplerTracker(pass.setup)
        var there: [Passage] = []
        while let slice = queue.pop() { tracker.take(slice) { there.append($0) } }
        #expect(there == passages(of: edges, pass.setup, until: 20))
        #expect(there.count == 1)
        let through = try #require(tracker.decidedThrough)
        #expect((through.nanoseconds - 5_000_000_000).magnitude < 10_000_000)
    }

    /// Slices that found no room are silence of the same length to the tracker, not a shorter pass.
    @Test("Where pulses are missing time goes on") func wherePulsesAreMissingTimeGoesOn() throws {
        let pass = AnalyticPass()
        let queue = SliceQueue(capacity: 16_384)
        _ = tally(pass.edges(), queue, until: 14_000_000)
        var tracker = DopplerTracker(pass.setup)
        var found: [Passage] = []
        while let slice = queue.pop() {
            // 1 s before the module.
            if slice.instant.nanoseconds / 100_000_000 == 40 { continue }
            tracker.take(slice) { found.append($0) }
        }
        try #require(found.count == 1)
        #expect((found[0].instant.nanoseconds - 5_000_000_000).magnitude < 60_000_000)
        let speed = try #require(found[0].speed)
        #expect((speed / 12 - 1).magnitude < 0.01)
    }
}
