/// Cuts monotonic time into intervals whose boundaries are whole multiples of the interval length in UTC
/// (a minute starts at second 0), or in monotonic time while UTC is not known.
///
/// States: the open interval has either a UTC start (the clock was synchronised at its start) or none. A clock that
/// becomes synchronised, or is no longer, moves the boundary to the next multiple of the other clock; where that would
/// make the open interval longer than `length`, it ends after `length` and a short one leads to the multiple. An
/// interval that ends synchronised has both its UTC times, since its length was measured. A step of the wall clock by
/// more than `stepTolerance` ends the open interval where it is noticed, labelled by the clock it began with; one that
/// is noticed at or after the boundary, there. Slow discipline of the clock only moves the coming boundary.
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
        boundary = reading.instant
        open(at: reading.instant, utc: reading.utc, by: reading)
    }

    /// Takes a fresh clock reading. Returns the interval that a step of the wall clock has ended, if any.
    public mutating func update(_ reading: ClockReading) -> IntervalSpan? {
        // A boundary already reached stays: closing it is the caller's next step.
        guard reading.instant >= start, reading.instant < boundary else { return nil }
        if let startUTC, let nowUTC = reading.utc {
            let measured = startUTC + (reading.instant - start)
            if Self.isStep(from: measured, to: nowUTC) {
                let ended = span(endingAt: reading.instant, utc: measured)
                open(at: reading.instant, utc: nowUTC, by: reading)
                return ended
            }
        }
        adjustBoundary(by: reading)
        return nil
    }

    /// Ends the open interval at its boundary and opens the next there.
    public mutating func closeAtBoundary(_ reading: ClockReading) -> IntervalSpan {
        let ended = span(endingAt: boundary, utc: boundaryUTC)
        open(at: boundary, utc: boundaryUTC, by: reading)
        return ended
    }

    /// The next interval that has ended by `reading`, oldest first; nil when none has. To be called until it gives nil.
    public mutating func nextEnded(by reading: ClockReading) -> IntervalSpan? {
        if let stepped = update(reading) { return stepped }
        // The reading may have moved the boundary to its own moment.
        return reading.instant >= boundary ? closeAtBoundary(reading) : nil
    }

    /// Ends the open interval now, as the last one of a stopping node.
    public mutating func closePartial(_ reading: ClockReading) -> IntervalSpan {
        if reading.instant >= boundary { return closeAtBoundary(reading) }
        let end = max(start, reading.instant)
        var endUTC = reading.utc(of: end)
        if let startUTC, let utc = endUTC, Self.isStep(from: startUTC + (end - start), to: utc) {
            endUTC = startUTC + (end - start)
        }
        let ended = span(endingAt: end, utc: endUTC)
        open(at: end, utc: endUTC, by: reading)
        return ended
    }

    private static func isStep(from expected: WallClockTime, to utc: WallClockTime) -> Bool {
        (utc - expected).nanoseconds.magnitude > UInt64(stepTolerance.nanoseconds)
    }

    private func span(endingAt end: MonotonicInstant, utc endUTC: WallClockTime?) -> IntervalSpan {
        guard let endUTC else {
            return IntervalSpan(start: start, end: end, utc: nil, isPartial: end - start != length)
        }
        let utc = IntervalSpan.UTCRange(start: startUTC ?? endUTC - (end - start), end: endUTC)
        let isAligned = utc.end.nanoseconds % length.nanoseconds == 0
        return IntervalSpan(start: start, end: end, utc: utc, isPartial: !isAligned || utc.end - utc.start != length)
    }

    /// `utc`: of `instant`, by the clock of the interval that ended there.
    private mutating func open(at instant: MonotonicInstant, utc: WallClockTime?, by reading: ClockReading) {
        start = instant
        let present = reading.utc(of: instant)
        startUTC = utc ?? present
        // The clock was stepped meanwhile: the new interval is measured by the new time.
        if let utc, let present, Self.isStep(from: utc, to: present) { startUTC = present }
        if let present {
            let next = multiple(after: present)
            boundaryUTC = next
            boundary = instant + (next - present)
        } else {
            boundaryUTC = nil
            boundary = multiple(after: instant)
        }
    }

    /// Moves the boundary of the open interval to where the clock now puts it, never before `reading`.
    private mutating func adjustBoundary(by reading: ClockReading) {
        let now = reading.instant
        guard let utc = reading.utc else {
            // Monotonic multiples do not move; those of a clock that is no longer synchronised are given up.
            if boundaryUTC == nil { return }
            boundaryUTC = nil
            boundary = min(multiple(after: now), max(now, start + length))
            return
        }
        if startUTC != nil, let boundaryUTC {
            // A clock that was put forward over the boundary has reached it now.
            boundary = max(now, now + (boundaryUTC - utc))
            return
        }
        let next = multiple(after: utc)
        let instant = now + (next - utc)
        let latest = max(now, start + length)
        // An interval with a UTC start may end where the clock says, however little it drifted.
        if instant <= latest + (startUTC == nil ? .zero : Self.stepTolerance) {
            boundary = instant
            boundaryUTC = next
        } else {
            boundary = latest
            boundaryUTC = reading.utc(of: latest)
        }
    }

    /// The first multiple of the length in UTC after `utc`.
    private func multiple(after utc: WallClockTime) -> WallClockTime {
        // Half a millisecond of grace: an interval opened at its own boundary must not end there again when
        // the clock was slewed back by a few nanoseconds meanwhile.
        let reference = max(utc, (startUTC ?? utc) + TimeSpan.microseconds(500))
        return WallClockTime(
            nanoseconds: (reference.nanoseconds.flooringQuotient(by: length.nanoseconds) + 1) * length.nanoseconds)
    }

    private func multiple(after instant: MonotonicInstant) -> MonotonicInstant {
        MonotonicInstant(
            nanoseconds: (instant.nanoseconds.flooringQuotient(by: length.nanoseconds) + 1) * length.nanoseconds)
    }
}
