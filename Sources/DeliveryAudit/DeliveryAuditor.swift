import JSONText
import SensorCore

/// Takes what a receiver got, in any order, and says whether it is the whole account. Keeps about 100 bytes per record.
///
/// It believes nothing but the records: their numbers must be there, each with one content; what replaces others must
/// name them; intervals of one series must not overlap; the total of a channel must grow by what was counted; longer
/// sums must be the sums of their parts.
public struct DeliveryAuditor: Sendable {
    /// A node's journal: numbers mean something only within one.
    struct Account: Hashable, Comparable {
        var node: String
        var epoch: String

        static func < (a: Account, b: Account) -> Bool { (a.node, a.epoch) < (b.node, b.epoch) }
    }

    /// One record, with names as indices.
    struct Entry {
        var sequence: UInt64
        var position: UInt64
        var series: Int
        var boot: Int
        var start: Int64
        var end: Int64
        var utc: ClosedRange<WallClockTime>?
        var count: UInt64?
        var total: UInt64?
        var isHistorical: Bool
    }

    /// What is told of one account.
    struct Ledger {
        var entries: [Entry] = []
        /// Of each number's first content.
        var contents: [UInt64: Int] = [:]
        var received = SequenceRanges()
        var duplicated: UInt64 = 0
        var conflicting: [UInt64] = []
        /// Replaced by a record that was received.
        var replaced = SequenceRanges()
        /// Meant for other destinations only.
        var elsewhere = SequenceRanges()
        /// Not shown to this receiver's destination.
        var withheld = SequenceRanges()
        /// Named by a notice of dropped, or of refused records.
        var dropped = SequenceRanges()
        var refused = SequenceRanges()
        /// Named by a notice of records that the broker of one destination of several refuses, by its name.
        var refusedFor: [String: SequenceRanges] = [:]
        /// Numbers of the notices that records were lost before they had one.
        var lossNotices: [UInt64] = []
        /// Numbers of the notices that a damaged journal was set aside, with whatever it still held.
        var setAsideNotices: [UInt64] = []
        /// Where this journal goes on with the numbers of an earlier epoch.
        var beginning: (first: UInt64, previous: String)?
        /// The last number before a later epoch went on with them.
        var end: UInt64?
        var highest: [Bool: UInt64] = [:]
        var reordered: UInt64 = 0
        var firstTaken: Int
    }

    private(set) var ledgers: [Account: Ledger] = [:]
    /// Messages that could not be read: how many, and why the first could not.
    public private(set) var unreadable: (count: UInt64, first: String)?
    private(set) var names: [String] = []
    private var indices: [String: Int] = [:]
    private var taken = 0
    private var rangesTaken = 0

    /// What is kept is bounded: a flood, or a file without end, is refused from there on.
    public struct Limits: Sendable {
        /// About 200 bytes each: 2 GB. A year of a busy box has 10 million.
        public var records = 10_000_000
        /// Different nodes, epochs, channels, sensors and boots together.
        public var names = 100_000
        /// Numbers need not follow each other, and a notice may name many ranges.
        public var ranges = 1_000_000
        /// Of one name.
        public static let nameBytes = 512

        public init() {}

        public init(records: Int) { self.records = records }
    }

    private let limits: Limits
    /// More came than is kept; nothing is taken any more, and nothing is complete.
    public private(set) var isFull = false

    public init(limits: Limits = Limits()) { self.limits = limits }

    /// One message's payload. A status is passed over; what can't be read is counted.
    public mutating func take(json: [UInt8]) {
        do throws(UnreadableMessage) {
            let value: JSONValue
            do throws(JSONFault) { value = try JSONReader.read(json) } catch {
                throw UnreadableMessage(sentence: "no JSON: \(error)")
            }
            try take(value)
        } catch {
            noteUnreadable(error)
        }
    }

    /// A message longer than `longestMessage`, of which nothing was kept.
    public mutating func noteTooLong() {
        noteUnreadable(UnreadableMessage(sentence: "longer than \(Self.longestMessage) bytes"))
    }

    /// What a node sends is far below; more is no message of its.
    public static let longestMessage = 1 << 20

    /// One message's payload. A status is passed over; what can't be read is counted.
    public mutating func take(bounded json: [UInt8]) {
        if json.count > Self.longestMessage { noteTooLong() } else { take(json: json) }
    }

    public mutating func noteUnreadable(_ error: UnreadableMessage) {
        unreadable = ((unreadable?.count ?? 0) + 1, unreadable?.first ?? error.description)
    }

