import SensorCore

/// When a part that failed may be tried again: after 1 s, then twice as long each time, at most 30 s.
///
/// The cap is what a replugged sensor waits at worst. No jitter: nobody shares the bus with another node.
struct RestartBackoff: Hashable, Sendable {
    static let shortest = TimeSpan.seconds(1)
    static let longest = TimeSpan.seconds(30)

    private var next = Self.shortest
    /// Not to be tried before this; nil when the last try was good.
    private(set) var earliest: MonotonicInstant?

    init() {}

    mutating func failed(at now: MonotonicInstant) {
        earliest = now + next
        next = min(next * 2, Self.longest)
    }

    mutating func succeeded() { self = RestartBackoff() }
}
