import SensorCore

/// A body that cannot be read.
struct RecordCodecError: Error, Hashable, SentenceConvertible {
    /// Bytes from the body's start to where it went wrong.
    var offset: Int
    var detail: Sentence

    var sentence: Sentence { "byte \(offset): \(detail)" }
}

/// How a record is stored. The boot id stands in a column beside it.
///
///     version   varint: 2 for a record that replaces others, else 1
///     kind      varint, `RecordKind`
///     replaced  only in version 2: varint length in bytes, then for each range two varints: numbers from the end of the
///               range before (or from 0) to its first, and from its first to its last
///     length    varint, bytes that follow; nothing comes after them
///     fields    see `FieldWriter`; the tags are in `RecordFields`, `TrafficFields` and `ClimateFields`
///
/// What may be added at any time, without a new `JournalSchema.version`, as long as a program that skips it still reads the
/// truth: a field under a new tag; a quantity, a kind of error or of notice, a detector; a kind of record, whose field 1 is
/// its `IntervalSpan`. A program that does not know it leaves it out of the record (or takes the whole record for an
/// `UnknownRecord`) and keeps the stored form in `Record.verbatim`, so nothing is lost by it. Anything else, as another meaning
/// of a field, takes a new version. A tag or code never gets another meaning.
enum RecordCodec {
    private static let version: UInt64 = 1
    private static let replacingVersion: UInt64 = 2

    static func encode(_ record: Record) -> [UInt8] {
        var writer = FieldWriter()
        encode(record, into: &writer)
        return writer.bytes
    }

    static func encode(_ record: Record, into writer: inout FieldWriter) {
        if let verbatim = record.verbatim { return writer.bytes.append(contentsOf: verbatim) }
        writer.writeVarint(record.isReplacement ? replacingVersion : version)
        writer.writeVarint(record.body.kind.code)
        if record.isReplacement {
            writer.writeWithLength { writer in
                var end: UInt64 = 0
                for range in record.replaces {
                    writer.writeVarint(range.lowerBound - end)
                    writer.writeVarint(range.upperBound - range.lowerBound)
                    end = range.upperBound
                }
            }
        }
        writer.writeWithLength { writer in
            switch record.body {
            case .traffic(let interval): interval.write(to: &writer)
            case .climate(let interval): interval.write(to: &writer)
            case .node(let interval): interval.write(to: &writer)
            case .timeFix(let fix): fix.write(to: &writer)
            case .notice(let notice): notice.write(to: &writer)
            case .unknown(let unknown): unknown.write(to: &writer)
            }
        }
    }

    static func decode(_ bytes: UnsafeRawBufferPointer, bootID: BootID) throws(RecordCodecError) -> Record {
        var holdsUnknown = false
        var record = try withUnsafeMutablePointer(to: &holdsUnknown) { (holdsUnknown) throws(RecordCodecError) in
            try decode(FieldReader(bytes, holdsUnknown: holdsUnknown), bootID: bootID)
        }
        if holdsUnknown { record.verbatim = Array(bytes) }
        return record
    }

    private static func decode(_ whole: FieldReader, bootID: BootID) throws(RecordCodecError) -> Record {
        var reader = whole
        let version = try reader.readVarint()
        guard version == Self.version || version == replacingVersion else {
            throw RecordCodecError(offset: 0, detail: "version \(version) is not known")
        }
        let code = try reader.readVarint()
        var replaces: [ClosedRange<UInt64>] = []
        if version == replacingVersion {
            var part = try reader.readPart()
            replaces = try ranges(from: &part)
        }
        let part = try reader.readPart()
        guard reader.isAtEnd else { throw reader.malformed("bytes follow the end") }
        return Record(bootID: bootID, body: try body(code: code, part), replaces: replaces)
    }

    private static func body(code: UInt64, _ fields: FieldReader) throws(RecordCodecError) -> Record.Body {
        var part = fields
        do throws(RecordCodecError) {
            switch code {
            case RecordKind.traffic.code: return .traffic(try TrafficInterval(from: &part))
            case RecordKind.climate.code: return .climate(try ClimateInterval(from: &part))
            case RecordKind.node.code: return .node(try NodeInterval(from: &part))
            case RecordKind.timeFix.code: return .timeFix(try TimeFix(from: &part))
            case RecordKind.notice.code: return .notice(try Notice(from: &part))
            default: part.noteUnknown()
            }
        } catch {
            // What it lacks may be what is not known.
            guard part.holdsUnknown else { throw error }
        }
        var again = fields
        return .unknown(try UnknownRecord(code: code, from: &again))
    }

    private static func ranges(from part: inout FieldReader) throws(RecordCodecError) -> [ClosedRange<UInt64>] {
        var ranges: [ClosedRange<UInt64>] = []
        var end: UInt64 = 0
        while !part.isAtEnd {
            let (first, firstOverflows) = end.addingReportingOverflow(try part.readVarint())
            let (last, lastOverflows) = first.addingReportingOverflow(try part.readVarint())
            guard !firstOverflows, !lastOverflows, first > end else {
                throw part.malformed("the replaced numbers do not ascend")
            }
            ranges.append(first...last)
            end = last
        }
        guard !ranges.isEmpty else { throw part.malformed("it replaces nothing") }
        return ranges
    }
}

/// An enumeration whose cases have numbers of their own in the journal, independent of their order and spelling.
protocol Coded: CaseIterable {
    var code: UInt64 { get }
}

extension DetectorKind: Coded {
    var code: UInt64 { traits.code }
}

extension Quantity: Coded {
    var code: UInt64 {
        switch self {
        case .temperature: 1
        case .humidity: 2
        case .pressure: 3
        case .co2: 4
        case .illuminance: 5
        case .pm1: 6
        case .pm2_5: 7
        case .pm4: 8
        case .pm10: 9
        case .voltage: 10
        case .current: 11
        case .power: 12
        case .windDirection: 13
        case .gasResistance: 14
        case .dewPoint: 15
        case .absoluteHumidity: 16
        case .seaLevelPressure: 17
        case .vapourPressureDeficit: 18
        case .heatIndex: 19
        case .wetBulb: 20
        }
    }
}

extension SensorErrorKind: Coded {
    var code: UInt64 {
        switch self {
        case .crc: 1
        case .nack: 2
        case .timeout: 3
        case .notReady: 4
        case .outOfRange: 5
        case .wrongPart: 6
        case .notAmbient: 7
        case .bus: 8
        case .notRecorded: 9
        case .addressHeld: 10
        }
    }
}

extension Notice.Kind: Coded {
    var code: UInt64 {
        switch self {
        case .journalBegun: 1
        case .journalSetAside: 2
        case .recordsLost: 3
        case .recordsDropped: 4
        case .busStuck: 5
        case .busFree: 6
        case .journalRestored: 7
        case .recordsForOthers: 8
        case .recordsRefused: 9
        case .unknown: 0
        }
    }
}
