package import SensorCore

/// What becomes of one channel's edges, whatever its detector.
///
/// Feed it edges in time order (`ingest`), tell it the time when its lines are quiet (`advance`), and close its tally at each
/// interval boundary. A passage belongs to the interval in which its first edge fell, so an interval can only be closed
/// once everything that began before its boundary is decided (`isDecided`). Belongs to one thread; only making one allocates
/// (a radar's tracker apart, see `RadarChannel`).
package protocol CountingChannel: AnyObject {
    /// When `advance` will have something to decide; nil for lines at rest or not seen.
    var deadline: MonotonicInstant? { get }

    /// The kernel's buffer was full: what happened since the last edge is not known, and time decides nothing.
    var isBlind: Bool { get }

    /// Takes edges, oldest first, and returns how many it took. It stops before the first edge at or after `boundary` once the
    /// interval is decided: close the interval, then go on with the rest.
    func ingest(_ edges: UnsafeBufferPointer<EdgeEvent>, boundary: MonotonicInstant, passages: inout PassageBuffer) -> Int

    /// Decides what time alone has decided by `now`. What began at or after `boundary` counts for the next interval.
    func advance(to now: MonotonicInstant, boundary: MonotonicInstant, passages: inout PassageBuffer)

    /// The kernel's buffer was found full after the last edge, so edges may be missing from there on.
    func noteOverflow()

    /// Compares the levels read from the hardware at `now`, when no edge is waiting, with the last edges. Bit n is input n.
    func resynchronise(levels: UInt8, at now: MonotonicInstant, passages: inout PassageBuffer)

    /// Whether no passage that began before `boundary` can still appear; false before `boundary`.
    func isDecided(before boundary: MonotonicInstant, at now: MonotonicInstant) -> Bool

    /// Ends the interval at `boundary` and gives its tally; the next interval starts there.
    func closeInterval(at boundary: MonotonicInstant) -> ChannelTally
}

/// A `CountingChannel` as a value with one owner: see there for what each does.
package protocol ChannelState: ~Copyable {
    var deadline: MonotonicInstant? { get }
    var isBlind: Bool { get }
    mutating func ingest(
        _ edges: UnsafeBufferPointer<EdgeEvent>, boundary: MonotonicInstant, passages: inout PassageBuffer
    ) -> Int
    mutating func advance(to now: MonotonicInstant, boundary: MonotonicInstant, passages: inout PassageBuffer)
    mutating func noteOverflow()
    mutating func resynchronise(levels: UInt8, at now: MonotonicInstant, passages: inout PassageBuffer)
    func isDecided(before boundary: MonotonicInstant, at now: MonotonicInstant) -> Bool
    mutating func closeInterval(at boundary: MonotonicInstant) -> ChannelTally
}

/// Holds a channel's state, so that channels of different detectors stand side by side. A batch of edges is one call, in which the
/// state is a plain value: an edge costs no dispatch and no access check.
package final class HeldChannel<State: ChannelState & ~Copyable>: CountingChannel {
    private var state: State

    package init(_ state: consuming State) { self.state = state }

    package var deadline: MonotonicInstant? { state.deadline }
    package var isBlind: Bool { state.isBlind }

    package func ingest(
        _ edges: UnsafeBufferPointer<EdgeEvent>, boundary: MonotonicInstant, passages: inout PassageBuffer
    ) -> Int {
        state.ingest(edges, boundary: boundary, passages: &passages)
    }

    package func advance(to now: MonotonicInstant, boundary: MonotonicInstant, passages: inout PassageBuffer) {
        state.advance(to: now, boundary: boundary, passages: &passages)
    }

    package func noteOverflow() { state.noteOverflow() }

    package func resynchronise(levels: UInt8, at now: MonotonicInstant, passages: inout PassageBuffer) {
        state.resynchronise(levels: levels, at: now, passages: &passages)
    }

    package func isDecided(before boundary: MonotonicInstant, at now: MonotonicInstant) -> Bool {
        state.isDecided(before: boundary, at: now)
    }

    package func closeInterval(at boundary: MonotonicInstant) -> ChannelTally { state.closeInterval(at: boundary) }
}
