public import SensorCore

/// Presence outputs (RCWL-0516, PIR, LD2410 OUT): active while somebody is there, with holes.
///
/// States: *empty*; *occupied* since the first rise; *held* after a fall, until `hold` has passed: a rise before that is the
/// same passage. A passage counts at its first rise.
public struct PresenceDetector: PassageDetector {
    /// Activations closer than this are one passage.
    public let hold: TimeSpan
    /// After this long without a break it is the sensor that stays active, not somebody.
    public let stallLimit: TimeSpan

    private var isActive = false
    private var since: MonotonicInstant?
    private var heldUntil: MonotonicInstant?
    private var stalled: MonotonicInstant?

    public init(hold: TimeSpan, stallLimit: TimeSpan) {
        self.hold = hold
        self.stallLimit = stallLimit
    }

    public mutating func take(_ change: LevelChange, passages: inout PassageBuffer) {
        isActive = change.level
        stalled = nil
        if change.level {
            since = change.instant
            if let heldUntil, change.instant < heldUntil { return }
            passages.append(Passage(instant: change.instant))
        } else {
            since = nil
            heldUntil = change.instant + hold
        }
    }

    public mutating func advance(to now: MonotonicInstant, passages: inout PassageBuffer) {
        guard let since, stalled == nil, now - since >= stallLimit else { return }
        stalled = since + stallLimit
    }

    public mutating func interrupt(until instant: MonotonicInstant, levels: UInt8, passages: inout PassageBuffer) {
        isActive = levels & 1 != 0
        stalled = nil
        // Who is there came before anybody looked; so is who was there a moment ago.
        since = isActive ? instant : nil
        heldUntil = isActive ? nil : heldUntil
    }

    public var deadline: MonotonicInstant? { stalled == nil ? since.map { $0 + stallLimit } : nil }
    public var openSince: MonotonicInstant? { nil }
    public var longestPassage: TimeSpan { .zero }
    public var stalledSince: MonotonicInstant? { stalled }
    public var rejected: UInt64 { 0 }
}
