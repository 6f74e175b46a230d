import HardwareMocks
import PulsePipeline
import SensorCore

/// Bounced closures of a plain contact, until so many have happened.
struct ContactRun {
    var truth: UInt64 = 0
    var counted: UInt64 = 0

    /// The bounce is Ganssle's, at most 6.2 ms; the filter waits 8 ms.
    init(closures: UInt64, seed: UInt64) {
        let start = MonotonicInstant(nanoseconds: 0)
        var traffic = ContactTraffic(
            .init(closuresPerHour: 20_000, spikesPerHour: 5_000), from: start, until: .distantFuture, seed: seed)
        let filter = PulseFilter.stable(rise: .milliseconds(8), fall: .milliseconds(8))
        let channel = ChannelSettings.contact(filter).makeChannel(levels: 0, at: start)
        var passages = PassageBuffer(capacity: 64)
        var last = start
        while traffic.closures < closures, let edge = traffic.next() {
            withUnsafePointer(to: edge) { pointer in
                _ = channel.ingest(
                    UnsafeBufferPointer(start: pointer, count: 1), boundary: .distantFuture, passages: &passages)
            }
            passages.removeAll()
            last = edge.instant
        }
        // The burst that is under way.
        let all = traffic.closures
        while traffic.closures == all, let edge = traffic.next() {
            if traffic.closures > all { break }
            withUnsafePointer(to: edge) { pointer in
                _ = channel.ingest(
                    UnsafeBufferPointer(start: pointer, count: 1), boundary: .distantFuture, passages: &passages)
            }
            last = edge.instant
        }
        channel.advance(to: last + .seconds(1), boundary: .distantFuture, passages: &passages)
        truth = all
        counted = channel.closeInterval(at: last + .seconds(1)).passages
    }
}
