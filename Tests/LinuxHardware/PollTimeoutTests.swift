import Glibc
import SensorCore
import Testing

@testable import LinuxHardware

@Test(
    "Polls for the time left",
    arguments: [
        (0, 0, 0, 0),
        (5, 6, 0, 0),
        (Int64.min, 5, 0, 0),
        (6, 5, 0, 1),
        (3_000_000_007, 1_000_000_009, 1, 999_999_998),
        (Int64.max - 1, 0, 9_223_372_036, 854_775_806),
    ] as [(deadline: Int64, now: Int64, seconds: Int, nanoseconds: Int)])
func pollsForTheTimeLeft(deadline: Int64, now: Int64, seconds: Int, nanoseconds: Int) throws {
    let timeout = try #require(
        pollTimeout(
            until: MonotonicInstant(nanoseconds: deadline), now: MonotonicInstant(nanoseconds: now)))
    #expect(timeout.tv_sec == seconds)
    #expect(timeout.tv_nsec == nanoseconds)
}

@Test("Polls for ever without a deadline") func pollsForEverWithoutADeadline() {
    #expect(pollTimeout(until: .distantFuture, now: MonotonicInstant(nanoseconds: 5)) == nil)
}
