import PulsePipeline
import SensorCore
import ServiceManager

/// The counting side of the node: the counting thread, the one that tracks radars, and the intervals they have finished, with
/// their sums and totals. Belongs to the node loop's thread.
final class TrafficIntake {
    /// Both turn once a second and never wait for anything else.
    private static let gracePeriod = TimeSpan.seconds(10)

    private let plan: NodePlan
    private let clock: any NodeClock
    private let log: any EventLog
    private let counting: CountingLoop
    private let closed: BoundedQueue<ClosedCount>
    /// Room for some seconds of the busiest road: the node loop takes them at least once a second.
    private let details: BoundedQueue<ChannelPassage>
    private let radar: RadarService?
    private var counts: CountRecords
    /// By channel and length.
    private var sums: [String: [TimeSpan: TrafficSum]] = [:]
    /// The last finished interval of each channel, and its passages since the node started.
    private var last: [String: TrafficInterval] = [:]
    private var countedSinceStart: [String: UInt64] = [:]
    /// Channels whose last interval was not observed throughout.
    private var failing: Set<String> = []
    private var armed = Latch(false)

    /// - Parameters:
    ///   - totals: as the journal has them.
    ///   - wake: wakes the node loop; neither blocks nor allocates.
    init(
        _ plan: NodePlan, edges: any EdgeSource, totals: [String: UInt64], clock: any NodeClock, log: any EventLog,
        wake: @escaping @Sendable () -> Void
    ) {
        self.plan = plan
        self.clock = clock
        self.log = log
        counts = CountRecords(
            plan.inputs.map { RecordedChannel(name: $0.name, settings: $0.settings, pins: $0.inputs.compactMap(\.pinName)) }, totals: totals
        )
        closed = BoundedQueue(capacity: 64 * max(1, plan.inputs.count))
        details = BoundedQueue(capacity: plan.inputs.contains { $0.settings.givesDetails } ? 512 : 1)
        radar = RadarService(plan.inputs.map(\.settings.detector), clock: clock)
        counting = CountingLoop(
            source: edges, clock: clock, settings: plan.inputs.map(\.settings), interval: plan.interval, closed: closed,
            details: details, slices: radar?.slices ?? [:], wakeReader: wake)
    }

    func start(_ threads: any ServiceThreads) throws(ThreadError) {
        let counting = counting
        try threads.start(.counting) { counting.run() }
        try radar?.start(threads)
    }

    func stop() {
        counting.stop()
        radar?.stop()
    }

    /// The counting thread has its inputs, or has found out which of them it can't have.
    var isArmed: Bool { armed.value }

    /// True at the first call after the inputs were armed.
    func hasBecomeArmed() -> Bool { armed.changed(to: armed.value || counting.isArmed) }

    /// The intervals that have ended since the last call, each followed by the longer ones it completes.
    func take() -> [TrafficInterval] {
        var finished: [TrafficInterval] = []
        repeat {
            let count = closed.pop()
            // Those of a closed interval were put in before it.
            while let detail = details.pop() { counts.take(detail) }
            guard let count else { break }
            if radar?.keep(count) != true { finished.append(counts.interval(count)) }
        } while true
        return noted(finished + tracked(at: clock.now()))
    }

    /// What is left when the threads have ended and `take` has been called, the longer intervals as partial.
    ///
    /// - Parameter hasEnded: false when one of them did not; what it still had is then missing.
    func takeRest(hasEnded: Bool) -> [TrafficInterval] {
        var finished: [TrafficInterval] = []
        if hasEnded {
            finished = noted(
                counting.undelivered.compactMap { radar?.keep($0) == true ? nil : counts.interval($0) })
        }
        // What their thread has not decided by now is told as not observed.
        finished += noted(tracked(at: .distantFuture))
        for input in plan.inputs {
            for length in plan.sums {
                if let sum = sums[input.name]?[length]?.finish() { finished.append(sum) }
            }
        }
        return finished
    }

    /// The journal could only be opened now, and counts from `earlier` on.
    func continueFrom(_ earlier: [String: UInt64]) { counts.continueFrom(earlier) }

    var totals: [String: UInt64] { counts.totals }
    /// By all channels of now, since the journal began.
    var counted: UInt64 { counts.counted }
    /// Finished intervals and passages that found no room, since the start.
    var overflows: UInt64 { counting.queueOverflows + counting.lostDetails }

    var channels: [StatusReport.Channel] {
        zip(plan.inputs, counting.sights).map { input, sight in
            StatusReport.Channel(
                name: input.name, total: counts.totals[input.name], sinceStart: countedSinceStart[input.name], last: last[input.name],
                lastEdge: sight.lastEdge?.instant, level: sight.lastEdge?.level)
        }
    }

    var watchedLoops: [WatchedLoop] {
        [WatchedLoop(name: "counting", gracePeriod: Self.gracePeriod, turns: counting.turns)]
            + (radar.map { [WatchedLoop(name: "tracking", gracePeriod: Self.gracePeriod, turns: $0.turns)] } ?? [])
    }

    /// The taps of the counting thread, one listener each.
    var edgeTap: ChannelTap<TappedEdge> { counting.edgeTap }
    /// A radar's passages come from another thread.
    func passageTap(of channel: Int) -> ChannelTap<Passage> { radar?.passageTap(of: channel) ?? counting.passageTap }

    private func tracked(at now: MonotonicInstant) -> [TrafficInterval] { radar?.release(at: now, into: &counts) ?? [] }

    /// The same, with the sums. The counting thread cannot log, so a channel that fails is told of with its interval.
    private func noted(_ intervals: [TrafficInterval]) -> [TrafficInterval] {
        intervals.flatMap { interval in
            last[interval.channel] = interval
            countedSinceStart[interval.channel, default: 0] += interval.flows?.reduce(0) { $0 + $1.count } ?? 0
            if let fault = interval.fault {
                if failing.insert(interval.channel).inserted { log.log(.error, fault) }
            } else if failing.remove(interval.channel) != nil {
                log.log(.notice, "\(interval.channel): counted again")
            }
            return [interval]
                + plan.sums.flatMap { length in
                    sums[interval.channel, default: [:]][length, default: TrafficSum(length: length)].take(interval)
                }
        }
    }
}
