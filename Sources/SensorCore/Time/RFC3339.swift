extension WallClockTime {
    /// A time as the program writes and takes it: RFC 3339 (section 5.6) in UTC, with the parts that may be left out from the
    /// right.
    ///
    /// `2026-05-01T12:00:00Z`, `2026-05-01T12:00:00.250Z`, `2026-05-01T12:00`, `2026-05-01`; the `Z` may be missing, since no other
    /// zone is taken. A fraction has any number of digits, of which nine are kept. The leap second `23:59:60` is the second
    /// after it, as in POSIX time. Years 1678 to 2261. nil for anything else, also for a day that is none (31 February).
    public init?(rfc3339 text: String) {
        var text = text
        let parsed = text.withUTF8 { utf8 in
            var parser = RFC3339Parser(rest: utf8[...])
            return parser.time()
        }
        guard let parsed else { return nil }
        self = parsed
    }

    /// A whole second in the form that `rfc3339` writes, and no other: `2026-05-01T12:00:00Z`, years 2000 to 2199.
    public init?(wholeSecond text: String) {
        guard let time = WallClockTime(rfc3339: text), time.rfc3339 == text, time == time.flooredToSecond,
            ("2000"..."2199").contains(text.prefix(4))
        else { return nil }
        self = time
    }

    /// Without its fraction of a second.
    public var flooredToSecond: WallClockTime {
        WallClockTime(secondsSince1970: nanoseconds.flooringQuotient(by: 1_000_000_000))
    }
}

private struct RFC3339Parser {
    var rest: Slice<UnsafeBufferPointer<UInt8>>

    mutating func time() -> WallClockTime? {
        guard let year = number(4), take("-"), let month = number(2), take("-"), let day = number(2) else { return nil }
        var (hour, minute, second, fraction): (Int64, Int64, Int64, Int64) = (0, 0, 0, 0)
        if take("T") {
            guard let hours = number(2), take(":"), let minutes = number(2) else { return nil }
            (hour, minute) = (hours, minutes)
            if take(":") {
                guard let seconds = number(2) else { return nil }
                second = seconds
                if take(".") {
                    guard let nanoseconds = self.fraction() else { return nil }
                    fraction = nanoseconds
                }
            }
        }
        _ = take("Z")
        guard rest.isEmpty, (1678...2261).contains(year), let date = CivilDate(year: year, month: month, day: day),
            hour < 24, minute < 60, second < 60 || (hour, minute, second) == (23, 59, 60)
        else { return nil }
        let seconds = date.daysSince1970 * 86_400 + hour * 3600 + minute * 60 + second
        return WallClockTime(nanoseconds: seconds * 1_000_000_000 + fraction)
    }

    /// Exactly so many digits.
    private mutating func number(_ width: Int) -> Int64? {
        var value: Int64 = 0
        for _ in 0..<width {
            guard let digit = digit() else { return nil }
            value = value * 10 + digit
        }
        return value
    }

    /// At least one digit, as nanoseconds.
    private mutating func fraction() -> Int64? {
        guard let first = digit() else { return nil }
        var unit: Int64 = 100_000_000
        var nanoseconds = first * unit
        while let digit = digit() {
            unit /= 10
            nanoseconds += digit * unit
        }
        return nanoseconds
    }

    private mutating func digit() -> Int64? {
        guard let byte = rest.first, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
        rest.removeFirst()
        return Int64(byte - UInt8(ascii: "0"))
    }

    private mutating func take(_ mark: Unicode.Scalar) -> Bool {
        guard rest.first == UInt8(ascii: mark) else { return false }
        rest.removeFirst()
        return true
    }
}
