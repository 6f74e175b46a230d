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

    /// Answers mostly come in the order of sending: what is through at the front stays there for a while, so that nothing is moved.
    private var sent: [Entry] = []
    private var through = 0
    /// How many of them are of the backlog.
    private(set) var ofBacklog = 0
    /// No number above it was ever added.
    private var highest: UInt64 = 0

    var entries: ArraySlice<Entry> { sent[through...] }
    var count: Int { sent.count - through }
    var isEmpty: Bool { count == 0 }
    var lowestLive: UInt64? { entries.lazy.filter { $0.lane == .live }.map(\.sequence).min() }
    /// The one that has waited longest.
    var oldest: Entry? { entries.first }

    func contains(_ sequence: UInt64) -> Bool { index(of: sequence) != nil }

    func entry(_ sequence: UInt64) -> Entry? { index(of: sequence).map { sent[$0] } }

    private func index(of sequence: UInt64) -> Int? {
        sequence > highest ? nil : entries.firstIndex { $0.sequence == sequence }
    }

    /// Those that wait for this answer, in the order of sending.
    func waiting(for token: UInt64) -> [Entry] { entries.filter { $0.waits(for: token) } }

    /// True when the record waits for nothing more, and is out of the window.
    mutating func settle(_ sequence: UInt64, _ token: UInt64) -> Bool {
        guard let index = index(of: sequence), sent[index].settle(token) else { return false }
        remove(at: index)
        return true
    }

    mutating func add(_ entry: Entry) {
        remove(entry.sequence)
        sent.append(entry)
        highest = max(highest, entry.sequence)
        if entry.lane == .backfill { ofBacklog += 1 }
    }

    mutating func remove(_ sequence: UInt64) {
        if let index = index(of: sequence) { remove(at: index) }
    }

    private mutating func remove(at index: Int) {
        if sent[index].lane == .backfill { ofBacklog -= 1 }
        guard index == through else {
            sent.remove(at: index)
            return
        }
        through += 1
        guard through == sent.count || through > 100 else { return }
        sent.removeFirst(through)
        through = 0
    }

    mutating func removeAll() {
        sent.removeAll(keepingCapacity: true)
        (through, ofBacklog, highest) = (0, 0, 0)
    }
}
