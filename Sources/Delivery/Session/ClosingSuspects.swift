import SensorCore

/// Which record a connection is closed over, where the other side does not say so: brokers of MQTT 3.1.1 close over a message
/// that is too large or forbidden, and nothing tells which it was.
///
/// What was unanswered at several closes in a row is a suspect. Suspects are sent alone at the beginning of the next
/// connection, one after the other: over one that was alone when the connection closed, it closed.
struct ClosingSuspects: Hashable, Sendable {
    /// Closes in a row after which what was unanswered at each of them is sent alone.
    static let closes = 2
    /// Whoever closes over one has not looked at those sent after it.
    static let atOnce = 8

    private var counts: [UInt64: Int] = [:]
    private var queue: [UInt64] = []
    /// Which is on its way alone.
    private(set) var alone: UInt64?

    /// The connection is not for others before these are answered.
    var isSearching: Bool { alone != nil || !queue.isEmpty }
    /// Something was unanswered when the last connection closed.
    var isOnTrack: Bool { !counts.isEmpty }

    func contains(_ sequence: UInt64) -> Bool { alone == sequence || queue.contains(sequence) }

    /// The next to be sent alone.
    mutating func next() -> UInt64? {
        guard alone == nil, !queue.isEmpty else { return nil }
        alone = queue.removeFirst()
        return alone
    }

    /// It was answered, whatever the answer was, or is gone.
    mutating func answered(_ sequence: UInt64) {
        if !counts.isEmpty { counts[sequence] = nil }
        if alone == sequence { alone = nil }
        if !queue.isEmpty { queue.removeAll { $0 == sequence } }
    }

    /// A connection closed that took records.
    ///
    /// - Parameter unanswered: in the order of sending.
    /// - Returns: the record it closed over, once that is certain.
    mutating func closed(unanswered: [UInt64]) -> UInt64? {
        if let alone, unanswered.contains(alone) {
            answered(alone)
            return alone
        }
        alone = nil
        // Those that were not sent on this connection are still suspects.
        let rest = queue
        var next = counts.filter { rest.contains($0.key) }
        for sequence in unanswered { next[sequence] = (counts[sequence] ?? 0) + 1 }
        counts = next
        let new = unanswered.filter { counts[$0, default: 0] >= Self.closes && !rest.contains($0) }
        queue = Array((rest + new).prefix(Self.atOnce))
        return nil
    }

    /// It closed for a reason that is about none of them.
    mutating func forget() { self = ClosingSuspects() }
}
