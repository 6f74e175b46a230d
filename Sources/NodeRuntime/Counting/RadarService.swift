import PulsePipeline
import SensorCore

/// What the node loop has to do with radar channels: their queues, the thread that tracks them, and their intervals, which wait
/// for it. Belongs to the node loop's thread, but for the tracking itself.
final class RadarService {
    /// For the counting thread, by the channel's index.
    let slices: [Int: SliceQueue]
    private let findings = BoundedQueue<RadarTracking.Finding>(capacity: 1024)
    private let tracking: RadarTracking
    private var intervals = TrackedIntervals()

    /// - Parameter detectors: one per channel. nil for a node without radar.
    init?(_ detectors: [ChannelSettings.Detector], clock: any NodeClock) {
        var channels: [(index: Int, setup: RadarSetup, slices: SliceQueue)] = []
        for (index, detector) in detectors.enumerated() {
            if case .doppler(let setup) = detector { channels.append((index, setup, SliceQueue())) }
        }
        guard !channels.isEmpty else { return nil }
        slices = Dictionary(uniqueKeysWithValues: channels.map { ($0.index, $0.slices) })
        tracking = RadarTracking(channels, clock: clock, findings: findings)
    }

    var turns: UInt64 { tracking.turns }

    /// nil for a channel that is no radar's.
    func passageTap(of channel: Int) -> ChannelTap<Passage>? { slices[channel] == nil ? nil : tracking.passageTap }

    func start(_ threads: any ServiceThreads) throws(ThreadError) {
        let tracking = tracking
        try threads.start(.tracking) { tracking.run() }
    }

    func stop() { tracking.stop() }

    /// Keeps a radar channel's interval until its passages are known; false for another channel's.
    func keep(_ closed: ClosedCount) -> Bool {
        guard slices[closed.channel] != nil else { return false }
        intervals.take(closed)
        return true
    }

    /// The intervals that are complete, into `counts`.
    func release(at now: MonotonicInstant, into counts: inout CountRecords) -> [TrafficInterval] {
        while let finding = findings.pop() { intervals.take(finding) }
        return intervals.release(at: now).map { closed, passages in
            for passage in passages {
                counts.take(ChannelPassage(channel: closed.channel, interval: closed.number, passage: passage))
            }
            return counts.interval(closed)
        }
    }
}
