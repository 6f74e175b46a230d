public import SensorCore

/// A loop of the node that shows that it lives by counting its turns.
public struct WatchedLoop: Hashable, Sendable {
    /// For the log: "counting".
    public var name: String
    /// How long it may make no turn before it is taken for dead.
    public var patience: TimeSpan

    public init(name: String, patience: TimeSpan) {
        self.name = name
        self.patience = patience
    }
}

/// Decides when the watchdog is fed: every half of its time, and only while every loop turns.
///
/// A loop that makes no turn for longer than its patience stops the feeding, and its first turn lets it go on. So the
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
    private let loops: [WatchedLoop]
    private var sights: [Sight]
    private var fedAt: MonotonicInstant

    /// - Parameters:
    ///   - timeout: the watchdog's. To be asked at least every quarter of it.
    ///   - start: when the watchdog's time begins. Loops have until then plus their patience for their first turn.
    public init(timeout: TimeSpan, loops: [WatchedLoop], startingAt start: MonotonicInstant) {
        pause = TimeSpan(nanoseconds: timeout.nanoseconds / 2)
        self.loops = loops
        sights = loops.map { _ in Sight(turns: 0, movedAt: start) }
        fedAt = start
    }

    /// `turns`: one per loop, in their order; nil while there is no such loop, which is not held against it. Any other
    /// number than the last is a turn: a loop that was made anew begins at 0.
    public mutating func decide(turns: [UInt64?], at now: MonotonicInstant) -> Decision {
        for (index, count) in zip(sights.indices, turns) where count == nil || count != sights[index].turns {
            sights[index] = Sight(turns: count, movedAt: now)
        }
        guard now - fedAt >= pause else { return .wait }
        for (loop, sight) in zip(loops, sights) where now - sight.movedAt > loop.patience {
            return .starve(loop: loop.name, standing: now - sight.movedAt)
        }
        fedAt = now
        return .feed
    }
}
