/// What a record is about. A new kind is a line here, a case of `Record.Body`, and a line in each `switch` below.
public struct RecordKind: Hashable, Sendable {
    /// In the journal. A code never gets another meaning.
    public let code: UInt64
    /// In what is published and exported.
    public let name: String

    public static let traffic = RecordKind(code: 1, name: "traffic")
    public static let climate = RecordKind(code: 2, name: "climate")
    public static let node = RecordKind(code: 3, name: "node")
    public static let timeFix = RecordKind(code: 4, name: "time")
    public static let notice = RecordKind(code: 5, name: "notice")

    /// All that this program knows.
    public static let known = [traffic, climate, node, timeFix, notice]

    /// One that a newer program writes.
    static func unknown(code: UInt64) -> RecordKind { RecordKind(code: code, name: "unknown") }
}

/// A record that only a newer program can read: of a kind, or from a detector, that this one does not know.
public struct UnknownRecord: Hashable, Sendable {
    /// The code of its kind.
    public var code: UInt64
    public var span: IntervalSpan

    public init(code: UInt64, span: IntervalSpan) {
        self.code = code
        self.span = span
    }
}

extension Record.Body {
    public var kind: RecordKind {
        switch self {
        case .traffic: .traffic
        case .climate: .climate
        case .node: .node
        case .timeFix: .timeFix
        case .notice: .notice
        case .unknown(let record): .unknown(code: record.code)
        }
    }

    /// When it was; what happened at one moment starts and ends there.
    public var span: IntervalSpan {
        switch self {
        case .traffic(let interval): interval.span
        case .climate(let interval): interval.span
        case .node(let interval): interval.span
        case .timeFix(let fix): IntervalSpan(at: fix.instant, utc: fix.utc)
        case .notice(let notice): IntervalSpan(at: notice.instant, utc: notice.utc)
        case .unknown(let record): record.span
        }
    }

    /// It tells of a moment, not of an interval.
    public var isMoment: Bool {
        switch self {
        case .timeFix, .notice: true
        case .unknown(let record): record.span.start == record.span.end
        default: false
        }
    }

    /// The name of the channel or sensor it is about; nil for what is about the node.
    public var subject: String? {
        switch self {
        case .traffic(let interval): interval.channel
        case .climate(let interval): interval.sensor
        default: nil
        }
    }

    /// The length of a longer interval that sums others; nil for what was measured itself.
    public var summedOver: TimeSpan? {
        if case .traffic(let interval) = self { interval.summedOver } else { nil }
    }

    /// The kind's name as it is published, sums apart: "traffic", "traffic_sum".
    public var name: String { summedOver == nil ? kind.name : kind.name + "_sum" }
}
