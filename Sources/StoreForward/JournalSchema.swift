import SensorCore

/// The tables of a journal file.
///
/// Invariants, true after every commit:
///
/// 1. Sequence numbers start at 1 and are given in ascending order without a gap, for the life of the file: also
///    across restarts, and also when no record is left. `last_sequence` is the highest ever given.
/// 2. Each row of `epoch` says from which number on it holds, the first from 1; the others began when the file turned
///    out to be an older copy, or to be what was sound in a damaged one. A number's epoch never changes.
/// 3. Every number up to `last_sequence` is either kept, as a row of `record`, or in one of the ranges `gone`; never
///    both. A record never changes.
/// 4. Each row's `checksum` is the CRC-32 of its sequence, its boot row and its body, so that a row that SQLite can
///    read but that is not what was written is found before it is sent.
/// 5. `boot` has one row per run of records of one boot; ids ascend with the sequences. A row with no records, other
///    than the newest, is gone.
/// 6. The ranges `acknowledged:DESTINATION` never shrink and never exceed `last_sequence`; a destination that is renamed
///     takes them along. A number is settled for a
///    destination when it is in them or gone. `total:CHANNEL` never falls.
/// 7. Records, replacements, totals and acknowledgements of one append are committed together with one sync of the log
///    (WAL, synchronous=FULL), or not at all.
/// 8. A record leaves when the budget forces it: first those that are settled for every destination, the oldest first.
///    Then records owed to the same destinations are joined to longer intervals, the oldest first; in the same commit
///    the replacements take new numbers, name the numbers they replace, those that these had replaced included, and are
///    owed to the same destinations. Only when nothing can be joined any more, the oldest are deleted, and a
///    `recordsDropped` notice names them likewise.
/// 9. The counter `checksum` is the CRC-32 of all other counters and the epochs.
/// 10. The ranges `lost` are numbers whose records damage took, `unexplained` those of which such a record may have told what
///     became of them. They are gone; the next append says so, in notices like that of the dropped, and ends the ranges.
/// 11. The ranges `level:N` hold the kept numbers whose records were joined to intervals of level N (`CoarseLevel`), or
///    that joining to it would not have made fewer. Kept numbers in none are as they were measured.
///
/// What SQLite cannot tell: a log that lost its tail to a failing medium looks like one that a power cut left. The
/// commits in that tail are gone and their numbers are given again, unless the mark beside the file (`JournalMark`) or a
/// receiver knows better. Everything before them stands.
enum JournalSchema {
    /// Format of tables and bodies together, in `user_version`. A program refuses a higher one, and brings a lower one up
    /// to date (`JournalMigration`). What `RecordCodec` says may be added takes no new one.
    ///
    /// 1: one epoch, one cursor a destination. 2: ranges. 3: the tables of 2, bodies that leave out what is nearly always so.
    static let version: Int64 = 3

    /// The oldest that can be read as it is.
    static let oldestReadable: Int64 = 2

    /// More than a node can ever give, and few enough that every receiver's numbers hold them (RFC 8259 §6: 2^53). A file that says
    /// otherwise is damaged; sums with numbers up to here can't overflow.
    static let greatestSequence: UInt64 = 1 << 53

    /// A row has no more: what a joined record replaced is bounded (`JournalBudget.rangesPerReplacement`), and so are texts.
    static let greatestRowBytes: Int32 = 1 << 22

    /// "RLJN" in `application_id`, by which `file` and this program know the format.
    static let applicationID: Int64 = 0x524C_4A4E

    /// Of files begun by this program; an older file keeps its own. Each commit writes half a page in vain and four that
    /// only change a little, so small ones spare the medium; below 2 KiB the tree above the rows eats that up.
    static let pageBytes: Int64 = 2048

    /// Columns `kind`, `start_ns` and `end_ns` are only for reading by people: the program takes them from `body`.
    ///
    /// `counter` has both numbers (`first` is 0) and ranges (one row each, `first` to `value`): what changes with every
    /// commit shares a page.
    static let objects: [(name: String, sql: String)] = [
        ("epoch", "CREATE TABLE epoch (first INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT"),
        ("boot", "CREATE TABLE boot (id INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT"),
        (
            "record",
            """
            CREATE TABLE record (sequence INTEGER PRIMARY KEY, kind INTEGER NOT NULL, boot INTEGER NOT NULL, \
            start_ns INTEGER NOT NULL, end_ns INTEGER NOT NULL, checksum INTEGER NOT NULL, body BLOB NOT NULL) STRICT
            """
        ),
        ("counter", counterTable),
        (
            "journal",
            "CREATE VIEW journal AS SELECT sequence, \(kindName) AS kind, boot.name AS boot, start_ns, "
                + "end_ns, length(body) AS bytes FROM record JOIN boot ON boot.id = record.boot ORDER BY sequence"
        ),
    ]

    static let counterTable =
        "CREATE TABLE counter (name TEXT NOT NULL, first INTEGER NOT NULL, value INTEGER NOT NULL, "
        + "PRIMARY KEY (name, first)) STRICT, WITHOUT ROWID"

    /// For people only, and part of the format: every program expects these very words. A kind that came later has no name in
    /// it.
    private static let kindName =
        "CASE kind WHEN 1 THEN 'traffic' WHEN 2 THEN 'climate' WHEN 3 THEN 'node' WHEN 4 THEN 'time_fix' WHEN 5 THEN 'notice' END"

    /// Names in `counter`.
    enum Counter {
        static let lastSequence = "last_sequence"
        static let total = "total:"
        /// Of the opening that committed last, see `JournalMark`.
        static let opening = "opening"
        /// Of `counter` and `epoch` together, as `JournalStanding.checksum` reads them.
        static let checksum = "checksum"
        /// Ranges.
        static let gone = "gone"
        static let lost = "lost"
        static let unexplained = "unexplained"
        static let acknowledged = "acknowledged:"
        static let level = "level:"
        /// A destination that the last opening named.
        static let named = "named:"
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

    /// Settings of a connection that only looks.
    static func prepareReading(_ database: Database, cacheKiB: Int = 512) throws(JournalError) {
        try database.execute(
            "PRAGMA query_only = ON; PRAGMA cell_size_check = ON; PRAGMA temp_store = MEMORY; "
                + "PRAGMA cache_size = -\(cacheKiB)", "open")
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
                INSERT INTO epoch VALUES (1, '\(epoch.text)');
                INSERT INTO counter VALUES ('\(Counter.lastSequence)', 0, 0);
                INSERT INTO counter VALUES ('\(Counter.checksum)', 0, \(JournalStanding(beginning: epoch).checksum));
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

    /// Throws `foreign`, `newerVersion`, `olderVersion`, or `corrupt` when the tables are not those of this version. Gives
    /// the file's format.
    @discardableResult
    static func check(_ database: Database) throws(JournalError) -> Int64 {
        let operation: Sentence = "open \(database.path)"
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
        guard found > 0 else {
            throw corrupt(database, "the journal has format \(found), which never was")
        }
        guard found >= oldestReadable else {
            throw JournalError(
                kind: .olderVersion, operation: operation, detail: "the journal has format \(found), this program writes \(version)")
        }
        for object in objects {
            let statement = try Statement(database, "SELECT sql FROM sqlite_schema WHERE name = ?", "open")
            try statement.bind(1, object.name)
            guard try statement.step(), statement.text(0) == object.sql else {
                throw corrupt(database, "\(object.name) is not defined as it was written")
            }
        }
        return found
    }

    static func corrupt(_ database: Database, _ detail: Sentence) -> JournalError {
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
