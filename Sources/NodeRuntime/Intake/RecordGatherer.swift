package import SensorCore

/// Gathers the records of one interval, so that they share one transaction: a commit costs flash, not a row.
///
/// States: empty; or gathering since the first record came, until `patience` has passed. What could not be committed
/// goes back in front. Beyond `capacity` the oldest are given up and counted until the journal has been told: a full disk
/// must not fill memory.
package struct RecordGatherer {
    /// A fresh interval is to be on the wire within 2 s of its end, so gathering takes less than half of that where the
    /// configuration does not ask for fewer commits.
    package static let shortestPatience = TimeSpan.milliseconds(700)
    /// Records kept while the journal cannot take them: an hour of a node of ten channels and sensors.
    static let capacity = 1024
    /// So many are committed whatever the patience: the rest is room for the time in which the journal takes none.
    static let comfortable = 512

    private let patience: TimeSpan
    private(set) var pending: [Record] = []
    private var since: MonotonicInstant?
    /// Records given up of which the journal does not know yet.
    private(set) var lost: UInt64 = 0

    init(patience: TimeSpan = shortestPatience) { self.patience = max(Self.shortestPatience, patience) }

    var isEmpty: Bool { pending.isEmpty }

    mutating func add(_ record: Record, at now: MonotonicInstant) {
        if since == nil { since = now }
        pending.append(record)
        if pending.count == Self.comfortable { since = min(since ?? now, now - patience) }
        trim()
    }

    /// When it is time to commit; nil while there is nothing.
    var due: MonotonicInstant? { since.map { $0 + patience } }

    func isDue(at now: MonotonicInstant) -> Bool { due.map { $0 <= now } ?? false }

    /// Takes everything, to be committed.
    mutating func take() -> [Record] {
        since = nil
        defer { pending = [] }
        return pending
    }

    /// Puts back what could not be committed; it is tried again after `delay`.
    mutating func putBack(_ records: [Record], at now: MonotonicInstant, delay: TimeSpan) {
        pending = records + pending
        since = now + delay - patience
        trim()
    }

    /// The journal now says that `count` records were given up.
    mutating func toldOfLost(_ count: UInt64) { lost -= count }

    private mutating func trim() {
        let excess = pending.count - Self.capacity
        guard excess > 0 else { return }
        pending.removeFirst(excess)
        lost += UInt64(excess)
    }
}
