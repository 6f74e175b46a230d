import SensorCore

/// Reads records over a connection of its own, so that it never waits for a commit.
///
/// Used by one thread at a time.
final class JournalReader {
    private let database: Database
    private let selectRecords: Statement
    private let selectBoot: Statement
    private let selectEpoch: Statement
    private let selectGone: Statement
    /// The boot of the last record read: nearly always the next one's as well.
    private var boot: (id: Int64, name: BootID)?

    init(_ database: Database) throws(JournalError) {
        self.database = database
        selectRecords = try Statement(
            database,
            """
            SELECT sequence, boot, checksum, body FROM record \
            WHERE sequence >= ?1 AND sequence <= ?2 ORDER BY sequence LIMIT ?3
            """, "read")
        selectBoot = try Statement(database, "SELECT name FROM boot WHERE id = ?1", "read")
        selectEpoch = try Statement(database, "SELECT 1 FROM epoch WHERE name = ?1", "read")
        selectGone = try Statement(
            database,
            "SELECT value FROM counter WHERE name = '\(JournalSchema.Counter.gone)' AND first <= ?1 "
                + "ORDER BY first DESC LIMIT 1", "read")
    }

    /// Up to `limit` of the records with these numbers, ascending. Throws `corrupt` where one is missing that is not
    /// noted as gone.
    func records(in range: ClosedRange<UInt64>, limit: Int) throws(JournalError) -> [JournalledRecord] {
        guard limit > 0 else { return [] }
        var found: [JournalledRecord] = []
        found.reserveCapacity(min(limit, Int(clamping: range.upperBound - range.lowerBound) + 1))
        try forEach(in: range, limit: limit) { (record) throws(JournalError) in
            found.append(record)
            return true
        }
        return found
    }

    /// The same, one by one, until `body` returns false.
    func forEach(
        in range: ClosedRange<UInt64>, limit: Int = .max,
        _ body: (JournalledRecord) throws(JournalError) -> Bool
    ) throws(JournalError) {
        // The statement holds its view of the file until it is reset, so the ranges gone are of the same moment.
        defer { selectRecords.reset() }
        selectRecords.bind(1, Int64(clamping: range.lowerBound))
        selectRecords.bind(2, Int64(clamping: range.upperBound))
        selectRecords.bind(3, Int64(limit))
        var expected = range.lowerBound
        var count = 0
        while try selectRecords.step() {
            let record = try currentRecord()
            // A page in the place of another brings its rows where they do not belong.
            guard record.sequence >= expected, record.sequence <= range.upperBound else {
                throw JournalSchema.corrupt(database, "record \(record.sequence) is where \(expected) should be")
            }
            if record.sequence > expected { try checkGone(expected...record.sequence - 1) }
            expected = record.sequence + 1
            count += 1
            guard try body(record) else { return }
        }
        if count < limit, expected <= range.upperBound { try checkGone(expected...range.upperBound) }
    }

    private func checkGone(_ range: ClosedRange<UInt64>) throws(JournalError) {
        defer { selectGone.reset() }
        selectGone.bind(1, Int64(clamping: range.lowerBound))
        guard try selectGone.step(), selectGone.integer(0) >= Int64(clamping: range.upperBound) else {
            throw JournalSchema.corrupt(database, "record \(range.lowerBound) is missing")
        }
    }

    private func currentRecord() throws(JournalError) -> JournalledRecord {
        try record(
            selectRecords.integer(0), boot: selectRecords.integer(1), checksum: selectRecords.integer(2), body: selectRecords.bytes(3))
    }

    /// A row's record. Throws `corrupt` when the row is not what was written.
    func record(
        _ sequence: Int64, boot bootRow: Int64, checksum: Int64, body: UnsafeRawBufferPointer
    ) throws(JournalError) -> JournalledRecord {
        guard JournalSchema.checksum(sequence: sequence, boot: bootRow, body: body) == checksum else {
            throw JournalSchema.corrupt(database, "the checksum of record \(sequence) is wrong")
        }
        guard let number = UInt64(exactly: sequence), number > 0, number <= JournalSchema.greatestSequence else {
            throw JournalSchema.corrupt(database, "there is a record of number \(sequence)")
        }
        let name = try bootName(bootRow)
        do throws(RecordCodecError) {
            return JournalledRecord(sequence: number, record: try RecordCodec.decode(body, bootID: name))
        } catch {
            throw JournalSchema.corrupt(database, "the body of record \(sequence) is malformed at \(error)")
        }
    }

    private func bootName(_ id: Int64) throws(JournalError) -> BootID {
        if let boot, boot.id == id { return boot.name }
        defer { selectBoot.reset() }
        selectBoot.bind(1, id)
        guard try selectBoot.step(), let text = selectBoot.text(0) else {
            throw JournalSchema.corrupt(database, "boot \(id) is missing")
        }
        // Both tables are alike, and a page of the one may stand in the place of the other's.
        defer { selectEpoch.reset() }
        try selectEpoch.bind(1, text)
        guard try !selectEpoch.step() else { throw JournalSchema.corrupt(database, "boot \(id) has the name of an epoch") }
        let name = BootID(text)
        boot = (id, name)
        return name
    }
}
