import SensorCore
import Testing

/// Seconds on both clocks, readable: monotonic time, and UTC relative to noon of some day.
private func at(_ monotonic: Double, utc: Double? = nil) -> ClockReading {
    ClockReading(instant: instant(monotonic), utc: utc.map(noon))
}

private func instant(_ seconds: Double) -> MonotonicInstant {
    MonotonicInstant(nanoseconds: Int64((seconds * 1e9).rounded()))
}

private func noon(plus seconds: Double) -> WallClockTime {
    WallClockTime(secondsSince1970: 1_777_636_800) + TimeSpan(nanoseconds: Int64((seconds * 1e9).rounded()))
}

private func span(_ start: Double, _ end: Double, utc: (Double, Double)? = nil, isPartial: Bool) -> IntervalSpan {
    IntervalSpan(
        start: instant(start), end: instant(end),
        utc: utc.map { .init(start: noon(plus: $0.0), end: noon(plus: $0.1)) }, isPartial: isPartial)
}

private let minute = TimeSpan.seconds(60)

/// What an owner of a schedule does: takes readings in turn and closes whatever has ended.
private func spans(from first: ClockReading, _ readings: ClockReading..., length: TimeSpan = minute) -> [IntervalSpan] {
    var schedule = IntervalSchedule(length: length, startingAt: first)
    var ended: [IntervalSpan] = []
    for reading in readings { ended += close(&schedule, reading) }
    return ended
}

private func close(_ schedule: inout IntervalSchedule, _ reading: ClockReading) -> [IntervalSpan] {
    var ended: [IntervalSpan] = []
    while let span = schedule.nextEnded(by: reading) { ended.append(span) }
    return ended
}

