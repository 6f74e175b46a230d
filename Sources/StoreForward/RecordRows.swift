import SensorCore

/// The records of one append as rows, their bodies in one buffer, so that their size is known before the first is written.
///
/// Each record is looked at once, since each look copies it.
struct RecordRows {
    /// All of a row but what it gets with its number.
    struct Row {
        let bootID: BootID
        let kind: RecordKind
        let start: MonotonicInstant
        let end: MonotonicInstant
        /// Where it stands among the bodies.
        let body: Range<Int>
    }

    private var writer = FieldWriter()
    private var rows: [Row] = []

    init(_ records: [Record]) {
        rows.reserveCapacity(records.count)
        writer.bytes.reserveCapacity(records.count * 128)
        for record in records {
            let first = writer.bytes.count
            RecordCodec.encode(record, into: &writer)
            let span = record.body.span
            rows.append(
                Row(
                    bootID: record.bootID, kind: record.body.kind, start: span.start, end: span.end,
                    body: first..<writer.bytes.count))
        }
    }

    var count: Int { rows.count }

    /// In bytes, of all together.
    var bodySize: Int { writer.bytes.count }

    /// Calls `use` for all rows in order, for up to `length` of one boot at a time, with the bodies of all.
    func forEachRun(
        of length: Int, _ use: (ArraySlice<Row>, UnsafeRawBufferPointer) throws(JournalError) -> Void
    ) throws(JournalError) {
        let result = writer.bytes.withUnsafeBytes { bodies in
            Result { () throws(JournalError) in
                var rest = rows[...]
                while let first = rest.first {
                    let run = rest.prefix(length).prefix { $0.bootID == first.bootID }
                    try use(run, bodies)
                    rest = rest[run.endIndex...]
                }
            }
        }
        try result.get()
    }
}
