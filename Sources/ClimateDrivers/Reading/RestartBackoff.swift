import SensorCore

/// When something that failed may be tried again: after the shortest pause, then twice as long each time, at most the
/// longest. No jitter: nobody shares the bus with another node.
struct RestartBackoff: Hashable, Sendable {
    /// A part that failed. The cap is what a replugged sensor waits at worst.
    static let afterFailure = RestartBackoff(from: .seconds(1), to: .seconds(30))
    /// A part that gives some of its quantities and withholds others: it is started anew seldom, since that may cost
    /// those it gives (30 s of an SPS30).
    static let whileWithholding = RestartBackoff(from: .seconds(30), to: .seconds(3_600))

    private let shortest: TimeSpan
    private let longest: TimeSpan
    private var next: TimeSpan
    /// Not to be tried before this; nil when the last try was good.
    private(set) var earliest: MonotonicInstant?

    private init(from shortest: TimeSpan, to longest: TimeSpan) {
        self.shortest = shortest
        self.longest = longest
        next = shortest
    }

    mutating func failed(at now: MonotonicInstant) {
        earliest = now + next
        next = min(next * 2, longest)
    }

    mutating func succeeded() { self = RestartBackoff(from: shortest, to: longest) }
}
