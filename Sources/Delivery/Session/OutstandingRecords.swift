import SensorCore

/// The records of the window, sent and unanswered, in the order of sending.
///
/// A record waits for the answers to all messages that carry it; an answer may concern several records.
struct OutstandingRecords: Hashable, Sendable {
    struct Entry: Hashable, Sendable {
        var lane: DeliverySession.Lane
        var sequence: UInt64
        /// Where its first message goes, and how long its payload is.
        var address: String
        var size: Int
        var sentAt: MonotonicInstant
        /// The messages that are unanswered; `more` is empty where one carries the whole record, as it mostly does.
        var first: UInt64
        var more: Set<UInt64>

        func waits(for token: UInt64) -> Bool { first == token || more.contains(token) }

        /// True when it was the last it waited for.
        mutating func settle(_ token: UInt64) -> Bool {
            if first == token {
                guard let next = more.popFirst() else { return true }
                first = next
            } else {
                more.remove(token)
            }
            return false
        }
    }

    private(set) var entries: [Entry] = []
    /// How many of them are of the backlog.
    private(set) var ofBacklog = 0

    var count: Int { entries.count }
    var isEmpty: Bool { entries.isEmpty }
    var lowestLive: UInt64? { entries.lazy.filter { $0.lane == .live }.map(\.sequence).min() }
    /// The one that has waited longest.
    var oldest: Entry? { entries.first }

    func contains(_ sequence: UInt64) -> Bool { entries.contains { $0.sequence == sequence } }

    func entry(_ sequence: UInt64) -> Entry? { entries.first { $0.sequence == sequence } }

    /// Those that wait for this answer, in the order of sending.
    func waiting(for token: UInt64) -> [Entry] { entries.filter { $0.waits(for: token) } }

    /// True when the record waits for nothing more, and is out of the window.
    mutating func settle(_ sequence: UInt64, _ token: UInt64) -> Bool {
        guard let index = entries.firstIndex(where: { $0.sequence == sequence }), entries[index].settle(token) else { return false }
        remove(sequence)
        return true
    }

    mutating func add(_ entry: Entry) {
        remove(entry.sequence)
        entries.append(entry)
        if entry.lane == .backfill { ofBacklog += 1 }
    }

    mutating func remove(_ sequence: UInt64) {
        guard let index = entries.firstIndex(where: { $0.sequence == sequence }) else { return }
        if entries[index].lane == .backfill { ofBacklog -= 1 }
        entries.remove(at: index)
    }

    mutating func removeAll() {
        entries.removeAll(keepingCapacity: true)
        ofBacklog = 0
    }
}
