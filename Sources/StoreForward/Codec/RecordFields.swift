import SensorCore

// One pair of `write` and `init(from:)` per type, side by side, so that the tags can be compared at a glance.
// Ends are stored as the distance from the start, which is short; sums wrap, so that any two values survive.
// What is nearly always so is left out since format 3: a count of 0, a flag not set, a length equal to the one before.

extension IntervalSpan {
    /// In nanoseconds, and no trap whatever the ends are.
    var distance: Int64 { end.nanoseconds &- start.nanoseconds }

    func write(to writer: inout FieldWriter) {
        writer.write(1, signed: start.nanoseconds)
        writer.write(2, signed: distance)
        if let utc {
            writer.write(3, signed: utc.start.nanoseconds)
            let length = utc.end.nanoseconds &- utc.start.nanoseconds
            if length != distance { writer.write(4, signed: length) }
        }
        if isPartial { writer.write(5, isPartial) }
    }

    init(from reader: inout FieldReader) throws(RecordCodecError) {
        var start: Int64?
        var length: Int64?
        var utcStart: Int64?
        var utcLength: Int64?
        var isPartial = false
        while let field = try reader.next() {
            switch field.tag {
            case 1: start = try field.signed()
            case 2: length = try field.signed()
            case 3: utcStart = try field.signed()
            case 4: utcLength = try field.signed()
            case 5: isPartial = try field.flag()
            default: field.passOver()
            }
        }
        let begin = try reader.required(start, "start")
        let duration = try reader.required(length, "length")
        var utc: UTCRange?
        if let utcStart {
            utc = UTCRange(
                start: WallClockTime(nanoseconds: utcStart),
                end: WallClockTime(nanoseconds: utcStart &+ (utcLength ?? duration)))
        } else if utcLength != nil {
            throw reader.malformed("a UTC range has no start")
        }
        self.init(
            start: MonotonicInstant(nanoseconds: begin),
            end: MonotonicInstant(nanoseconds: begin &+ duration), utc: utc, isPartial: isPartial)
    }

    init(_ field: FieldReader.Field) throws(RecordCodecError) {
        var part = try field.part()
        self = try IntervalSpan(from: &part)
    }
}

extension NodeInterval {
    func write(to writer: inout FieldWriter) {
        writer.write(1) { span.write(to: &$0) }
        writer.write(2, backlog)
        writer.write(3, connectionsLost)
        writer.write(4, queueOverflows)
        writer.write(5, journalFaults)
        if let node { writer.write(6, node) }
    }

    init(from reader: inout FieldReader) throws(RecordCodecError) {
        var span: IntervalSpan?
        var backlog: UInt64?
        var connectionsLost: UInt64?
        var queueOverflows: UInt64?
        var journalFaults: UInt64?
        var node: String?
        while let field = try reader.next() {
            switch field.tag {
            case 1: span = try IntervalSpan(field)
            case 2: backlog = try field.number()
            case 3: connectionsLost = try field.number()
            case 4: queueOverflows = try field.number()
            case 5: journalFaults = try field.number()
            case 6: node = try field.text()
            default: field.passOver()
            }
        }
        self.init(
            span: try reader.required(span, "span"), node: node,
            backlog: try reader.required(backlog, "backlog"),
            connectionsLost: try reader.required(connectionsLost, "lost connections"),
            queueOverflows: try reader.required(queueOverflows, "queue overflows"),
            journalFaults: try reader.required(journalFaults, "journal faults"))
    }
}

extension TimeFix {
    func write(to writer: inout FieldWriter) {
        writer.write(1, signed: instant.nanoseconds)
        writer.write(2, signed: utc.nanoseconds)
    }

    init(from reader: inout FieldReader) throws(RecordCodecError) {
        var instant: Int64?
        var utc: Int64?
        while let field = try reader.next() {
            switch field.tag {
            case 1: instant = try field.signed()
            case 2: utc = try field.signed()
            default: field.passOver()
            }
        }
        self.init(
            instant: MonotonicInstant(nanoseconds: try reader.required(instant, "instant")),
            utc: WallClockTime(nanoseconds: try reader.required(utc, "UTC")))
    }
}

extension Notice {
    func write(to writer: inout FieldWriter) {
        writer.write(1, kind.code)
        writer.write(2, signed: instant.nanoseconds)
        if let utc { writer.write(3, signed: utc.nanoseconds) }
        writer.write(4, text)
        if let count { writer.write(5, count) }
        if let sequences {
            writer.write(6, sequences.lowerBound)
            writer.write(7, sequences.upperBound)
        }
        if let previousEpoch { writer.write(8, previousEpoch.rawValue) }
        if let message { writer.write(9) { message.write(to: &$0) } }
    }

    init(from reader: inout FieldReader) throws(RecordCodecError) {
        var kind: Kind?
        var instant: Int64?
        var utc: WallClockTime?
        var text: String?
        var count: UInt64?
        var first: UInt64?
        var last: UInt64?
        var previousEpoch: JournalEpoch?
        var message: CodedMessage?
        while let field = try reader.next() {
            switch field.tag {
            case 1: kind = try field.coded(as: Kind.self) ?? .unknown
            case 2: instant = try field.signed()
            case 3: utc = WallClockTime(nanoseconds: try field.signed())
            case 4: text = try field.text()
            case 5: count = try field.number()
            case 6: first = try field.number()
            case 7: last = try field.number()
            case 8: previousEpoch = JournalEpoch(rawValue: try field.number())
            case 9: message = try CodedMessage(field)
            default: field.passOver()
            }
        }
        var sequences: ClosedRange<UInt64>?
        if let first, let last, first <= last {
            sequences = first...last
        } else if first != nil || last != nil {
            throw reader.malformed("a range of sequences needs a first and a last")
        }
        self.init(
            kind: try reader.required(kind, "kind"),
            instant: MonotonicInstant(nanoseconds: try reader.required(instant, "instant")),
            utc: utc,
            text: try reader.required(text, "text"),
            count: count,
            sequences: sequences,
            previousEpoch: previousEpoch)
        self.message = message
    }
}

extension UnknownRecord {
    func write(to writer: inout FieldWriter) { writer.write(1) { span.write(to: &$0) } }

    /// All its fields are walked over, so that what is malformed is found.
    init(code: UInt64, from reader: inout FieldReader) throws(RecordCodecError) {
        var span: IntervalSpan?
        while let field = try reader.next() {
            if field.tag == 1 { span = try IntervalSpan(field) }
        }
        self.init(code: code, span: try reader.required(span, "span"))
    }
}
