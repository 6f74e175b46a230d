package import PulsePipeline
package import SensorCore

/// One interval of a replay; times count from the first time stamp of the trace.
package struct ReplayedInterval {
    package var start: MonotonicInstant
    package var end: MonotonicInstant
    package var tally: ChannelTally
    package var flows: FlowSummary
    /// In counts per second; see `GustMeter`.
    package var gust: Double?
}

/// A channel's pipeline fed from a trace instead of a counting thread: the same code that counts in the street.
///
/// Its end is a quiet line, so the last edge is decided too. Passages are not kept, since there may be millions.
package final class ReplayedChannel: EdgeConsumer {
    private let settings: ChannelSettings
    private let interval: TimeSpan
    private let onPassages: ((borrowing PassageBuffer) -> Void)?
    private var pipeline: (any CountingChannel)?
    private var start = MonotonicInstant(nanoseconds: 0)
    private var flows = IntervalFlows()
    private let gusts: GustMeter?
    /// What one batch of edges can give at most, and what was open before it.
    private var decided = PassageBuffer(capacity: 2048)
    package private(set) var intervals: [ReplayedInterval] = []

    /// - Parameter onPassages: is shown the passages as they are decided.
    package init(_ settings: ChannelSettings, interval: TimeSpan, onPassages: ((borrowing PassageBuffer) -> Void)? = nil) {
        self.settings = settings
        self.interval = interval
        self.onPassages = onPassages
        gusts = settings.measuresGust ? GustMeter(from: MonotonicInstant(nanoseconds: 0)) : nil
    }

    /// Of all intervals.
    package var sum: ChannelTally { intervals.reduce(into: ChannelTally()) { $0 += $1.tally } }

    package func begin(levels: UInt8) { pipeline = settings.makeChannel(levels: levels, at: start) }

    package func take(_ edges: UnsafeBufferPointer<EdgeEvent>) {
        var taken = 0
        while taken < edges.count {
            let rest = UnsafeBufferPointer(rebasing: edges[taken...])
            taken += pipeline?.ingest(rest, boundary: start + interval, passages: &decided) ?? rest.count
            handOver()
            if taken < edges.count { close(at: start + interval) }
        }
    }

    package func finish(at end: MonotonicInstant) {
        // Whatever is pending is decided by time alone, as on a quiet line.
        while let deadline = pipeline?.deadline {
            pipeline?.advance(to: max(end, deadline), boundary: start + interval, passages: &decided)
            handOver()
        }
        while start + interval <= end { close(at: start + interval) }
        if end > start || intervals.isEmpty { close(at: end) }
    }

    private func handOver() {
        guard decided.count > 0 else { return }
        onPassages?(decided)
        if settings.givesDetails || gusts != nil {
            for index in 0..<decided.count { sum(decided[index]) }
        }
        decided.removeAll()
    }

    private func sum(_ passage: Passage) {
        let isNext = passage.instant >= start + interval
        gusts?.take(passage.instant, isNext: isNext)
        // A contact's passages are no more than their number.
        guard settings.givesDetails else { return }
        flows.take(ChannelPassage(channel: 0, interval: UInt64(intervals.count + (isNext ? 1 : 0)), passage: passage))
    }

    private func close(at end: MonotonicInstant) {
        let tally = pipeline?.closeInterval(at: end) ?? ChannelTally()
        let summary = flows.close(
            through: UInt64(intervals.count), end: end, count: tally.passages, wasObserved: tally.unobserved == .zero)
        intervals.append(
            ReplayedInterval(
                start: start, end: end, tally: tally, flows: summary,
                gust: gusts?.close(at: end, wasObserved: tally.isComplete && tally.shortPulses == 0)))
        start = end
    }
}
