import HardwareMocks
import SensorCore
import Testing

@testable import PulsePipeline

@Suite struct RadarTrackingTests {
    /// One radar, channel 2 of its node, before which somebody passes.
    private func track(lookingAt channel: Int) -> (found: [Passage], seen: [Passage]) {
        let pass = AnalyticPass()
        let queue = SliceQueue(capacity: 16_384)
        let radar = HeldChannel(RadarChannel(pass.setup, levels: 0, at: MonotonicInstant(nanoseconds: 0), slices: queue))
        var buffer = PassageBuffer(capacity: 16)
        pass.edges().withUnsafeBufferPointer { _ = radar.ingest($0, boundary: .distantFuture, passages: &buffer) }
        radar.advance(to: MonotonicInstant(nanoseconds: 20_000_000_000), boundary: .distantFuture, passages: &buffer)
        let findings = BoundedQueue<RadarTracking.Finding>(capacity: 16)
        let tracking = RadarTracking(
            [(index: 2, setup: pass.setup, slices: queue)], clock: ManualClock(start: MonotonicInstant(nanoseconds: 0), utc: nil),
            findings: findings)
        tracking.passageTap.open(channel: channel)
        tracking.stop()
        tracking.run()
        var found: [Passage] = []
        while let finding = findings.pop() { if let passage = finding.passage { found.append(passage) } }
        return (found, tracking.passageTap.take(atMost: 16).elements)
    }

    @Test("Who looks on at a radar sees its passages") func whoLooksOnAtARadarSeesItsPassages() {
        let (found, seen) = track(lookingAt: 2)
        #expect(found.count == 1)
        #expect(seen == found)
    }

    @Test("Who looks at another channel sees none") func whoLooksAtAnotherChannelSeesNone() {
        let (found, seen) = track(lookingAt: 1)
        #expect(found.count == 1)
        #expect(seen.isEmpty)
    }

    /// The loop of the node has not read for long: what it misses is counted, and it learns later how far all is decided.
    @Test("Passages that find no room are counted and what is decided is told")
    func passagesThatFindNoRoomAreCountedAndWhatIsDecidedIsTold() throws {
        let pass = AnalyticPass()
        func track(_ findings: BoundedQueue<RadarTracking.Finding>) -> RadarTracking {
            let queue = SliceQueue(capacity: 16_384)
            let radar = HeldChannel(RadarChannel(pass.setup, levels: 0, at: MonotonicInstant(nanoseconds: 0), slices: queue))
            var buffer = PassageBuffer(capacity: 16)
            pass.edges().withUnsafeBufferPointer { _ = radar.ingest($0, boundary: .distantFuture, passages: &buffer) }
            radar.advance(to: MonotonicInstant(nanoseconds: 20_000_000_000), boundary: .distantFuture, passages: &buffer)
            let tracking = RadarTracking(
                [(index: 2, setup: pass.setup, slices: queue)], clock: ManualClock(start: MonotonicInstant(nanoseconds: 0), utc: nil),
                findings: findings)
            tracking.stop()
            tracking.run()
            return tracking
        }
        let roomy = BoundedQueue<RadarTracking.Finding>(capacity: 16)
        #expect(track(roomy).lost == 0)
        var last: RadarTracking.Finding?
        while let finding = roomy.pop() { last = finding }
        let decided = try #require(last)
        #expect(decided.passage == nil && decided.channel == 2)
        #expect((decided.decidedThrough.nanoseconds - 5_000_000_000).magnitude < 10_000_000)
        let full = BoundedQueue<RadarTracking.Finding>(capacity: 1)
        #expect(full.push(decided))
        #expect(track(full).lost == 1)
    }
}
