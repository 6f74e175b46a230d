import HardwareMocks
import PulsePipeline
import SensorCore
import Synchronization
import TestSupport

/// What a counting thread on a simulated clock has handed over.
struct CountingRun {
    var closed: [ClosedCount]
    var undelivered: [ClosedCount]
    var queueOverflows: UInt64
    /// When the reader was woken.
    var wakes: [MonotonicInstant]

    func channel(_ index: Int) -> [ClosedCount] { closed.filter { $0.channel == index } }

    func total(_ index: Int = 0) -> ChannelTally {
        channel(index).reduce(into: ChannelTally()) { $0 += $1.tally }
    }

    /// The closed intervals of a channel follow each other without gap or overlap.
    func tiles(_ index: Int = 0, from start: MonotonicInstant, to end: MonotonicInstant) -> Bool {
        var next = start
        for count in channel(index) {
            if count.start != next || count.end <= count.start { return false }
            next = count.end
        }
        return next == end
    }
}

extension CountingRun {
    static let start = MonotonicInstant(nanoseconds: 100_000_000_000)
    static let noon = WallClockTime(secondsSince1970: 1_777_636_800)
    static let filter = PulseFilter.stable(rise: .milliseconds(8), fall: .milliseconds(8))

    /// Runs a loop on a thread of its own for `span`, then stops it. `source` is made with the clock that it is to use.
    ///
    /// - Parameter readEvery: how often the queue is emptied; nil: only at the end.
    static func over(
        _ span: TimeSpan, channels: Int = 1, filter: PulseFilter = filter, interval: TimeSpan = .seconds(60),
        utc: WallClockTime? = noon, capacity: Int = 256, readEvery: TimeSpan? = nil, late: TimeSpan = .zero,
        detector: ChannelSettings.Detector = .contact, details: BoundedQueue<ChannelPassage>? = nil,
        lookingOn: (CountingLoop) -> Void = { _ in }, source: (ManualClock) -> any EdgeSource
    ) throws -> CountingRun {
        let clock = ManualClock(start: start, utc: utc, expected: 2)
        let queue = BoundedQueue<ClosedCount>(capacity: capacity)
        let wakes = Wakes()
        let loop = CountingLoop(
            source: WokenEdgeSource(source(clock), at: start + span), clock: clock,
            settings: Array(repeating: ChannelSettings(detector: detector, filter: filter), count: channels), interval: interval,
            closed: queue, details: details, wakeReader: { wakes.note(clock.now()) })
        lookingOn(loop)
        let thread = try PosixThread {
            clock.enter(rank: 1)
            if late > .zero { clock.sleep(for: late) }
            loop.run()
            clock.leave()
        }
        // Before the counting thread, so that it finds the stop when it wakes at the same moment.
        clock.enter(rank: 0)
        var closed: [ClosedCount] = []
        let end = start + span
        while clock.now() < end {
            clock.sleep(until: min(end, clock.now() + (readEvery ?? span)))
            if readEvery != nil { while let count = queue.pop() { closed.append(count) } }
        }
        loop.stop()
        clock.leave()
        thread.join()
        while let count = queue.pop() { closed.append(count) }
        return CountingRun(
            closed: closed, undelivered: loop.undelivered, queueOverflows: loop.queueOverflows, wakes: wakes.all())
    }
}

/// Another source that `wait` leaves at a set moment, as the wake-up of a stop makes it.
final class WokenEdgeSource: EdgeSource {
    private let source: any EdgeSource
    private let moment: MonotonicInstant

    init(_ source: any EdgeSource, at moment: MonotonicInstant) {
        self.source = source
        self.moment = moment
    }

    var capabilities: EdgeCapabilities { source.capabilities }
    func wait(until deadline: MonotonicInstant) throws(EdgeSourceError) {
        try source.wait(until: min(deadline, moment))
    }
    func read(into buffer: UnsafeMutableBufferPointer<EdgeEvent>) throws(EdgeSourceError) -> EdgeBatch? {
        try source.read(into: buffer)
    }
    func level(channel: Int, input: Int) throws(EdgeSourceError) -> Bool {
        try source.level(channel: channel, input: input)
    }
    func arm(channel: Int) throws(EdgeSourceError) { try source.arm(channel: channel) }
}

private final class Wakes: Sendable {
    private let instants = Mutex<[MonotonicInstant]>([])
    func note(_ instant: MonotonicInstant) { instants.withLock { $0.append(instant) } }
    func all() -> [MonotonicInstant] { instants.withLock { $0 } }
}
