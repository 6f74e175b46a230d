/// Which boot of the machine an instant belongs to: the kernel's `/proc/sys/kernel/random/boot_id`, or a name a
/// simulation gives.
public struct BootID: Hashable, Sendable {
    public var text: String
    public init(_ text: String) { self.text = text }
}

/// How far UTC can be trusted.
public enum TimeQuality: String, Hashable, Sendable, CaseIterable {
    /// The system clock was disciplined by a time source when the record was closed.
    case synchronised
    /// UTC is not known; only boot id and monotonic time are given. A `TimeFix` of the same boot places them later.
    case unsynchronised
}

/// Monotonic time and, when it is known, the UTC of the same moment.
public struct ClockReading: Hashable, Sendable {
    public var instant: MonotonicInstant
    /// nil while the clock is not known to be synchronised: also when it shows a plausible time.
    public var utc: WallClockTime?

    @inlinable
    public init(instant: MonotonicInstant, utc: WallClockTime?) {
        self.instant = instant
        self.utc = utc
    }

    /// The UTC of another instant of this boot, by this reading's offset; nil when this reading has none.
    @inlinable
    public func utc(of other: MonotonicInstant) -> WallClockTime? {
        utc.map { $0 + (other - instant) }
    }
}

/// The node's only source of time and of waiting.
///
/// Called from several threads at once. Under a manual clock `sleep` is what moves time on; with the system clock it
/// blocks the calling thread, so it must never be called on Swift's cooperative pool.
public protocol NodeClock: AnyObject, Sendable {
    var bootID: BootID { get }
    /// CLOCK_MONOTONIC. Never allocates, never blocks.
    func now() -> MonotonicInstant
    /// Monotonic and UTC of one moment. Never allocates, never blocks.
    func reading() -> ClockReading
    /// Blocks the calling thread until `deadline`; returns at once when it has passed.
    func sleep(until deadline: MonotonicInstant)
}

extension NodeClock {
    /// Blocks the calling thread for `span`.
    @inlinable
    public func sleep(for span: TimeSpan) { sleep(until: now() + span) }
}
