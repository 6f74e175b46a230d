/// A point in UTC: nanoseconds since 1970-01-01T00:00:00Z, leap seconds not counted (POSIX time).
///
/// Range 1677-09-21 to 2262-04-11. A value of this type is only ever made from a clock known to be synchronised;
/// where UTC is not known, the place that would hold it is nil.
public struct WallClockTime: BitwiseCopyable, Hashable, Comparable, Sendable {
    public var nanoseconds: Int64

    @inlinable
    public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }
    @inlinable
    public init(secondsSince1970: Int64) { nanoseconds = secondsSince1970 * 1_000_000_000 }

    @inlinable
    public static func < (a: WallClockTime, b: WallClockTime) -> Bool { a.nanoseconds < b.nanoseconds }
    @inlinable
    public static func + (a: WallClockTime, span: TimeSpan) -> WallClockTime {
        WallClockTime(nanoseconds: a.nanoseconds + span.nanoseconds)
    }
    @inlinable
    public static func - (a: WallClockTime, span: TimeSpan) -> WallClockTime {
        WallClockTime(nanoseconds: a.nanoseconds - span.nanoseconds)
    }
    @inlinable
    public static func - (a: WallClockTime, b: WallClockTime) -> TimeSpan {
        TimeSpan(nanoseconds: a.nanoseconds - b.nanoseconds)
    }

    /// RFC 3339 in UTC: `2026-05-01T12:00:00Z`, with milliseconds (truncated) only where they are not zero:
    /// `2026-05-01T12:00:00.250Z`.
    public var rfc3339: String {
        var text: [UInt8] = []
        appendRFC3339(to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    /// The bytes of `rfc3339`, for whoever writes many: allocates nothing but what `text` needs.
    public func appendRFC3339(to text: inout [UInt8]) {
        let seconds = nanoseconds.flooringQuotient(by: 1_000_000_000)
        // From the remainder: the whole seconds of the earliest instants do not fit back into nanoseconds.
        let fraction = nanoseconds % 1_000_000_000
        let milliseconds = (fraction < 0 ? fraction + 1_000_000_000 : fraction) / 1_000_000
        let days = seconds.flooringQuotient(by: 86_400)
        let secondOfDay = seconds - days * 86_400
        let date = CivilDate(daysSince1970: days)
        text.appendDigits(date.year, 4, "-")
        text.appendDigits(date.month, 2, "-")
        text.appendDigits(date.day, 2, "T")
        text.appendDigits(secondOfDay / 3600, 2, ":")
        text.appendDigits(secondOfDay / 60 % 60, 2, ":")
        text.appendDigits(secondOfDay % 60, 2, milliseconds == 0 ? "Z" : ".")
        if milliseconds != 0 { text.appendDigits(milliseconds, 3, "Z") }
    }
}

extension [UInt8] {
    /// `width` decimal digits of a number that has no more, then `mark`.
    fileprivate mutating func appendDigits(_ number: Int64, _ width: Int, _ mark: Unicode.Scalar) {
        var divisor: Int64 = 1
        for _ in 1..<width { divisor *= 10 }
        while divisor > 0 {
            append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number / divisor % 10))
            divisor /= 10
        }
        append(UInt8(ascii: mark))
    }
}

/// A day of the proleptic Gregorian calendar.
///
/// Arithmetic on 400-year eras of 146,097 days with the year starting in March
/// (Hinnant, "chrono-Compatible Low-Level Date Algorithms", `civil_from_days`). 11,016 days since 1970 is 2000-02-29.
struct CivilDate: Equatable {
    var year: Int64
    var month: Int64
    var day: Int64

    init(daysSince1970 days: Int64) {
        let shifted = days + 719_468
        let era = shifted.flooringQuotient(by: 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * marchMonth + 2) / 5 + 1
        month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    /// nil for a day that the calendar has not.
    init?(year: Int64, month: Int64, day: Int64) {
        guard (1...12).contains(month) else { return nil }
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let length: Int64 =
            switch month {
            case 2: isLeap ? 29 : 28
            case 4, 6, 9, 11: 30
            default: 31
            }
        guard (1...length).contains(day) else { return nil }
        self.year = year
        self.month = month
        self.day = day
    }

    /// The same source, `days_from_civil`.
    var daysSince1970: Int64 {
        let marchYear = month <= 2 ? year - 1 : year
        let era = marchYear.flooringQuotient(by: 400)
        let yearOfEra = marchYear - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }
}

extension Int64 {
    /// Division rounding toward minus infinity, so that instants before 1970 fall into the right day.
    func flooringQuotient(by divisor: Int64) -> Int64 {
        let quotient = self / divisor
        return self % divisor < 0 ? quotient - 1 : quotient
    }
}
