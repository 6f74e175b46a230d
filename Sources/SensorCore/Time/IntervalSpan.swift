/// One measuring interval that has ended: when it was, on both clocks.
public struct IntervalSpan: Hashable, Sendable {
    public var start: MonotonicInstant
    public var end: MonotonicInstant
    /// UTC of `start` and `end`; both nil when the clock was not synchronised at the end of the interval.
    /// A full interval of a synchronised clock has an exact multiple of the interval length in both.
    public var utc: UTCRange?
    /// Not of the configured length: the first after a start or a clock step, the last before a stop.
    public var isPartial: Bool

    public struct UTCRange: Hashable, Sendable {
        public var start: WallClockTime
        public var end: WallClockTime
        @inlinable
        public init(start: WallClockTime, end: WallClockTime) {
            self.start = start
            self.end = end
        }
    }

    @inlinable
    public init(start: MonotonicInstant, end: MonotonicInstant, utc: UTCRange?, isPartial: Bool) {
        self.start = start
        self.end = end
        self.utc = utc
        self.isPartial = isPartial
    }

    /// A moment: it starts and ends there.
    public init(at instant: MonotonicInstant, utc: WallClockTime?) {
        self.init(start: instant, end: instant, utc: utc.map { UTCRange(start: $0, end: $0) }, isPartial: false)
    }

    @inlinable
    public var length: TimeSpan { end - start }
}

extension IntervalSpan {
    /// The other begins where this one ends, on both clocks as far as both are known.
    public func isFollowed(by next: IntervalSpan) -> Bool {
        guard end == next.start, (utc == nil) == (next.utc == nil) else { return false }
        guard let utc, let later = next.utc else { return true }
        return utc.end == later.start
    }

    /// From the start of this one to the end of the next; UTC where both know it.
    public func joined(with next: IntervalSpan) -> IntervalSpan {
        IntervalSpan(
            start: start, end: next.end,
            utc: utc.flatMap { one in next.utc.map { UTCRange(start: one.start, end: $0.end) } }, isPartial: true)
    }

    /// Which of the intervals of this length it lies in; nil when it lies in more than one, and for a moment.
    public func place(among length: TimeSpan) -> Place? {
        let first = startPlace(among: length)
        let start = utc?.start.nanoseconds ?? start.nanoseconds
        let last = utc?.end.nanoseconds ?? end.nanoseconds
        guard last > start, (last - 1).flooringQuotient(by: length.nanoseconds) == first.index else { return nil }
        return first
    }

    /// Which of the intervals of this length it starts in.
    public func startPlace(among length: TimeSpan) -> Place {
        let start = utc?.start.nanoseconds ?? start.nanoseconds
        return Place(isUTC: utc != nil, index: start.flooringQuotient(by: length.nanoseconds))
    }

    /// One of the intervals of a length, which begin at whole multiples of it.
    public struct Place: Hashable, Sendable {
        /// In UTC; else in monotonic time, while UTC is not known.
        public var isUTC: Bool
        /// Counted from 1970 or from the boot.
        public var index: Int64
    }

    /// As long as `length` on one of its clocks.
    public func isWhole(_ length: TimeSpan) -> Bool {
        self.length == length || utc.map { $0.end - $0.start == length } ?? false
    }
}
