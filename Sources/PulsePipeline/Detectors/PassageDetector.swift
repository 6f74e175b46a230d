package import SensorCore

/// A level that the filter of one input has accepted.
package struct LevelChange: BitwiseCopyable, Hashable, Sendable {
    /// When the line left the old level: the kernel's timestamp of the first edge, not the end of the bouncing.
    package var instant: MonotonicInstant
    /// Index of the input within its channel.
    package var input: UInt8
    /// True is active: the beam is broken, the tube is pressed, somebody is there.
    package var level: Bool

    package init(instant: MonotonicInstant, input: UInt8, level: Bool) {
        self.instant = instant
        self.input = input
        self.level = level
    }
}

/// Turns the accepted level changes of a channel's inputs into passages: a pure state machine. One that keeps memory of its own
/// has one owner, its channel.
///
/// Changes of all inputs come in the order of their instants, and levels of one input alternate, except after
/// `interrupt`. All times come from the caller: `advance(to:)` says that every change before that instant has been given,
/// so that what silence decides is decided too. A passage belongs to the instant of its first change; each is given
/// exactly once.
package protocol PassageDetector: ~Copyable {
    mutating func take(_ change: LevelChange, passages: inout PassageBuffer)

    /// Decides what time alone has decided by `now`.
    mutating func advance(to now: MonotonicInstant, passages: inout PassageBuffer)

    /// When `advance(to:)` will have something to decide if no change comes first; nil when nothing is open.
    var deadline: MonotonicInstant? { get }

    /// The first change of the earliest passage that is not decided yet; nil when nothing is open. It is never older
    /// than `longestPassage` after an `advance(to:)`.
    var openSince: MonotonicInstant? { get }

    /// An upper limit for how long a passage stays undecided.
    var longestPassage: TimeSpan { get }

    /// Since when the inputs have shown what no passing road user makes (a beam that stays broken): that time is not
    /// observed. nil while they work. It may begin at most `longestPassage` in the past.
    var stalledSince: MonotonicInstant? { get }

    /// Nobody saw the inputs until `instant`, where their levels are `levels` (bit n is input n): what was open is given
    /// as far as it is sure, marked uncertain, or dropped; what the levels show began nobody knows when.
    mutating func interrupt(until instant: MonotonicInstant, levels: UInt8, passages: inout PassageBuffer)

    /// Each activation is a count of its own: one that the filter ignores is missing for certain.
    var countsActivations: Bool { get }

    /// What looked like a passage and was not: echoes, turn-backs, changes without partner. Never falls.
    var rejected: UInt64 { get }
}

extension PassageDetector where Self: ~Copyable {
    package var countsActivations: Bool { false }
}
