public import SensorCore
import Synchronization

/// The work of the thread that tracks what the counting thread has condensed, for all radar channels of a node.
///
/// `run` is called once, on an ordinary thread. `stop` and the counters may be used from any thread; that, and that everything else
/// belongs to the thread in `run`, is what makes `@unchecked Sendable` true.
public final class RadarTracking: @unchecked Sendable {
    /// A passage, or that there is none left before a moment.
    public struct Finding: BitwiseCopyable, Sendable {
        public var channel: Int
        /// nil: everybody who was abreast before `decidedThrough` has been told of.
        public var passage: Passage?
        public var decidedThrough: MonotonicInstant
    }

    private struct Channel {
        var index: Int
        var slices: SliceQueue
        var tracker: DopplerTracker
        var told: MonotonicInstant?
    }

    /// For the thread that looks on at a radar channel, in place of `CountingLoop.passageTap`.
    public let passageTap = ChannelTap<Passage>(capacity: 256)

    private let clock: any NodeClock
    private let findings: BoundedQueue<Finding>
    private var channels: [Channel]
    private let stopRequested = Atomic<Bool>(false)
    private let turnCount = Atomic<UInt64>(0)
    private let lostCount = Atomic<UInt64>(0)

    /// How often the queues are looked at: they hold some seconds.
    public static let turn = TimeSpan.milliseconds(200)

    /// - Parameter findings: read it at least once a second; passages that find no room are lost, and counted in `lost`.
    public init(_ channels: [(index: Int, setup: RadarSetup, slices: SliceQueue)], clock: any NodeClock, findings: BoundedQueue<Finding>) {
        self.clock = clock
        self.findings = findings
        self.channels = channels.map { Channel(index: $0.index, slices: $0.slices, tracker: DopplerTracker($0.setup)) }
    }

    public var turns: UInt64 { turnCount.load(ordering: .relaxed) }
    /// Passages that nobody took in time.
    public var lost: UInt64 { lostCount.load(ordering: .relaxed) }

    /// Makes `run` return once the queues are empty.
    public func stop() { stopRequested.store(true, ordering: .releasing) }

    public func run() {
        while true {
            // Asked before the queues are emptied: what was pushed before `stop` is still tracked.
            let isLast = stopRequested.load(ordering: .acquiring)
            turnCount.wrappingAdd(1, ordering: .relaxed)
            for index in channels.indices { track(index) }
            if isLast { return }
            clock.sleep(for: Self.turn)
        }
    }

    private func track(_ index: Int) {
        let channel = channels[index].index
        let wanted = passageTap.wanted
        while let slice = channels[index].slices.pop() {
            channels[index].tracker.take(slice) { passage in
                if wanted.channel == channel { passageTap.offer(passage, for: wanted) }
                if !findings.push(Finding(channel: channel, passage: passage, decidedThrough: passage.instant)) {
                    lostCount.wrappingAdd(1, ordering: .relaxed)
                }
            }
        }
        guard let through = channels[index].tracker.decidedThrough, through != channels[index].told else { return }
        if findings.push(Finding(channel: channel, passage: nil, decidedThrough: through)) { channels[index].told = through }
    }
}