    public mutating func take(_ record: AuditedRecord) {
        guard !isFull, taken < limits.records, names.count < limits.names, ledgers.count < limits.names, rangesTaken < limits.ranges else {
            isFull = true
            return
        }
        rangesTaken += record.replaces.count + record.withheld.count
        taken += 1
        let account = Account(node: record.node, epoch: record.epoch)
        let series = index(of: "\(record.kind.rawValue) \(record.series ?? "")")
        let boot = index(of: record.boot)
        ledgers[account, default: Ledger(firstTaken: taken)].take(record, series: series, boot: boot)
    }

    private mutating func index(of name: String) -> Int {
        if let index = indices[name] { return index }
        names.append(name)
        indices[name] = names.count - 1
        return names.count - 1
    }
}

extension DeliveryAuditor.Ledger {
    mutating func take(_ record: AuditedRecord, series: Int, boot: Int) {
        let content = record.content.hashValue
        for range in record.withheld { withheld.insert(range) }
        if received.contains(record.sequence) {
            duplicated += 1
            if contents[record.sequence] != content { conflicting.append(record.sequence) }
            return
        }
        received.insert(record.sequence...record.sequence)
        contents[record.sequence] = content
        let before = highest[record.isHistorical] ?? 0
        if record.sequence < before { reordered += 1 }
        highest[record.isHistorical] = max(before, record.sequence)
        note(record)
        entries.append(
            .init(
                sequence: record.sequence, position: record.position, series: series, boot: boot, start: record.start,
                end: record.end, utc: record.utc, count: record.count, total: record.total,
                isHistorical: record.isHistorical))
    }

    private mutating func note(_ record: AuditedRecord) {
        guard record.notice == "records_dropped" else {
            // Those for others: this receiver is owed nothing for them, and loses nothing that it has.
            if record.notice == "records_for_others" {
                for range in record.replaces { elsewhere.insert(range) }
            } else {
                for range in record.replaces { replaced.insert(range) }
            }
            return noteOther(record)
        }
        // It takes nothing away: it says what will not come.
        for range in record.replaces { dropped.insert(range) }
        if let numbers = record.noticeSequences, record.replaces.isEmpty { dropped.insert(numbers) }
    }

    private mutating func noteOther(_ record: AuditedRecord) {
        switch record.notice {
        case "records_refused":
            guard let numbers = record.noticeSequences else { return }
            if let destination = record.noticeDestination {
                refusedFor[destination, default: SequenceRanges()].insert(numbers)
            } else {
                refused.insert(numbers)
            }
        case "records_lost": lossNotices.append(record.sequence)
        // Where the new journal goes on with what was sound, further notices name what was not.
        case "journal_set_aside" where record.noticeCode != "journal_goes_on" && record.noticeCode != "journal_file_gone":
            setAsideNotices.append(record.sequence)
        case "journal_restored":
            if let first = record.noticeSequences?.lowerBound, let previous = record.previousEpoch { beginning = (first, previous) }
        default: break
        }
    }
}

extension DeliveryAuditor {
    /// One line of an export: a payload, or an object with the payload as `payload`, itself an object or its text, as
    /// mosquitto_sub writes with `-F %J` and `%j`. Empty lines are passed over.
    public mutating func take(exportLine line: [UInt8]) {
        guard line.contains(where: { $0 != 0x20 && $0 != 0x0D && $0 != 0x09 }) else { return }
        do throws(UnreadableMessage) {
            let value: JSONValue
            do throws(JSONFault) { value = try JSONReader.read(line) } catch {
                throw UnreadableMessage(sentence: "no JSON: \(error)")
            }
            guard case .object(let members) = value.content, let payload = members.first(where: { $0.key == "payload" })?.value
            else { return try take(value) }
            if case .string(let text) = payload.content { take(json: Array(text.utf8)) } else { try take(payload) }
        } catch {
            noteUnreadable(error)
        }
    }

    private mutating func take(_ value: JSONValue) throws(UnreadableMessage) {
        if let told = try WithheldNumbers(value) {
            guard ledgers.count < limits.names, rangesTaken < limits.ranges else {
                isFull = true
                return
            }
            taken += 1
            rangesTaken += told.numbers.count
            let account = Account(node: told.node, epoch: told.epoch)
            for range in told.numbers { ledgers[account, default: Ledger(firstTaken: taken)].withheld.insert(range) }
        } else if let record = try AuditedRecord(value) {
            take(record)
        }
    }
}
