public import SensorCore

/// The filter of one input: a glitch filter, if it is asked for, and a debouncer.
///
/// Both stages decide by time, the second from what the first has decided. Give each edge with `change` after asking `next`
/// until it has nothing more, and ask again afterwards and when `deadline` has come.
public struct InputFilter: Sendable {
    private enum Debouncer: Sendable {
        case stable(StableDebouncer)
        case lockout(LockoutDebouncer)
    }

    private var glitches: StableDebouncer?
    private var debouncer: Debouncer
    /// What the glitch filter has passed and the debouncer has not seen yet.
    private var passed: StableDebouncer.Transition?
    private let settings: PulseFilter

    public init(_ settings: PulseFilter, level: Bool, at instant: MonotonicInstant) {
        self.settings = settings
        if settings.glitchTime > .zero {
            glitches = StableDebouncer(
                riseTime: settings.glitchTime, fallTime: settings.glitchTime, level: level, at: instant)
        }
        if case .lockout(let time) = settings.kind {
            debouncer = .lockout(LockoutDebouncer(lockout: time, level: level, at: instant))
        } else {
            debouncer = .stable(
                StableDebouncer(riseTime: settings.riseTime, fallTime: settings.fallTime, level: level, at: instant))
        }
    }

    /// Starts anew from a level nobody saw begin.
    public mutating func restart(at level: Bool, instant: MonotonicInstant) {
        self = InputFilter(settings, level: level, at: instant)
    }

    /// The earliest change that is seen and not decided.
    public var openSince: MonotonicInstant? {
        if let passed { return passed.onset }
        let second = debouncerOnset
        guard let glitches, !glitches.isSettled else { return second }
        return second.map { min($0, glitches.onset) } ?? glitches.onset
    }

    /// When `next(at:)` will have something to say if no edge comes first.
    public var deadline: MonotonicInstant? {
        if let passed { return passed.onset }
        let second: MonotonicInstant? =
            switch debouncer {
            case .stable(let stable): stable.deadline
            case .lockout(let lockout): lockout.deadline
            }
        guard let first = glitches?.deadline else { return second }
        // While a glitch may be under way the debouncer waits for it.
        return first
    }

    @inline(__always)
    public mutating func change(to level: Bool, at instant: MonotonicInstant) {
        if glitches != nil {
            glitches?.change(to: level, at: instant)
        } else {
            changeDebouncer(to: level, at: instant)
        }
    }

    /// The next thing that is decided by `now`; nil when there is nothing more.
    @inline(__always)
    public mutating func next(at now: MonotonicInstant) -> StableDebouncer.Outcome? {
        guard glitches != nil else { return settleDebouncer(at: now) }
        return nextFiltered(at: now)
    }

    private mutating func nextFiltered(at now: MonotonicInstant) -> StableDebouncer.Outcome? {
        if passed == nil {
            switch glitches?.settle(at: now) {
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
        let limit = glitches.flatMap { $0.isSettled ? nil : $0.onset } ?? now
        return settleDebouncer(at: min(now, limit))
    }

    private var debouncerOnset: MonotonicInstant? {
        switch debouncer {
        case .stable(let stable): stable.isSettled ? nil : stable.onset
        case .lockout(let lockout): lockout.onset
        }
    }

    @inline(__always)
    private mutating func settleDebouncer(at now: MonotonicInstant) -> StableDebouncer.Outcome? {
        switch debouncer {
        case .stable(var stable):
            let outcome = stable.settle(at: now)
            debouncer = .stable(stable)
            return outcome
        case .lockout(var lockout):
            let outcome = lockout.settle(at: now)
            debouncer = .lockout(lockout)
            return outcome
        }
    }

    @inline(__always)
    private mutating func changeDebouncer(to level: Bool, at instant: MonotonicInstant) {
        switch debouncer {
        case .stable(var stable):
            stable.change(to: level, at: instant)
            debouncer = .stable(stable)
        case .lockout(var lockout):
            lockout.change(to: level, at: instant)
            debouncer = .lockout(lockout)
        }
    }
}
