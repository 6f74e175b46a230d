public import SensorCore

/// The filter of one input: a glitch filter, if it is asked for, and a debouncer.
///
/// Both stages decide by time, the second from what the first has decided. Give each edge with `change` after asking `next`
/// until it has nothing more, and ask again afterwards and when `deadline` has come.
public struct InputFilter: Sendable {
    /// Both debouncers lie here, one of them unused: to take one out of an enum and put it back costs each edge more than
    /// it does.
    private var stable: StableDebouncer
    private var lockout: LockoutDebouncer
    private let isLockout: Bool
    private var glitches: StableDebouncer
    private let hasGlitchFilter: Bool
    /// What the glitch filter has passed and the debouncer has not seen yet.
    private var passed: StableDebouncer.Transition?
    /// An edge may be decided at its own instant.
    let decidesAtOnce: Bool
    private let settings: PulseFilter

    public init(_ settings: PulseFilter, level: Bool, at instant: MonotonicInstant) {
        self.settings = settings
        hasGlitchFilter = settings.glitchTime > .zero
        glitches = StableDebouncer(riseTime: settings.glitchTime, fallTime: settings.glitchTime, level: level, at: instant)
        stable = StableDebouncer(riseTime: settings.riseTime, fallTime: settings.fallTime, level: level, at: instant)
        if case .lockout(let time) = settings.kind {
            lockout = LockoutDebouncer(lockout: time, level: level, at: instant)
            isLockout = true
        } else {
            lockout = LockoutDebouncer(lockout: .zero, level: level, at: instant)
            isLockout = false
        }
        decidesAtOnce = !hasGlitchFilter && (isLockout || min(settings.riseTime, settings.fallTime) <= .zero)
    }

    /// Starts anew from a level nobody saw begin.
    public mutating func restart(at level: Bool, instant: MonotonicInstant) {
        self = InputFilter(settings, level: level, at: instant)
    }

    /// Nothing is under way: `next` has nothing to say, whenever it is.
    @inline(__always)
    var isAtRest: Bool {
        guard isLockout ? lockout.onset == nil : stable.isSettled else { return false }
        return !hasGlitchFilter || glitches.isSettled && passed == nil
    }

    /// The earliest change that is seen and not decided.
    @inline(__always)
    public var openSince: MonotonicInstant? {
        if hasGlitchFilter, let passed { return passed.onset }
        let second = isLockout ? lockout.onset : stable.isSettled ? nil : stable.onset
        guard hasGlitchFilter, !glitches.isSettled else { return second }
        return second.map { min($0, glitches.onset) } ?? glitches.onset
    }

    /// When `next(at:)` will have something to say if no edge comes first.
    public var deadline: MonotonicInstant? {
        if let passed { return passed.onset }
        // While a glitch may be under way the debouncer waits for it.
        if hasGlitchFilter, let first = glitches.deadline { return first }
        return isLockout ? lockout.deadline : stable.deadline
    }

    @inline(__always)
    public mutating func change(to level: Bool, at instant: MonotonicInstant) {
        if hasGlitchFilter {
            glitches.change(to: level, at: instant)
        } else {
            changeDebouncer(to: level, at: instant)
        }
    }

    /// The next thing that is decided by `now`; nil when there is nothing more.
    @inline(__always)
    public mutating func next(at now: MonotonicInstant) -> StableDebouncer.Outcome? {
        hasGlitchFilter ? nextFiltered(at: now) : settleDebouncer(at: now)
    }

    private mutating func nextFiltered(at now: MonotonicInstant) -> StableDebouncer.Outcome? {
        if passed == nil {
            switch glitches.settle(at: now) {
            case .glitch(let onset): return .glitch(onset: onset)
            case .transition(let transition): passed = transition
            case nil: break
            }
        }
        if let change = passed {
            if let outcome = settleDebouncer(at: change.onset) { return outcome }
            passed = nil
            changeDebouncer(to: change.level, at: change.onset)
        }
        // What an undecided pulse may yet turn out to be is not stability.
        return settleDebouncer(at: glitches.isSettled ? now : min(now, glitches.onset))
    }

    @inline(__always)
    private mutating func settleDebouncer(at now: MonotonicInstant) -> StableDebouncer.Outcome? {
        isLockout ? lockout.settle(at: now) : stable.settle(at: now)
    }

    @inline(__always)
    private mutating func changeDebouncer(to level: Bool, at instant: MonotonicInstant) {
        if isLockout {
            lockout.change(to: level, at: instant)
        } else {
            stable.change(to: level, at: instant)
        }
    }
}
