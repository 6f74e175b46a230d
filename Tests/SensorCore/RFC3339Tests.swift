import Testing
@testable import SensorCore

@Suite struct RFC3339Tests {
    @Test(
        "Reads a time with parts left out from the right",
        arguments: [
            ("2026-05-01T12:00:00Z", "2026-05-01T12:00:00Z"), ("2026-05-01T12:00:00.250Z", "2026-05-01T12:00:00.250Z"),
            ("2026-05-01T12:00:00.2501239999Z", "2026-05-01T12:00:00.250Z"), ("2026-05-01T12:00:00.5", "2026-05-01T12:00:00.500Z"),
            ("2026-05-01", "2026-05-01T00:00:00Z"), ("2026-05-01Z", "2026-05-01T00:00:00Z"), ("2026-05-01T12:30", "2026-05-01T12:30:00Z"),
            ("2026-05-01T12:30Z", "2026-05-01T12:30:00Z"), ("2026-05-01T12:30:59", "2026-05-01T12:30:59Z"),
            ("1678-01-01", "1678-01-01T00:00:00Z"), ("2261-12-31T23:59:59.999Z", "2261-12-31T23:59:59.999Z"),
            ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z"), ("2024-02-29", "2024-02-29T00:00:00Z"),
        ])
    func readsATimeWithPartsLeftOutFromTheRight(_ text: String, _ meaning: String) {
        #expect(WallClockTime(rfc3339: text)?.rfc3339 == meaning)
    }

    @Test(
        "Refuses everything else",
        arguments: [
            "", "2026", "2026-05", "2026-13-01", "2026-00-01", "2026-05-00", "2026-02-31", "2026-02-29", "2100-02-29", "2026-04-31",
            "2026-05-01T24:00", "2026-05-01T12:60", "2026-05-01T12:00:60Z", "2026-05-01 12:00", "2026-05-01T12", "2026-05-01T",
            "x026-05-01",
            "2026-05-01T12:00:00+02:00", "2026-05-01T12:00:00.Zx", "2026-05-01T12:00:00.Z", "2026-05-01T12:00:00.", "2026-05-01T12:00:00ZZ",
            "1677-12-31", "2262-01-01", "9999-01-01", "２026-05-01",
        ])
    func refusesEverythingElse(_ text: String) { #expect(WallClockTime(rfc3339: text) == nil) }

    /// Expected by `date -u -d TEXT +%s`.
    @Test(
        "A whole second is taken in one form only",
        arguments: [
            ("2026-05-01T12:00:00Z", 1_777_636_800), ("2000-02-29T23:59:59Z", 951_868_799),
            ("2100-03-01T00:00:00Z", 4_107_542_400), ("2100-02-29T00:00:00Z", nil), ("2026-04-31T00:00:00Z", nil),
            ("2026-05-01T24:00:00Z", nil), ("2026-05-01T12:00:60Z", nil), ("2026-05-01 12:00:00Z", nil),
            ("2026-05-01T12:00:00", nil), ("2026-05-01T12:00Z", nil), ("2026-05-01T12:00:00.000Z", nil),
            ("2026-05-01T12:00:00.250Z", nil), ("1999-12-31T23:59:59Z", nil), ("2200-01-01T00:00:00Z", nil),
            ("2016-12-31T23:59:60Z", nil), ("", nil),
        ] as [(String, Int64?)])
    func aWholeSecondIsTakenInOneFormOnly(_ text: String, _ seconds: Int64?) {
        #expect(WallClockTime(wholeSecond: text) == seconds.map { WallClockTime(secondsSince1970: $0) })
    }

    @Test("Every day reads as it is written") func everyDayReadsAsItIsWritten() {
        for day in Int64(-106_000)...106_000 {
            let time = WallClockTime(secondsSince1970: day * 86_400)
            if WallClockTime(rfc3339: time.rfc3339) != time {
                Issue.record("\(time.rfc3339) is not read as it is written")
                return
            }
        }
    }

    @Test(
        "Floored to its second",
        arguments: [(0, 0), (1_999_999_999, 1), (-1, -1), (-1_000_000_000, -1), (-1_000_000_001, -2)] as [(Int64, Int64)])
    func flooredToItsSecond(_ nanoseconds: Int64, _ seconds: Int64) {
        #expect(WallClockTime(nanoseconds: nanoseconds).flooredToSecond == WallClockTime(secondsSince1970: seconds))
    }
}
