package import SensorCore

/// Accepts a change at once and then does not look at the line for a set time, which is to be longer than any bounce.
///
/// States:
/// - *open*: the next edge is accepted, and locks from where its burst began.
/// - *locked* until `lockedUntil`: edges only tell where the line is. If it is not at the accepted level when the lock
///   ends, it has changed meanwhile: that change is accepted then, and locks from where it began. So each pulse counts whose
///   beginning is further than the time from the beginning of the one before, also when it ended within the lock, as
///   long as a burst of bounces is over before half of it, of the pulse and of the pause have passed.
///
/// Where a burst of bounces began is where the line ended its longest stay at the accepted level.
package struct LockoutDebouncer: Sendable {
    package let lockout: TimeSpan

    package private(set) var accepted: Bool
    private var level: Bool
    /// Of the last edge.
    private var since: MonotonicInstant
    private var lockedUntil: MonotonicInstant
    /// The longest stay at the accepted level since that was accepted, and where it ended.
    private var longestStay = TimeSpan.nanoseconds(-1)
    private var departure: MonotonicInstant
    /// Stays at the other level that were over before the lock was: pulses that no bounce makes, and the time of all together.
    private var whole: UInt64 = 0
    private var away = TimeSpan.zero
    /// The line left the accepted level after a rest and soon came back: a pulse, if it rests again.
    private var isBack = false
    private var stayBefore = TimeSpan.zero

    package init(lockout: TimeSpan, level: Bool, at instant: MonotonicInstant) {
        self.lockout = lockout
        accepted = level
        self.level = level
        since = instant
        lockedUntil = instant
        departure = instant
    }

    /// The instant of a change that is seen and not yet accepted.
    package var onset: MonotonicInstant? { level == accepted ? nil : since }

    package var deadline: MonotonicInstant? { level == accepted ? nil : max(lockedUntil, since) }

    package mutating func change(to level: Bool, at instant: MonotonicInstant) {
        guard level != self.level else { return }
        let stay = instant - since
        if self.level == accepted {
            if stay >= longestStay {
                longestStay = stay
                departure = instant
            }
            stayBefore = stay
            if stay >= half, isBack {
                whole += 1
                isBack = false
            }
        } else {
            away += stay
            if stay >= longBounce || (stay >= longPiece && stayBefore >= longPiece) {
                whole += 1
                isBack = false
            } else if stayBefore >= half {
                isBack = true
            }
        }
        self.level = level
        since = instant
    }

    /// What is decided by `now`, if anything: first the pulses that were ignored since the last change, then the change. Call it
    /// after every edge and when `deadline` has come, until it has nothing more.
    package mutating func settle(at now: MonotonicInstant) -> StableDebouncer.Outcome? {
        guard level != accepted, now >= lockedUntil else { return nil }
        // Many short stays away, none of them long: a line that is faster than the lock.
        let ignored = lockout == .zero ? 0 : max(whole, away >= longBounce ? 1 : 0)
        whole = 0
        away = .zero
        if ignored > 0 { return .ignored(pulses: ignored) }
        isBack = false
        accepted = level
        let isLate = since < lockedUntil
        // Where the lock is already open this edge may be of another burst than the departure.
        lockedUntil = isLate ? departure + lockout : max(departure + lockout, since + half)
        longestStay = .nanoseconds(-1)
        return .transition(StableDebouncer.Transition(onset: since, level: level))
    }

    /// A contact that bounces does not stay away for so long, nor for the shorter time after it stayed as long, nor does it rest for half
    /// the lock and then bounce again.
    private var longBounce: TimeSpan { TimeSpan(nanoseconds: lockout.nanoseconds / 3) }
    private var longPiece: TimeSpan { TimeSpan(nanoseconds: lockout.nanoseconds / 5) }
    private var half: TimeSpan { TimeSpan(nanoseconds: lockout.nanoseconds / 2) }
}
