public import SensorCore

/// Each accepted activation is one passage. There is nothing to wait for.
public struct ContactDetector: PassageDetector {
    public init() {}

    @inline(__always)
    public mutating func take(_ change: LevelChange, passages: inout PassageBuffer) {
        if change.level { passages.append(Passage(instant: change.instant)) }
    }

    public mutating func advance(to now: MonotonicInstant, passages: inout PassageBuffer) {}
    public mutating func interrupt(until instant: MonotonicInstant, levels: UInt8, passages: inout PassageBuffer) {}

    public var deadline: MonotonicInstant? { nil }
    public var openSince: MonotonicInstant? { nil }
    public var longestPassage: TimeSpan { .zero }
    public var stalledSince: MonotonicInstant? { nil }
    public var rejected: UInt64 { 0 }
}
