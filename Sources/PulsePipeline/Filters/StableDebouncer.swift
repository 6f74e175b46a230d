package import SensorCore

/// Accepts a level only after it was stable for a set time, on both edges.
///
/// States:
/// - *settled*: the line holds the accepted level; nothing is pending.
/// - *unsettled*: the line left the accepted level at `onset` and has been at `candidate` since `since`. It settles on
///   the candidate once that was held for its time: a transition if it is the other level, a rejected glitch if it is
///   the old one. Every edge before that starts the time anew.
///
/// The end of stability is a matter of time, not of edges: call `settle(at:)` when `deadline` has come, so that a quiet
/// line is decided too. All times come from the caller.
package struct StableDebouncer: Sendable {
    /// A level that was accepted.
    package struct Transition: Hashable, Sendable {
        /// When the line left the old level: the first edge of the burst, not the end of the bouncing.
        package var onset: MonotonicInstant
        package var level: Bool
    }

    /// How a burst of activity ended.
    package enum Outcome: Hashable, Sendable {
        case transition(Transition)
        /// The line came back to the level it had left at `onset`, and stayed.
        case glitch(onset: MonotonicInstant)
        /// Whole pulses passed while a lockout did not look; never from this debouncer.
        case ignored(pulses: UInt64)
    }

    /// How long the line must be active, or inactive, without a break.
    package let riseTime: TimeSpan
    package let fallTime: TimeSpan

    package private(set) var accepted: Bool
    private var candidate: Bool
    private var since: MonotonicInstant
    package private(set) var onset: MonotonicInstant
    package private(set) var isSettled: Bool
    /// Of the burst that is under way, or of the last: how long the line was not at the level it had left.
    private var away = TimeSpan.zero

    /// `level` is what the line showed when it was armed: it is the base, not a transition.
    package init(riseTime: TimeSpan, fallTime: TimeSpan, level: Bool, at instant: MonotonicInstant) {
        self.riseTime = riseTime
        self.fallTime = fallTime
        accepted = level
        candidate = level
        since = instant
        onset = instant
        isSettled = true
    }

    /// When `settle(at:)` will have something to decide if no edge comes first; nil while settled.
    package var deadline: MonotonicInstant? {
        isSettled ? nil : since + (candidate ? riseTime : fallTime)
    }

    /// The glitch that was decided last stayed away for a quarter of the time it would have had to: a bounce or a spike is shorter,
    /// so it may have been a pulse that the filter is too slow for.
    package var glitchMayBePulse: Bool {
        let asked = (accepted ? fallTime : riseTime).nanoseconds
        return asked > 0 && away.nanoseconds >= asked / 4
    }

    /// Decides what time alone has decided by `now`. Call it before every edge and when `deadline` has come.
    @inline(__always)
    package mutating func settle(at now: MonotonicInstant) -> Outcome? {
        if isSettled { return nil }
        let held = now.nanoseconds &- since.nanoseconds
        if held < (candidate ? riseTime : fallTime).nanoseconds { return nil }
        isSettled = true
        if candidate == accepted { return .glitch(onset: onset) }
        accepted = candidate
        return .transition(Transition(onset: onset, level: candidate))
    }

    /// Nobody saw the line until `instant`, where it is at `level`: what it held before proves nothing. A line found at
    /// rest as it was left stays settled.
    package mutating func resume(at level: Bool, instant: MonotonicInstant) {
        if isSettled && level == accepted { return }
        change(to: level, at: instant)
    }

    /// The line changed to `level`, or was found there after lost edges: its time of stability starts anew.
    @inline(__always)
    package mutating func change(to level: Bool, at instant: MonotonicInstant) {
        if isSettled {
            onset = instant
            isSettled = false
            away = .zero
        } else if candidate != accepted {
            away = TimeSpan(nanoseconds: away.nanoseconds &+ (instant.nanoseconds &- since.nanoseconds))
        }
        candidate = level
        since = instant
    }
}
