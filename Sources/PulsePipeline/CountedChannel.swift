import SensorCore

/// One channel as the counting thread holds it: observed (with a pipeline) or failed (without).
struct CountedChannel {
    let filter: ContactFilter
    var schedule: IntervalSchedule
    var pipeline: ContactChannel?
    var lastActivity: MonotonicInstant
    /// The newest edge that came while the channel was not observed.
    var stale: EdgeEvent?
    private var faultCode: Int32 = 0
    private(set) var failedAt: MonotonicInstant
    /// What was counted in the open interval before the channel failed, and the time it then was not observed.
    private var earlier = ChannelTally()
    private var darkSince: MonotonicInstant
    /// An interval that found no room in the queue, waiting to be joined with the next.
    var carried: ClosedCount?

    init(filter: ContactFilter, schedule: IntervalSchedule) {
        self.filter = filter
        self.schedule = schedule
        lastActivity = schedule.start
        failedAt = schedule.start
        darkSince = schedule.start
    }

    mutating func arm(level: Bool, previousSequence: UInt32?, at now: MonotonicInstant) {
        guard pipeline == nil else { return }
        earlier.unobserved += now - max(darkSince, schedule.start)
        pipeline = ContactChannel(filter: filter, level: level, at: now, previousSequence: previousSequence)
        lastActivity = now
    }

    mutating func fail(code: Int32, at now: MonotonicInstant) {
        failedAt = now
        // A channel that never worked keeps its own reason; -1 stands for "no errno".
        faultCode = code == 0 ? -1 : code
        guard var counted = pipeline else { return }
        // Failing after a boundary that is not closed yet must not reach into the next interval.
        earlier += counted.closeInterval(at: min(now, max(schedule.start, schedule.boundary)))
        pipeline = nil
        darkSince = now
    }

    /// Why the channel was not observed in the interval being closed, or in a part of it; 0 if it was.
    mutating func takeFaultCode() -> Int32 {
        defer { if pipeline != nil { faultCode = 0 } }
        return faultCode
    }

    /// Everything the channel counted in the interval.
    mutating func closeInterval(_ span: IntervalSpan) -> ChannelTally {
        var tally = earlier
        earlier = ChannelTally()
        if pipeline == nil {
            tally.unobserved += max(.zero, span.end - max(darkSince, span.start))
        } else if let rest = pipeline?.closeInterval(at: span.end) {
            tally += rest
        }
        tally.unobserved = min(tally.unobserved, span.length)
        return tally
    }
}
