public import SensorCore

/// One channel's finished interval, on its way to the journal.
public struct ClosedCount: BitwiseCopyable, Sendable {
    public var channel: Int
    /// The interval's index in its channel, from 0; of joined intervals the last one's.
    public var number: UInt64 = 0
    public var start: MonotonicInstant
    public var end: MonotonicInstant
    public var startUTC: WallClockTime?
    public var endUTC: WallClockTime?
    public var isPartial: Bool
    public var tally: ChannelTally
    /// `errno` of the fault that kept the channel's inputs from being observed for the interval or a part of it, -1 for
    /// one without; 0 if they were observed throughout.
    public var faultCode: Int32
    /// The most counts per second over 3 s; nil when not known or not wanted.
    public var gust: Double?

    public var span: IntervalSpan {
        var utc: IntervalSpan.UTCRange?
        if let startUTC, let endUTC { utc = .init(start: startUTC, end: endUTC) }
        return IntervalSpan(start: start, end: end, utc: utc, isPartial: isPartial)
    }
}

extension ClosedCount {
    /// This interval and the one that follows it, as one, by the clock of the later.
    func joined(with next: ClosedCount) -> ClosedCount {
        var sum = next
        sum.start = start
        sum.startUTC = next.startUTC.map { $0 - (next.start - start) }
        // Without a step of the clock between the two, the earlier one's own start is the exact one.
        if let startUTC, let measured = sum.startUTC,
            (startUTC - measured).nanoseconds.magnitude <= UInt64(IntervalSchedule.stepTolerance.nanoseconds)
        {
            sum.startUTC = startUTC
        }
        sum.isPartial = true
        if next.faultCode == 0 { sum.faultCode = faultCode }
        if let gust, let later = next.gust { sum.gust = max(gust, later) } else { sum.gust = nil }
        sum.tally = tally
        sum.tally += next.tally
        return sum
    }
}
