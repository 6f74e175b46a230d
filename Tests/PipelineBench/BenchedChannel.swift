import Glibc
import PulsePipeline
import SensorCore

/// A whole channel over the same edges, again and again.
struct BenchedChannel {
    var name: String
    var settings: ChannelSettings
    var edges: [EdgeEvent]
    /// Where a radar's condensed pulses go; nil tracks them, too.
    var slices: SliceQueue?
    /// Nobody takes the condensed pulses, so that they find no room.
    var isCrowded = false

    /// As much as one reading of the kernel's buffer gives.
    static let batch = 64

    /// In s of processor time, the best of some rounds.
    func best(of rounds: Int = 5) -> Double {
        (0..<rounds).map { _ in timed { _ = run() } }.min() ?? .infinity
    }

    /// What was counted, with the passages that `each` looks at.
    func run(_ each: (Passage) -> Void = { _ in }) -> ChannelTally {
        let channel = settings.makeChannel(levels: 0, at: MonotonicInstant(nanoseconds: 0), slices: slices)
        return run(channel, each)
    }

    func run(_ channel: any CountingChannel, _ each: (Passage) -> Void) -> ChannelTally {
        var passages = PassageBuffer(capacity: 8192)
        func takeAll() {
            for place in 0..<passages.count { each(passages[place]) }
            passages.removeAll()
        }
        edges.withUnsafeBufferPointer { all in
            var taken = 0
            while taken < all.count {
                let batch = UnsafeBufferPointer(rebasing: all[taken..<min(all.count, taken + Self.batch)])
                taken += channel.ingest(batch, boundary: .distantFuture, passages: &passages)
                takeAll()
                while slices?.pop() != nil {}
            }
        }
        let end = (edges.last?.instant ?? MonotonicInstant(nanoseconds: 0)) + .seconds(60)
        channel.advance(to: end, boundary: .distantFuture, passages: &passages)
        takeAll()
        return channel.closeInterval(at: end)
    }
}

/// Of this thread's processor time, in s: on a busy machine the clock on the wall tells how busy it is.
func timed(_ work: () -> Void) -> Double {
    let begin = processorSeconds()
    work()
    return processorSeconds() - begin
}

private func processorSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}
