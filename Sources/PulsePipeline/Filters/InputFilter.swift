package import SensorCore

/// The filter of one input: a glitch filter, if it is asked for, and a debouncer.
///
/// Both stages decide by time, the second from what the first has decided. Give each edge with `change` after asking `next`
/// until it has nothing more, and ask again afterwards and when `deadline` has come.
package struct InputFilter: Sendable {
    /// Both debouncers lie here, one of them unused: to take one out of an enum and put it back costs each edge more than
    /// it does.
    private var stable: StableDebouncer
    private var lockout: LockoutDebouncer
    private let isLockout: Bool
    private var glitches: StableDebouncer
    private let hasGlitchFilter: Bool
    /// What the glitch filter has passed and the debouncer has not seen yet.
    private var passed: StableDebouncer.Transition?
    /// The earliest change that is seen and not decided, and when `next(at:)` will have something to say if no edge comes
    /// first; `.distantFuture` at rest.
    private(set) var open = MonotonicInstant.distantFuture
    private(set) var due = MonotonicInstant.distantFuture
    /// Of the last glitch that `next` gave: see `StableDebouncer.glitchMayBePulse`.
    private(set) var glitchMayBePulse = false
    private let settings: PulseFilter

    package init(_ settings: PulseFilter, level: Bool, at instant: MonotonicInstant) {
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
    }

    /// Starts anew from a level nobody saw begin.
    package mutating func restart(at level: Bool, instant: MonotonicInstant) {
        self = InputFilter(settings, level: level, at: instant)
    }

    /// The earliest change that is seen and not decided; nil at rest.
    package var openSince: MonotonicInstant? { open == .distantFuture ? nil : open }

    /// When `next(at:)` will have something to say if no edge comes first; nil at rest.
    package var deadline: MonotonicInstant? { due == .distantFuture ? nil : due }

    @inline(__always)
    package mutating func change(to level: Bool, at instant: MonotonicInstant) {
        if hasGlitchFilter || isLockout {
            changeStaged(to: level, at: instant)
        } else {
            stable.change(to: level, at: instant)
            open = stable.onset
            due = instant + (level ? stable.riseTime : stable.fallTime)
        }
    }

    private mutating func changeStaged(to level: Bool, at instant: MonotonicInstant) {
        if hasGlitchFilter {
            glitches.change(to: level, at: instant)
        } else {
            lockout.change(to: level, at: instant)
        }
        noteStages()
    }

    /// The next thing that is decided by `now`; nil when there is nothing more.
    @inline(__always)
    package mutating func next(at now: MonotonicInstant) -> StableDebouncer.Outcome? {
        if hasGlitchFilter || isLockout {
            let outcome = hasGlitchFilter ? nextFiltered(at: now) : lockout.settle(at: now)
            noteStages()
            return outcome
        }
        let outcome = stable.settle(at: now)
        if outcome != nil {
            open = .distantFuture
            due = .distantFuture
            glitchMayBePulse = stable.glitchMayBePulse
        }
        return outcome
    }

    private mutating func noteStages() {
        open = (isLockout ? lockout.onset : stable.isSettled ? nil : stable.onset) ?? .distantFuture
        due = (isLockout ? lockout.deadline : stable.deadline) ?? .distantFuture
        guard hasGlitchFilter else { return }
        if let passed {
            open = passed.onset
            due = passed.onset
        } else if !glitches.isSettled {
            open = min(open, glitches.onset)
            // While a glitch may be under way the debouncer waits for it.
            due = glitches.deadline ?? due
        }
    }

    private mutating func nextFiltered(at now: MonotonicInstant) -> StableDebouncer.Outcome? {
        if passed == nil {
            switch glitches.settle(at: now) {
            case .glitch(let onset):
                // What is shorter than `glitch` does not exist: whoever writes it says so.
                glitchMayBePulse = false
                return .glitch(onset: onset)
            case .transition(let transition): passed = transition
            case .ignored, nil: break
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
        if isLockout { return lockout.settle(at: now) }
        let outcome = stable.settle(at: now)
        if outcome != nil { glitchMayBePulse = stable.glitchMayBePulse }
        return outcome
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
