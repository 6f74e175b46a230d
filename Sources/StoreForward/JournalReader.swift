import SensorCore

/// Reads records over a connection of its own, so that it never waits for a commit.
///
/// Used by one thread at a time.
final class JournalReader {
    private let database: Database
    private let selectRecords: Statement
    private let selectBoot: Statement
    private let selectOldest: Statement
    /// The boot of the last record read: nearly always the next one's as well.
    private var boot: (id: Int64, name: BootID)?

    init(_ database: Database) throws(JournalError) {
        self.database = database
        selectRecords = try Statement(
            database,
            """
            SELECT sequence, boot, checksum, body FROM record \
            WHERE sequence > ?1 AND sequence <= ?2 ORDER BY sequence LIMIT ?3
            """, "read")
        selectBoot = try Statement(database, "SELECT name FROM boot WHERE id = ?1", "read")
        selectOldest = try Statement(database, "SELECT min(sequence) FROM record", "read")
    }

    /// The oldest kept sequence; nil when none is.
    func oldest() throws(JournalError) -> UInt64? {
        guard let oldest = try selectOldest.firstInteger() else { return nil }
        guard oldest > 0 else { throw JournalSchema.corrupt(database, "there is a record \(oldest)") }
        return UInt64(oldest)
    }

    /// Up to `limit` records after `sequence`, none after `last`, ascending.
    func records(
        after sequence: UInt64, through last: UInt64, limit: Int
    ) throws(JournalError) -> [JournalledRecord] {
        guard sequence < last, limit > 0 else { return [] }
        defer { selectRecords.reset() }
        selectRecords.bind(1, Int64(sequence))
        selectRecords.bind(2, Int64(last))
        selectRecords.bind(3, Int64(limit))
        var found: [JournalledRecord] = []
        found.reserveCapacity(min(limit, Int(clamping: last - sequence)))
        var expected = sequence + 1
        while try selectRecords.step() {
            let record = try currentRecord()
            if record.sequence != expected {
                // Trimming takes from the old end only, so a gap can only lie before the oldest record.
                guard found.isEmpty, try oldest() == record.sequence else {
                    throw JournalSchema.corrupt(database, "record \(expected) is missing")
                }
            }
            expected = record.sequence + 1
            found.append(record)
        }
        guard found.isEmpty || found.count == limit || expected > last else {
            throw JournalSchema.corrupt(database, "record \(expected) is missing")
        }
        return found
    }

    private func currentRecord() throws(JournalError) -> JournalledRecord {
        let sequence = selectRecords.integer(0)
        let bootID = selectRecords.integer(1)
        let body = selectRecords.bytes(3)
        guard JournalSchema.checksum(sequence: sequence, boot: bootID, body: body) == selectRecords.integer(2) else {
            throw JournalSchema.corrupt(database, "the checksum of record \(sequence) is wrong")
        }
        let content: Record.Body
        do throws(RecordCodecError) {
            content = try RecordCodec.decode(body)
        } catch {
            throw JournalSchema.corrupt(database, "the body of record \(sequence) is malformed at \(error)")
        }
        return JournalledRecord(
            sequence: UInt64(sequence), record: Record(bootID: try bootName(bootID), body: content))
    }

    private func bootName(_ id: Int64) throws(JournalError) -> BootID {
        if let boot, boot.id == id { return boot.name }
        defer { selectBoot.reset() }
        selectBoot.bind(1, id)
        guard try selectBoot.step(), let text = selectBoot.text(0) else {
            throw JournalSchema.corrupt(database, "boot \(id) is missing")
        }
        let name = BootID(text)
        boot = (id, name)
        return name
    }
}
