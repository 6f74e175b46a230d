public import SensorCore

/// A loop of the node that shows that it lives by counting its turns, as it is seen now.
public struct WatchedLoop: Hashable, Sendable {
    /// For the log, and the same at every look: "counting".
    public var name: String
    /// How long it may make no turn before it is taken for dead.
    public var gracePeriod: TimeSpan
    /// Made so far; nil while there is no such loop, which is not held against it.
    public var turns: UInt64?

    public init(name: String, gracePeriod: TimeSpan, turns: UInt64?) {
        self.name = name
        self.gracePeriod = gracePeriod
        self.turns = turns
    }
}

/// Decides when the watchdog is fed: every half of its time, and only while every loop turns.
///
/// A loop that makes no turn for longer than its grace period stops the feeding, and its first turn lets it go on. So the
/// service manager ends a node that hangs, however well its other loops do. The caller's own loop needs no counter: if
/// it hangs, nobody asks.
public struct WatchdogFeeder: Sendable {
    public enum Decision: Hashable, Sendable {
        /// Nothing to say now.
        case wait
        case feed
        /// Feeding is due, and this loop has stood still for so long.
        case starve(loop: String, standing: TimeSpan)
    }

    private struct Sight {
        var turns: UInt64?
        var movedAt: MonotonicInstant
    }

    private let pause: TimeSpan
    /// By the loop's name.
    private var sights: [String: Sight]
    private var fedAt: MonotonicInstant

    /// - Parameters:
    ///   - timeout: the watchdog's. To be asked at least every quarter of it.
    ///   - loops: those there are now.
    ///   - start: when the watchdog's time begins. Loops have until then plus their grace period for their first turn.
    public init(timeout: TimeSpan, loops: [WatchedLoop], startingAt start: MonotonicInstant) {
        pause = TimeSpan(nanoseconds: timeout.nanoseconds / 2)
        sights = Dictionary(loops.map { ($0.name, Sight(turns: 0, movedAt: start)) }, uniquingKeysWith: { $1 })
        fedAt = start
    }

    /// Any other number of turns than the last is a turn: a loop that was made anew begins at 0. A loop that was not there
    /// at the last look has its whole grace period from now on.
    public mutating func decide(_ loops: [WatchedLoop], at now: MonotonicInstant) -> Decision {
        var standing: (loop: String, time: TimeSpan)?
        for loop in loops {
            let known = sights[loop.name]
            let sight = known.flatMap { loop.turns == nil || loop.turns != $0.turns ? nil : $0 } ?? Sight(turns: loop.turns, movedAt: now)
            sights[loop.name] = sight
            if standing == nil, now - sight.movedAt > loop.gracePeriod { standing = (loop.name, now - sight.movedAt) }
        }
        guard now - fedAt >= pause else { return .wait }
        if let standing { return .starve(loop: standing.loop, standing: standing.time) }
        fedAt = now
        return .feed
    }
}
