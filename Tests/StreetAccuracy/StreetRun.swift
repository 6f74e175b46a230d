import HardwareMocks
import PulsePipeline
import SensorCore

/// A channel of the node over all edges of a street.
struct StreetRun: ~Copyable {
    private let channel: any CountingChannel
    private var buffer = PassageBuffer(capacity: 512)
    private(set) var passages: [Passage] = []

    static func count(_ edges: [EdgeEvent], settings: ChannelSettings, until end: MonotonicInstant) -> [Passage] {
        var run = StreetRun(channel: settings.makeChannel(levels: 0, at: MonotonicInstant(nanoseconds: 0)))
        edges.withUnsafeBufferPointer { all in
            var taken = 0
            while taken < all.count {
                // As the counting loop does on a quiet line.
                while let deadline = run.channel.deadline, deadline < all[taken].instant { run.advance(to: deadline) }
                run.take(UnsafeBufferPointer(rebasing: all[taken...taken]))
                taken += 1
            }
        }
        run.advance(to: end)
        return run.passages
    }

    private init(channel: any CountingChannel) { self.channel = channel }

    private mutating func take(_ edges: UnsafeBufferPointer<EdgeEvent>) {
        _ = channel.ingest(edges, boundary: .distantFuture, passages: &buffer)
        keep()
    }

    private mutating func advance(to now: MonotonicInstant) {
        channel.advance(to: now, boundary: .distantFuture, passages: &buffer)
        keep()
    }

    private mutating func keep() {
        for index in 0..<buffer.count { passages.append(buffer[index]) }
        buffer.removeAll()
    }
}
