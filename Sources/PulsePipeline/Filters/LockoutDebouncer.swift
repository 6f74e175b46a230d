public import SensorCore

/// Accepts a change at once and then does not look at the line for a set time.
///
/// States:
/// - *open*: the next edge is accepted.
/// - *locked* until `lockedUntil`: edges only tell where the line is. If it is not at the accepted level when the lock
///   ends, it has changed meanwhile, at the last edge; that change is accepted then, and locks again.
public struct LockoutDebouncer: Sendable {
    public let lockout: TimeSpan

    public private(set) var accepted: Bool
    private var level: Bool
    /// Of the last edge.
    private var since: MonotonicInstant
    private var lockedUntil: MonotonicInstant

    public init(lockout: TimeSpan, level: Bool, at instant: MonotonicInstant) {
        self.lockout = lockout
        accepted = level
        self.level = level
        since = instant
        lockedUntil = instant
    }

    /// The instant of a change that is seen and not yet accepted.
    public var onset: MonotonicInstant? { level == accepted ? nil : since }

    public var deadline: MonotonicInstant? { level == accepted ? nil : max(lockedUntil, since) }

    public mutating func change(to level: Bool, at instant: MonotonicInstant) {
        self.level = level
        since = instant
    }

    /// The change that is accepted by `now`, if any. Call it after every edge and when `deadline` has come.
    public mutating func settle(at now: MonotonicInstant) -> StableDebouncer.Outcome? {
        guard level != accepted, now >= lockedUntil else { return nil }
        accepted = level
        lockedUntil = max(since, lockedUntil) + lockout
        return .transition(StableDebouncer.Transition(onset: since, level: level))
    }
}
