public import JSONText
public import SensorCore

/// One record as a receiver got it, as far as an audit reads it. Fields as in docs/native-format.md.
public struct AuditedRecord: Hashable, Sendable {
    /// `kind` of a record. Of one that is not named here an audit knows nothing but that it is there.
    public struct Kind: RawRepresentable, Hashable, Sendable {
        public var rawValue: String
        public init(rawValue: String) { self.rawValue = rawValue }

        public static let traffic = Kind(rawValue: "traffic")
        public static let trafficSum = Kind(rawValue: "traffic_sum")
        public static let climate = Kind(rawValue: "climate")
        public static let notice = Kind(rawValue: "notice")
        public static let node = Kind(rawValue: "node")
        public static let time = Kind(rawValue: "time")
    }

    public var kind: Kind
    public var node: String
    public var epoch: String
    public var sequence: UInt64
    public var boot: String
    /// What the record tells of: "gate" of a channel or sensor, "gate 900 s" of a sum; nil for the node itself.
    public var series: String?
    /// Whole seconds, which are enough to find it; nil while UTC was not known.
    public var utc: ClosedRange<WallClockTime>?
    /// Nanoseconds of its boot.
    public var start: Int64
    public var end: Int64
    /// nil when nothing was observed, and for what counts nothing.
    public var count: UInt64?
    /// Of `traffic` only.
    public var total: UInt64?
    /// Numbers of the records it stands for; of a `records_dropped` notice: of those that will not come.
    public var replaces: [ClosedRange<UInt64>] = []
    /// Numbers that this receiver is told will not come to it, since its destination is not shown them.
    public var withheld: [ClosedRange<UInt64>] = []
    /// Of a `notice`: which, and the numbers it names.
    public var notice: String?
    public var noticeSequences: ClosedRange<UInt64>?
    /// Of a `notice`: its code; nil in those of before there were codes.
    public var noticeCode: String?
    /// Of a `notice` that is about one destination of several: its name.
    public var noticeDestination: String?
    /// Of `journal_restored`: the epoch that has the numbers before `noticeSequences`.
    public var previousEpoch: String?
    /// Sent from the backlog.
    public var isHistorical = false

    public init(
        kind: Kind, node: String, epoch: String, sequence: UInt64, boot: String, series: String? = nil,
        utc: ClosedRange<WallClockTime>? = nil, start: Int64, end: Int64, count: UInt64? = nil, total: UInt64? = nil,
        isHistorical: Bool = false
    ) {
        self.kind = kind
        self.node = node
        self.epoch = epoch
        self.sequence = sequence
        self.boot = boot
        self.series = series
        self.utc = utc
        self.start = start
        self.end = end
        self.count = count
        self.total = total
        self.isHistorical = isHistorical
    }
}

/// Why a message is no record of the format.
public struct UnreadableMessage: Error, Hashable, Sendable, SentenceConvertible {
    public var sentence: Sentence
}

extension AuditedRecord {
    /// From a message's payload; nil for a message that carries no number, as `status`.
    public init?(json: [UInt8]) throws(UnreadableMessage) {
        let value: JSONValue
        do throws(JSONFault) { value = try JSONReader.read(json) } catch {
            throw UnreadableMessage(sentence: "no JSON: \(error)")
        }
        try self.init(value)
    }

    /// As from `json`, for a value that was read already.
    public init?(_ value: JSONValue) throws(UnreadableMessage) {
        guard case .object(let members) = value.content else { throw UnreadableMessage(sentence: "no JSON object") }
        let fields = Fields(members)
        let name = try fields.text("kind")
        if name == "status" || name == "withheld" { return nil }
        kind = Kind(rawValue: name)
        node = try fields.text("node")
        epoch = try fields.text("epoch")
        sequence = try fields.number("sequence")
        guard sequence > 0 else { throw UnreadableMessage(sentence: "sequence is 0, and they begin with 1") }
        boot = try fields.text("boot")
        start = try fields.integer("start_monotonic_ns")
        end = try fields.integer("end_monotonic_ns")
        if let from = try fields.optionalText("start"), let to = try fields.optionalText("end") {
            guard let from = WallClockTime(rfc3339: from)?.flooredToSecond,
                let to = WallClockTime(rfc3339: to)?.flooredToSecond, from <= to
            else {
                throw UnreadableMessage(sentence: "start \(from) and end \(to) are no time range")
            }
            utc = from...to
        }
        guard start <= end else { throw UnreadableMessage(sentence: "record \(sequence) ends before it starts") }
        switch kind {
        case .traffic, .trafficSum:
            let channel = try fields.text("channel")
            series = kind == .traffic ? channel : "\(channel) sum"
            count = try fields.optionalNumber("count")
            total = kind == .traffic ? try fields.number("total") : nil
        case .climate: series = try fields.text("sensor")
        case .notice:
            notice = try fields.text("notice")
            noticeCode = try fields.optionalText("code")
            noticeDestination = try fields.object("arguments")?.optionalText("destination")
            if let first = try fields.optionalNumber("first_sequence"), let last = try fields.optionalNumber("last_sequence") {
                guard first <= last else { throw UnreadableMessage(sentence: "a notice names \(first) to \(last)") }
                noticeSequences = first...last
            }
            previousEpoch = try fields.optionalText("previous_epoch")
        default: break
        }
        for name in [node, epoch, boot, series ?? "", previousEpoch ?? "", noticeDestination ?? ""]
        where name.utf8.count > DeliveryAuditor.Limits.nameBytes {
            throw UnreadableMessage(sentence: "a name is longer than \(DeliveryAuditor.Limits.nameBytes) bytes")
        }
        replaces = try fields.ranges("replaces")
        withheld = try fields.ranges("withheld")
        isHistorical = try fields.flag("historical") ?? false
    }

