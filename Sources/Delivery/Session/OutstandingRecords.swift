import SensorCore

/// The records of the window: sent and unanswered, or refused and to be sent again, in the order of sending.
///
/// A record waits for the answers to all messages that carry it; an answer may concern several records.
struct OutstandingRecords: Hashable, Sendable {
    enum Progress: Hashable, Sendable {
        /// The messages that are unanswered; `more` is empty where one carries the whole record, as it mostly does.
        case sent(waitingFor: UInt64, more: Set<UInt64>)
        case refused(again: MonotonicInstant)
    }

    struct Entry: Hashable, Sendable {
        var lane: DeliverySession.Lane
        var sequence: UInt64
        var progress: Progress

        var isUnanswered: Bool {
            if case .sent = progress { true } else { false }
        }

        func waits(for token: UInt64) -> Bool {
            guard case .sent(let first, let more) = progress else { return false }
            return first == token || more.contains(token)
        }

        /// True when it was the last it waited for.
        mutating func settle(_ token: UInt64) -> Bool {
            guard case .sent(let first, var more) = progress else { return false }
            if first == token {
                guard let next = more.popFirst() else { return true }
                progress = .sent(waitingFor: next, more: more)
            } else if more.remove(token) != nil {
                progress = .sent(waitingFor: first, more: more)
            }
            return false
        }
    }

    private var entries: [Entry] = []
    /// How many of them are of the backlog.
    private(set) var ofBacklog = 0

    var count: Int { entries.count }
    var isEmpty: Bool { entries.isEmpty }
    var hasUnanswered: Bool { entries.contains(where: \.isUnanswered) }
    var lowestLive: UInt64? { entries.lazy.filter { $0.lane == .live }.map(\.sequence).min() }

    func contains(_ sequence: UInt64) -> Bool { entries.contains { $0.sequence == sequence } }

    /// Which of the refused is to be offered again first, and when.
    var nextOffer: (entry: Entry, at: MonotonicInstant)? {
        var next: (entry: Entry, at: MonotonicInstant)?
        for entry in entries {
            guard case .refused(let again) = entry.progress, next.map({ again < $0.at }) ?? true else { continue }
            next = (entry, again)
        }
        return next
    }

    /// Those that wait for this answer, in the order of sending.
    func waiting(for token: UInt64) -> [Entry] { entries.filter { $0.waits(for: token) } }

    /// True when the record waits for nothing more, and is out of the window.
    mutating func settle(_ sequence: UInt64, _ token: UInt64) -> Bool {
        guard let index = entries.firstIndex(where: { $0.sequence == sequence }), entries[index].settle(token) else { return false }
        remove(sequence)
        return true
    }

    /// True when it was not among them before.
    mutating func note(_ sequence: UInt64, _ lane: DeliverySession.Lane, _ progress: Progress) -> Bool {
        if let index = entries.firstIndex(where: { $0.sequence == sequence }) {
            entries[index].progress = progress
            return false
        }
        entries.append(Entry(lane: lane, sequence: sequence, progress: progress))
        if lane == .backfill { ofBacklog += 1 }
        return true
    }

    mutating func remove(_ sequence: UInt64) {
        guard let index = entries.firstIndex(where: { $0.sequence == sequence }) else { return }
        if entries[index].lane == .backfill { ofBacklog -= 1 }
        entries.remove(at: index)
    }

    /// All but what is on its way.
    mutating func removeRefused() {
        entries.removeAll { !$0.isUnanswered }
        ofBacklog = entries.count { $0.lane == .backfill }
    }

    mutating func removeAll() {
        entries.removeAll(keepingCapacity: true)
        ofBacklog = 0
    }
}
