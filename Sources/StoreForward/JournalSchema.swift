import SensorCore

/// The tables of a journal file.
///
/// Invariants, true after every commit:
///
/// 1. A journal has one epoch, given when it was begun. It never changes.
/// 2. Sequence numbers start at 1 and are given in ascending order without a gap, for the life of the file: also
///    across restarts, and also when no record is left. `last_sequence` in `counter` is the highest ever given.
/// 3. The kept records are the newest: from some first one through `last_sequence` without a gap, or none.
///    Records leave from the old end only. A record never changes.
/// 4. Each row's `checksum` is the CRC-32 of its sequence, its boot row and its body, so that a row that SQLite can
///    read but that is not what was written is found before it is sent.
/// 5. `boot` has one row per run of records of one boot; ids ascend with the sequences. Rows older than the oldest
///    record's are gone.
/// 6. `acknowledged:DESTINATION` never falls and never exceeds `last_sequence`. `total:CHANNEL` never falls.
/// 7. Records, notices of dropped records, totals and acknowledgements of one append are committed together with one
///    sync of the log (WAL, synchronous=FULL), or not at all.
/// 8. A record that some destination has not acknowledged is deleted only when the budget forces it; then a
///    `recordsDropped` notice that names the range is in the same commit.
///
/// What SQLite cannot tell: a log that lost its tail to a failing medium looks like one that a power cut left. The
/// commits in that tail are gone and their numbers are given again. Everything before them stands.
enum JournalSchema {
    /// Format of tables and bodies together, in `user_version`. A program refuses a higher one.
    static let version: Int64 = 1

    /// "RLJN" in `application_id`, by which `file` and this program know the format.
    static let applicationID: Int64 = 0x524C_4A4E

    static let pageBytes: Int64 = 4096

    /// Only for reading by people: the program takes kind, start and end from `body`.
    static let objects: [(name: String, sql: String)] = [
        (
            "identity",
            "CREATE TABLE identity (id INTEGER PRIMARY KEY CHECK (id = 1), epoch TEXT NOT NULL) STRICT"
        ),
        ("boot", "CREATE TABLE boot (id INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT"),
        (
            "record",
            """
            CREATE TABLE record (sequence INTEGER PRIMARY KEY, kind INTEGER NOT NULL, boot INTEGER NOT NULL, \
            start_ns INTEGER NOT NULL, end_ns INTEGER NOT NULL, checksum INTEGER NOT NULL, body BLOB NOT NULL) STRICT
            """
        ),
        ("counter", "CREATE TABLE counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID"),
        ("journal", "CREATE VIEW journal AS SELECT sequence, \(kindName) AS kind, boot.name AS boot, start_ns, "
            + "end_ns, length(body) AS bytes FROM record JOIN boot ON boot.id = record.boot ORDER BY sequence"),
    ]

    private static var kindName: String {
        let cases = RecordKind.allCases.map { "WHEN \($0.code) THEN '\($0.rawValue)'" }
        return "CASE kind \(cases.joined(separator: " ")) END"
    }

    /// Names in `counter`.
    enum Counter {
        static let lastSequence = "last_sequence"
        static let acknowledged = "acknowledged:"
        static let total = "total:"
    }

    /// Settings that hold for one connection.
    static func prepareConnection(_ database: Database, cacheKiB: Int) throws(JournalError) {
        // secure_delete, on by default in Debian, would write zeros over every trimmed record: wear for nothing.
        // cell_size_check looks at each page as it comes in, which finds torn pages early.
        try database.execute(
            """
            PRAGMA synchronous = FULL; PRAGMA secure_delete = OFF; PRAGMA cell_size_check = ON; \
            PRAGMA temp_store = MEMORY; PRAGMA cache_size = -\(cacheKiB)
            """, "open")
    }

    /// Makes an empty file a journal. What it must have before its first page is settled first; the rest is one
    /// transaction, so that a power cut leaves either a journal or a file that `isUnfinished`.
    static func create(in database: Database, epoch: JournalEpoch) throws(JournalError) {
        try database.execute("PRAGMA page_size = \(pageBytes); PRAGMA auto_vacuum = INCREMENTAL", "begin")
        try useLog(database)
        let tables = objects.map { $0.sql }.joined(separator: ";\n")
        do throws(JournalError) {
            try database.execute(
                """
                BEGIN IMMEDIATE;
                \(tables);
                INSERT INTO identity VALUES (1, '\(epoch.text)');
                INSERT INTO counter VALUES ('\(Counter.lastSequence)', 0);
                PRAGMA application_id = \(applicationID);
                PRAGMA user_version = \(version);
                COMMIT
                """, "begin")
        } catch {
            database.rollBack()
            throw error
        }
    }

    static func useLog(_ database: Database) throws(JournalError) {
        let mode = try database.text("PRAGMA journal_mode = WAL", "open")
        guard mode == "wal" else {
            throw JournalError(
                kind: .unexpected, operation: "open \(database.path)",
                detail: "the file system does not allow a write-ahead log (mode \(mode ?? "none"))")
        }
    }

    /// Begun, but cut off before anything was in it.
    static func isUnfinished(_ database: Database) throws(JournalError) -> Bool {
        let application = try database.integer("PRAGMA application_id", "open")
        let objects = try database.integer("SELECT count(*) FROM sqlite_schema", "open")
        return application == 0 && objects == 0
    }

    /// Throws `foreign`, `newerVersion`, or `corrupt` when the tables are not those of this version.
    static func check(_ database: Database) throws(JournalError) {
        let operation = "open \(database.path)"
        guard try database.integer("PRAGMA application_id", "open") == applicationID else {
            throw JournalError(
                kind: .foreign, operation: operation, detail: "this is a database, but not a journal of this program")
        }
        let found = try database.integer("PRAGMA user_version", "open") ?? 0
        guard found <= version else {
            throw JournalError(
                kind: .newerVersion, operation: operation,
                detail: "the journal has format \(found), this program knows up to \(version)")
        }
        guard found == version else {
            throw corrupt(database, "the journal has format \(found), which never was")
        }
        for object in objects {
            let statement = try Statement(database, "SELECT sql FROM sqlite_schema WHERE name = ?", "open")
            try statement.bind(1, object.name)
            guard try statement.step(), statement.text(0) == object.sql else {
                throw corrupt(database, "\(object.name) is not defined as it was written")
            }
        }
    }

    static func epoch(_ database: Database) throws(JournalError) -> JournalEpoch {
        let text = try database.text("SELECT epoch FROM identity", "open")
        guard let text, text.utf8.count == 16, let value = UInt64(text, radix: 16) else {
            throw corrupt(database, "the epoch is not readable: \(text ?? "none")")
        }
        return JournalEpoch(rawValue: value)
    }

    static func corrupt(_ database: Database, _ detail: String) -> JournalError {
        JournalError(kind: .corrupt, operation: "read \(database.path)", detail: detail)
    }

    /// Invariant 4.
    static func checksum(sequence: Int64, boot: Int64, body: UnsafeRawBufferPointer) -> Int64 {
        var crc = CRC32()
        crc.add(UInt64(bitPattern: sequence))
        crc.add(UInt64(bitPattern: boot))
        crc.add(body)
        return Int64(crc.value)
    }
}