    /// Where it stands in the account: that of the first record it replaces, else its own number.
    var position: UInt64 { notice == nil ? replaces.map(\.lowerBound).min() ?? sequence : sequence }

    /// The same record sent twice differs in nothing but this.
    var content: AuditedRecord {
        var content = self
        content.isHistorical = false
        content.withheld = []
        return content
    }
}

/// A message that only tells which numbers will not come to its receiver.
struct WithheldNumbers {
    var node: String
    var epoch: String
    var numbers: [ClosedRange<UInt64>]

    /// nil for any other message.
    init?(_ value: JSONValue) throws(UnreadableMessage) {
        guard case .object(let members) = value.content else { return nil }
        let fields = Fields(members)
        guard try fields.optionalText("kind") == "withheld" else { return nil }
        node = try fields.text("node")
        epoch = try fields.text("epoch")
        numbers = try fields.ranges("withheld")
    }
}

/// The fields of one object, by name.
private struct Fields {
    private var members: [String: JSONValue] = [:]

    init(_ members: [(key: String, value: JSONValue)]) {
        for (key, value) in members { self.members[key] = value }
    }

    func text(_ name: String) throws(UnreadableMessage) -> String {
        guard let text = try optionalText(name) else { throw UnreadableMessage(sentence: "\(name) is missing") }
        return text
    }

    func optionalText(_ name: String) throws(UnreadableMessage) -> String? {
        switch members[name]?.content {
        case .string(let text): return text
        case nil, .null: return nil
        default: throw UnreadableMessage(sentence: "\(name) is no text")
        }
    }

    /// nil for whatever is none.
    func object(_ name: String) -> Fields? {
        guard case .object(let members) = members[name]?.content else { return nil }
        return Fields(members)
    }

    func number(_ name: String) throws(UnreadableMessage) -> UInt64 {
        guard let number = try optionalNumber(name) else { throw UnreadableMessage(sentence: "\(name) is missing") }
        return number
    }

    func optionalNumber(_ name: String) throws(UnreadableMessage) -> UInt64? {
        guard let value = members[name] else { return nil }
        return try Self.whole(value, name)
    }

    func integer(_ name: String) throws(UnreadableMessage) -> Int64 {
        guard case .number(let text) = members[name]?.content, let number = Int64(text) else {
            throw UnreadableMessage(sentence: "\(name) is no whole number")
        }
        return number
    }

    func flag(_ name: String) throws(UnreadableMessage) -> Bool? {
        switch members[name]?.content {
        case .bool(let flag): return flag
        case nil, .null: return nil
        default: throw UnreadableMessage(sentence: "\(name) is neither true nor false")
        }
    }

    /// `[[1,20],[40,40]]`.
    func ranges(_ name: String) throws(UnreadableMessage) -> [ClosedRange<UInt64>] {
        guard let value = members[name], case .array(let items) = value.content else { return [] }
        var ranges: [ClosedRange<UInt64>] = []
        for item in items {
            guard case .array(let ends) = item.content, ends.count == 2, let first = try Self.whole(ends[0], name),
                let last = try Self.whole(ends[1], name), first <= last, first > 0
            else { throw UnreadableMessage(sentence: "\(name) is no list of number ranges") }
            ranges.append(first...last)
        }
        return ranges
    }

    private static func whole(_ value: JSONValue, _ name: String) throws(UnreadableMessage) -> UInt64? {
        switch value.content {
        case .null: return nil
        case .number(let text):
            guard let number = UInt64(text) else { throw UnreadableMessage(sentence: "\(name) is \(text), no count") }
            return number
        default: throw UnreadableMessage(sentence: "\(name) is no number")
        }
    }
}
