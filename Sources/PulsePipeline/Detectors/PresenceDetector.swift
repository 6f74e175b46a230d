package import SensorCore

/// Presence outputs (RCWL-0516, PIR, LD2410 OUT): active while somebody is there, with holes.
///
/// States: *empty*; *occupied* since the first rise; *held* after a fall, until `hold` has passed: a rise before that is the
/// same passage. A passage counts at its first rise.
package struct PresenceDetector: PassageDetector {
    /// Activations closer than this are one passage.
    package let hold: TimeSpan
    /// After this long without a break it is the sensor that stays active, not somebody.
    package let stallLimit: TimeSpan

    private var isActive = false
    private var since: MonotonicInstant?
    private var heldUntil: MonotonicInstant?
    private var stalled: MonotonicInstant?

    package init(hold: TimeSpan, stallLimit: TimeSpan) {
        self.hold = hold
        self.stallLimit = stallLimit
    }

    package mutating func take(_ change: LevelChange, passages: inout PassageBuffer) {
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

    package mutating func advance(to now: MonotonicInstant, passages: inout PassageBuffer) {
        guard let since, stalled == nil, now - since >= stallLimit else { return }
        stalled = since + stallLimit
    }

    package mutating func interrupt(until instant: MonotonicInstant, levels: UInt8, passages: inout PassageBuffer) {
        isActive = levels & 1 != 0
        stalled = nil
        // Who is there came before anybody looked; so is who was there a moment ago.
        since = isActive ? instant : nil
        heldUntil = isActive ? nil : heldUntil
    }

    package var deadline: MonotonicInstant? { stalled == nil ? since.map { $0 + stallLimit } : nil }
    package var openSince: MonotonicInstant? { nil }
    package var longestPassage: TimeSpan { .zero }
    package var stalledSince: MonotonicInstant? { stalled }
    package var rejected: UInt64 { 0 }
}
