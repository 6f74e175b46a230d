import SensorCore

/// How the node fared in the open interval, for its own record.
struct NodeAccount {
    /// Counters that only grow, and the backlog of the moment.
    struct Progress {
        var backlog: UInt64
        var connectionsLost: UInt64
        var queueOverflows: UInt64
    }

    private let node: String
    private var schedule: IntervalSchedule
    private var journalFaults: UInt64 = 0
    private var mailboxOverflows: UInt64 = 0
    private var reported = Progress(backlog: 0, connectionsLost: 0, queueOverflows: 0)

    init(node: String, interval: TimeSpan, startingAt reading: ClockReading) {
        self.node = node
        schedule = IntervalSchedule(length: interval, startingAt: reading)
    }

    /// When the open interval ends.
    var boundary: MonotonicInstant { schedule.boundary }

    mutating func noteJournalFault() { journalFaults += 1 }
    mutating func noteOverflow(_ count: UInt64) { mailboxOverflows += count }

    /// The intervals that have ended by `reading`; usually none, or one.
    mutating func close(_ reading: ClockReading, _ progress: Progress) -> [NodeInterval] {
        var closed: [NodeInterval] = []
        while let span = schedule.nextEnded(by: reading) { closed.append(interval(span, progress)) }
        return closed
    }

    /// The intervals that have ended by `reading`, and the open one as partial if it has begun by then.
    mutating func closePartial(_ reading: ClockReading, _ progress: Progress) -> [NodeInterval] {
        var closed = close(reading, progress)
        let rest = schedule.closePartial(reading)
        if rest.length > .zero { closed.append(interval(rest, progress)) }
        return closed
    }

    private mutating func interval(_ span: IntervalSpan, _ progress: Progress) -> NodeInterval {
        defer {
            reported = progress
            journalFaults = 0
            mailboxOverflows = 0
        }
        return NodeInterval(
            span: span, node: node, backlog: progress.backlog,
            connectionsLost: progress.connectionsLost - reported.connectionsLost,
            queueOverflows: progress.queueOverflows - reported.queueOverflows + mailboxOverflows,
            journalFaults: journalFaults)
    }
}

/// Decides when a time fix is due: once when the clock becomes known, and again after each step of it.
struct TimeFixes {
    private var offset: Int64?

    mutating func check(_ reading: ClockReading) -> TimeFix? {
        guard let utc = reading.utc else { return nil }
        let now = utc.nanoseconds - reading.instant.nanoseconds
        if let offset, (now - offset).magnitude <= UInt64(IntervalSchedule.stepTolerance.nanoseconds) { return nil }
        offset = now
        return TimeFix(instant: reading.instant, utc: utc)
    }
}
