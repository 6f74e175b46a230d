import SensorCore

/// Time that moves only when somebody sleeps.
final class TestClock: NodeClock, @unchecked Sendable {
    // Sound without a lock: each test uses its clock from one thread.
    private var instant = MonotonicInstant(nanoseconds: 1_000_000_000)

    var bootID: BootID { BootID("test") }
    func now() -> MonotonicInstant { instant }
    func reading() -> ClockReading { ClockReading(instant: instant, utc: nil) }
    func sleep(until deadline: MonotonicInstant) { instant = max(instant, deadline) }
}
