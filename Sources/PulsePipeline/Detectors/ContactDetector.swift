package import SensorCore

/// Each accepted activation is one passage, or each accepted change. There is nothing to wait for.
package struct ContactDetector: PassageDetector {
    private let countsBoth: Bool

    package init(countsBoth: Bool = false) { self.countsBoth = countsBoth }

    @inline(__always)
    package mutating func take(_ change: LevelChange, passages: inout PassageBuffer) {
        if change.level || countsBoth { passages.append(Passage(instant: change.instant)) }
    }

    package mutating func advance(to now: MonotonicInstant, passages: inout PassageBuffer) {}
    package mutating func interrupt(until instant: MonotonicInstant, levels: UInt8, passages: inout PassageBuffer) {}

    package var deadline: MonotonicInstant? { nil }
    package var openSince: MonotonicInstant? { nil }
    package var longestPassage: TimeSpan { .zero }
    package var stalledSince: MonotonicInstant? { nil }
    package var rejected: UInt64 { 0 }
    package var countsActivations: Bool { true }
}
