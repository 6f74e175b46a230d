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

    @inlinable
    public var length: TimeSpan { end - start }
}

/// Cuts monotonic time into intervals whose boundaries are whole multiples of the interval length in UTC
/// (a minute starts at second 0), or in monotonic time while UTC is not known.
///
/// States: the open interval has either a UTC start (the clock was synchronised at its start) or none. A clock that
/// becomes synchronised moves the boundary to the next UTC multiple, so the open interval ends early; its UTC is
/// then known, since its length was measured. A step of the wall clock by more than `stepTolerance` ends the open
/// interval where it is noticed, labelled by the clock it began with. Slow discipline of the clock only moves the
/// coming boundary.
public struct IntervalSchedule: Sendable {
    public let length: TimeSpan
    /// How far UTC may drift against monotonic time within one interval before it counts as a step: 500 ms.
    public static let stepTolerance = TimeSpan.milliseconds(500)

    public private(set) var start: MonotonicInstant
    private var startUTC: WallClockTime?
    /// Where the open interval ends, exclusive.
    public private(set) var boundary: MonotonicInstant
    private var boundaryUTC: WallClockTime?

    /// Opens the first interval at `reading`. `length` must divide an hour; the configuration checks it.
    public init(length: TimeSpan, startingAt reading: ClockReading) {
        precondition(length > .zero, "an interval needs a length")
        self.length = length
        start = reading.instant
        startUTC = reading.utc
        boundary = reading.instant
        boundaryUTC = nil
        place(after: reading.instant, by: reading)
    }

    /// Takes a fresh clock reading. Returns the interval that a step of the wall clock has ended, if any.
    public mutating func update(_ reading: ClockReading) -> IntervalSpan? {
        guard reading.instant >= start else { return nil }
        if let startUTC, let nowUTC = reading.utc {
            let drift = (nowUTC - startUTC) - (reading.instant - start)
            if drift.nanoseconds.magnitude > UInt64(Self.stepTolerance.nanoseconds) {
                let ended = span(
                    endingAt: reading.instant, utc: startUTC + (reading.instant - start))
                open(at: reading.instant, utc: nowUTC, by: reading)
                return ended
            }
        }
        // A boundary already reached stays: closing it is the caller's next step.
        if reading.instant < boundary { place(after: reading.instant, by: reading) }
        return nil
    }

    /// Ends the open interval at its boundary and opens the next there.
    public mutating func closeAtBoundary(_ reading: ClockReading) -> IntervalSpan {
        let ended = span(endingAt: boundary, utc: boundaryUTC)
        open(at: boundary, utc: boundaryUTC, by: reading)
        return ended
    }

    /// Ends the open interval now, as the last one of a stopping node.
    public mutating func closePartial(_ reading: ClockReading) -> IntervalSpan {
        let end = max(start, min(reading.instant, boundary))
        let endUTC = reading.utc(of: end)
        let ended = span(endingAt: end, utc: endUTC)
        open(at: end, utc: endUTC, by: reading)
        return ended
    }

    private func span(endingAt end: MonotonicInstant, utc endUTC: WallClockTime?) -> IntervalSpan {
        let missing = (end - start) - length
        return IntervalSpan(
            start: start, end: end,
            utc: endUTC.map { .init(start: startUTC ?? $0 - (end - start), end: $0) },
            isPartial: missing.nanoseconds.magnitude > UInt64(Self.stepTolerance.nanoseconds))
    }

    private mutating func open(at instant: MonotonicInstant, utc: WallClockTime?, by reading: ClockReading) {
        start = instant
        startUTC = utc
        place(after: instant, by: reading)
    }

    /// Puts the boundary on the first multiple after `instant`.
    private mutating func place(after instant: MonotonicInstant, by reading: ClockReading) {
        if let utc = reading.utc(of: instant) {
            // Half a millisecond of grace: an interval opened at its own boundary must not end there again when
            // the clock was slewed back by a few nanoseconds meanwhile.
            let reference = max(utc, (startUTC ?? utc) + TimeSpan.microseconds(500))
            let next = (reference.nanoseconds.flooringQuotient(by: length.nanoseconds) + 1) * length.nanoseconds
            boundaryUTC = WallClockTime(nanoseconds: next)
            boundary = instant + (WallClockTime(nanoseconds: next) - utc)
        } else {
            boundaryUTC = nil
            let next = (instant.nanoseconds.flooringQuotient(by: length.nanoseconds) + 1) * length.nanoseconds
            boundary = MonotonicInstant(nanoseconds: next)
        }
    }
}
