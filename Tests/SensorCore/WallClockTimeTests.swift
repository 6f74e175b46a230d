import Testing
@testable import SensorCore

/// Expected texts by Python's `datetime`.
@Test(
    "Instants read as Python writes them",
    arguments: [
        (0, "1970-01-01T00:00:00Z"),
        (-1, "1969-12-31T23:59:59.999Z"),
        (-1_000_000, "1969-12-31T23:59:59.999Z"),
        (-1_000_000_000, "1969-12-31T23:59:59Z"),
        (-86_400_000_000_000, "1969-12-31T00:00:00Z"),
        (-2_203_891_200_000_000_000, "1900-03-01T00:00:00Z"),
        (-5_364_662_400_000_000_000, "1800-01-01T00:00:00Z"),
        (Int64.min, "1677-09-21T00:12:43.145Z"),
        (951_782_400_000_000_000, "2000-02-29T00:00:00Z"),
        (951_868_799_999_999_999, "2000-02-29T23:59:59.999Z"),
        (951_868_800_000_000_000, "2000-03-01T00:00:00Z"),
        (1_483_228_799_000_000_000, "2016-12-31T23:59:59Z"),
        (1_709_164_800_000_000_000, "2024-02-29T00:00:00Z"),
        (1_777_636_800_000_000_000, "2026-05-01T12:00:00Z"),
        (1_777_636_800_000_999_999, "2026-05-01T12:00:00Z"),
        (1_777_636_800_001_000_000, "2026-05-01T12:00:00.001Z"),
        (1_777_636_800_250_000_000, "2026-05-01T12:00:00.250Z"),
        (4_107_542_399_000_000_000, "2100-02-28T23:59:59Z"),
        (4_107_542_400_000_000_000, "2100-03-01T00:00:00Z"),
        (Int64.max, "2262-04-11T23:47:16.854Z"),
    ])
func instantsReadAsPythonWritesThem(nanoseconds: Int64, text: String) {
    #expect(WallClockTime(nanoseconds: nanoseconds).rfc3339 == text)
}

/// A calendar that only knows how to turn a page.
@Test("Every day of the range follows the one before") func everyDayOfTheRangeFollowsTheOneBefore() {
    var year: Int64 = 1677
    var month: Int64 = 9
    var day: Int64 = 21
    for number in Int64(-106_752)...106_751 {
        let date = CivilDate(daysSince1970: number)
        if date.year != year || date.month != month || date.day != day {
            Issue.record("day \(number) is \(date), not \(year)-\(month)-\(day)")
            return
        }
        day += 1
        if day > length(ofMonth: month, in: year) { (month, day) = (month + 1, 1) }
        if month > 12 { (year, month) = (year + 1, 1) }
    }
    #expect((year, month, day) == (2262, 4, 12))
}

private func length(ofMonth month: Int64, in year: Int64) -> Int64 {
    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    return month == 2 ? (isLeap ? 29 : 28) : [4, 6, 9, 11].contains(month) ? 30 : 31
}

@Test("No deadline stays no deadline") func noDeadlineStaysNoDeadline() {
    #expect(MonotonicInstant.distantFuture + .seconds(1) == .distantFuture)
    #expect(MonotonicInstant(nanoseconds: 5) + .nanoseconds(-7) == MonotonicInstant(nanoseconds: -2))
}

@Test("A reading places other instants only when it knows UTC") func aReadingPlacesOtherInstantsOnlyWhenItKnowsUTC() {
    let instant = MonotonicInstant(nanoseconds: 10)
    let known = ClockReading(instant: instant, utc: WallClockTime(secondsSince1970: 100))
    #expect(known.utc(of: MonotonicInstant(nanoseconds: 7)) == WallClockTime(nanoseconds: 99_999_999_997))
    #expect(ClockReading(instant: instant, utc: nil).utc(of: instant) == nil)
}