@Suite struct IntervalScheduleTests {
    @Test("Minutes begin at second zero of UTC") func minutesBeginAtSecondZeroOfUTC() {
        #expect(
            spans(from: at(7, utc: 0), at(67, utc: 60), at(127, utc: 120)) == [
                span(7, 67, utc: (0, 60), isPartial: false), span(67, 127, utc: (60, 120), isPartial: false),
            ])
    }

    @Test("The first interval after a start mid minute is partial") func theFirstIntervalAfterAStartMidMinuteIsPartial() {
        #expect(
            spans(from: at(7, utc: 45.25), at(82, utc: 120.25)) == [
                span(7, 21.75, utc: (45.25, 60), isPartial: true),
                span(21.75, 81.75, utc: (60, 120), isPartial: false),
            ])
    }

    /// A third of a second short is not full, however little that is.
    @Test("A start shortly after the multiple is partial") func aStartShortlyAfterTheMultipleIsPartial() {
        #expect(spans(from: at(7, utc: 0.3), at(67, utc: 60.3)) == [span(7, 66.7, utc: (0.3, 60), isPartial: true)])
    }

    @Test("Without UTC the multiples are those of monotonic time") func withoutUTCTheMultiplesAreThoseOfMonotonicTime() {
        #expect(
            spans(from: at(95), at(240)) == [
                span(95, 120, isPartial: true), span(120, 180, isPartial: false), span(180, 240, isPartial: false),
            ])
    }

    @Test("An interval is over exactly at its boundary") func anIntervalIsOverExactlyAtItsBoundary() {
        var schedule = IntervalSchedule(length: minute, startingAt: at(7, utc: 0))
        #expect(schedule.boundary == instant(67))
        let before = ClockReading(instant: instant(67) - .nanoseconds(1), utc: noon(plus: 60) - .nanoseconds(1))
        #expect(close(&schedule, before) == [])
        #expect(close(&schedule, at(67, utc: 60)).count == 1)
    }

    /// Monotonic minutes end at 60, 120, ...; those of UTC at 55, 115, ....
    @Test("A clock that becomes synchronised ends the interval early") func aClockThatBecomesSynchronisedEndsTheIntervalEarly() {
        #expect(
            spans(from: at(10), at(30, utc: 35), at(120, utc: 125)) == [
                span(10, 55, utc: (15, 60), isPartial: true), span(55, 115, utc: (60, 120), isPartial: false),
            ])
    }

    /// UTC minutes end at 45, 105, ...: at 50 the next is 105, and 0 ... 105 would be longer than a minute.
    @Test("A clock that becomes synchronised never makes an interval longer") func aClockThatBecomesSynchronisedNeverMakesAnIntervalLonger()
    {
        #expect(
            spans(from: at(0), at(50, utc: 5), at(105, utc: 60)) == [
                span(0, 60, utc: (-45, 15), isPartial: true), span(60, 105, utc: (15, 60), isPartial: true),
            ])
    }

    @Test("A clock that is no longer synchronised gives no UTC") func aClockThatIsNoLongerSynchronisedGivesNoUTC() {
        #expect(
            spans(from: at(37, utc: 0), at(70), at(97), at(180)) == [
                span(37, 97, isPartial: false), span(97, 120, isPartial: true), span(120, 180, isPartial: false),
            ])
    }

    @Test("A clock that is back before the end loses nothing") func aClockThatIsBackBeforeTheEndLosesNothing() {
        #expect(
            spans(from: at(37, utc: 0), at(40), at(55, utc: 18), at(97, utc: 60)) == [
                span(37, 97, utc: (0, 60), isPartial: false)
            ])
    }

    @Test("A step ends the interval by the clock it began with", arguments: [3600.0, -3600, 7200, 0.6, -0.6, 86_400])
    func aStepEndsTheIntervalByTheClockItBeganWith(step: Double) {
        let ended = spans(from: at(7, utc: 0), at(27, utc: 20 + step), at(67 - step, utc: 60))
        #expect(ended.first == span(7, 27, utc: (0, 20), isPartial: true))
        // Whole hours leave the minutes where they were.
        if step.magnitude >= 3600 {
            let next = spans(from: at(7, utc: 0), at(27, utc: 20 + step), at(67, utc: 60 + step))
            #expect(next.last == span(27, 67, utc: (20 + step, 60 + step), isPartial: true))
        }
    }

    /// The thread slept over the boundary, and the clock was stepped meanwhile.
    @Test("A step noticed after the boundary is taken there", arguments: [3600.0, -3600])
    func aStepNoticedAfterTheBoundaryIsTakenThere(step: Double) {
        #expect(
            spans(from: at(7, utc: 0), at(130, utc: 123 + step)) == [
                span(7, 67, utc: (0, 60), isPartial: false),
                span(67, 127, utc: (60 + step, 120 + step), isPartial: false),
            ])
    }

    /// An edge closes the interval before `update` sees the stepped clock.
    @Test("Closing with a stepped clock mixes no times", arguments: [3600.0, -3600])
    func closingWithASteppedClockMixesNoTimes(step: Double) {
        var schedule = IntervalSchedule(length: minute, startingAt: at(7, utc: 0))
        let stepped = at(68, utc: 61 + step)
        #expect(schedule.closeAtBoundary(stepped) == span(7, 67, utc: (0, 60), isPartial: false))
        #expect(schedule.update(stepped) == nil)
        #expect(
            close(&schedule, at(127, utc: 120 + step)) == [
                span(67, 127, utc: (60 + step, 120 + step), isPartial: false)
            ])
    }

    /// Within the tolerance the boundary moves, and both ends stay multiples.
    @Test("Slow discipline only moves the boundary", arguments: [0.4, -0.4, 0.000_000_1, -0.000_000_1])
    func slowDisciplineOnlyMovesTheBoundary(drift: Double) {
        #expect(
            spans(from: at(7, utc: 0), at(27, utc: 20 + drift), at(67 - drift, utc: 60), at(127 - drift, utc: 120)) == [
                span(7, 67 - drift, utc: (0, 60), isPartial: false),
                span(67 - drift, 127 - drift, utc: (60, 120), isPartial: false),
            ])
    }

    /// 0.1 s before the boundary the clock is put forward by 0.3 s: it has passed second 60 without showing it.
    @Test("A small step forward over the boundary ends the interval there") func aSmallStepForwardOverTheBoundaryEndsTheIntervalThere() {
        #expect(
            spans(from: at(7, utc: 0), at(66.9, utc: 60.2), at(126.7, utc: 120)) == [
                span(7, 66.9, utc: (0, 60), isPartial: false), span(66.9, 126.7, utc: (60, 120), isPartial: false),
            ])
    }

    /// Right after a boundary the clock is put back over it: second 60 comes twice and opens one interval.
    @Test("A small step back over the boundary opens nothing twice") func aSmallStepBackOverTheBoundaryOpensNothingTwice() {
        #expect(
            spans(from: at(7, utc: 0), at(67, utc: 60), at(67.1, utc: 59.8), at(67.3, utc: 60), at(127.3, utc: 120)) == [
                span(7, 67, utc: (0, 60), isPartial: false), span(67, 127.3, utc: (60, 120), isPartial: false),
            ])
        // The same, with the boundary noticed only after the step.
        #expect(
            spans(from: at(7, utc: 0), at(66, utc: 59), at(67.1, utc: 59.8), at(67.3, utc: 60), at(127.3, utc: 120)) == [
                span(7, 67, utc: (0, 60), isPartial: false), span(67, 127.3, utc: (60, 120), isPartial: false),
            ])
    }

    @Test("Intervals slept over are all there") func intervalsSleptOverAreAllThere() {
        let ended = spans(from: at(7, utc: 0), at(3607, utc: 3600))
        #expect(ended.count == 60)
        for (index, ended) in ended.enumerated() {
            let start = Double(index) * 60
            #expect(ended == span(7 + start, 67 + start, utc: (start, start + 60), isPartial: false))
        }
    }

    @Test(
        "The last interval ends where the node stops",
        arguments: [
            (20.0, Optional(13.0), span(7, 20, utc: (0, 13), isPartial: true)),
            (66.8, 59.8, span(7, 66.8, utc: (0, 59.8), isPartial: true)),
            (67, 60, span(7, 67, utc: (0, 60), isPartial: false)),
            (20, nil, span(7, 20, isPartial: true)),
            // Stepped in the last moment: by the clock it began with.
            (20, 3613, span(7, 20, utc: (0, 13), isPartial: true)),
            (7, 0, span(7, 7, utc: (0, 0), isPartial: true)),
        ])
    func theLastIntervalEndsWhereTheNodeStops(monotonic: Double, utc: Double?, last: IntervalSpan) {
        var schedule = IntervalSchedule(length: minute, startingAt: at(7, utc: 0))
        #expect(schedule.closePartial(at(monotonic, utc: utc)) == last)
    }
}
