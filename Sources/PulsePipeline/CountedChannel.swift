import SensorCore

/// One channel as the counting thread holds it: observed (with a pipeline) or failed (without).
final class CountedChannel {
    let settings: ChannelSettings
    var schedule: IntervalSchedule
    private(set) var pipeline: (any CountingChannel)?
    var lastActivity: MonotonicInstant
    /// The newest edge of each input that came while the channel was not observed.
    private var stale: (first: EdgeEvent?, second: EdgeEvent?) = (nil, nil)
    private var faultCode: Int32 = 0
    /// Of the open interval: its index, from 0.
    var number: UInt64 = 0
    private(set) var failedAt: MonotonicInstant
    /// What was counted in the open interval before the channel failed, and the time it then was not observed.
    private var earlier = ChannelTally()
    /// What was decided of the interval after the open one before the channel failed.
    private var later = ChannelTally()
    private var darkSince: MonotonicInstant
    private let gusts: GustMeter?
    /// Where a radar's condensed pulses go.
    private let slices: SliceQueue?
    /// An interval that found no room in the queue, waiting to be joined with the next.
    var carried: ClosedCount?

    init(settings: ChannelSettings, schedule: IntervalSchedule, slices: SliceQueue? = nil) {
        self.settings = settings
        self.slices = slices
        self.schedule = schedule
        lastActivity = schedule.start
        failedAt = schedule.start
        darkSince = schedule.start
        gusts = settings.measuresGust ? GustMeter(from: schedule.start) : nil
    }

    func noteStale(_ edge: EdgeEvent) {
        if edge.input == 0 { stale.first = edge } else { stale.second = edge }
    }

    func forgetStale() { stale = (nil, nil) }

    /// Starts the pipeline on the levels read, bit n for input n. An edge that waited from before is newer than its
    /// input's level, and tells the number that the next one follows.
    func arm(levels: UInt8, at now: MonotonicInstant) {
        guard pipeline == nil else { return }
        earlier.unobserved += now - max(darkSince, schedule.start)
        func previous(_ edge: EdgeEvent?) -> UInt32? { edge.flatMap { $0.lineSequence == 0 ? nil : $0.lineSequence } }
        var levels = levels
        if let edge = stale.first { levels = levels & ~1 | (edge.level ? 1 : 0) }
        if let edge = stale.second { levels = levels & ~2 | (edge.level ? 2 : 0) }
        pipeline = settings.makeChannel(
            levels: levels, at: now, previousSequences: (previous(stale.first), previous(stale.second)), slices: slices)
        lastActivity = now
    }

    func fail(code: Int32, at now: MonotonicInstant) {
        failedAt = now
        // A channel that never worked keeps its own reason; -1 stands for "no errno".
        faultCode = code == 0 ? -1 : code
        guard let counted = pipeline else { return }
        // Failing after a boundary that is not closed yet must not reach into the next interval.
        let end = min(now, max(schedule.start, schedule.boundary))
        earlier += counted.closeInterval(at: end)
        later += counted.closeInterval(at: end)
        pipeline = nil
        darkSince = now
    }

    /// Why the channel was not observed in the interval being closed, or in a part of it; 0 if it was.
    func takeFaultCode() -> Int32 {
        defer { if pipeline != nil { faultCode = 0 } }
        return faultCode
    }

    /// Hands on what was counted to whoever looks at single counts.
    func noteCounts(_ passages: borrowing PassageBuffer) {
        guard let gusts else { return }
        for place in 0..<passages.count {
            gusts.take(passages[place].instant, isNext: passages[place].instant >= schedule.boundary)
        }
    }

    /// Of the interval that ended with this tally, in counts per second.
    func closeGusts(at end: MonotonicInstant, _ tally: ChannelTally) -> Double? {
        gusts?.close(at: end, wasObserved: tally.isComplete && tally.shortPulses == 0)
    }

    /// Everything the channel counted in the interval.
    func closeInterval(_ span: IntervalSpan) -> ChannelTally {
        var tally = earlier
        earlier = later
        later = ChannelTally()
        if pipeline == nil {
            tally.unobserved += max(.zero, span.end - max(darkSince, span.start))
        } else if let rest = pipeline?.closeInterval(at: span.end) {
            tally += rest
        }
        tally.unobserved = min(tally.unobserved, span.length)
        return tally
    }
}
