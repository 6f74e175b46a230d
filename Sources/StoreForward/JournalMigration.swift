import SensorCore

/// Brings a journal of an older format up to date, in one transaction: a power cut leaves the old one or the new one.
enum JournalMigration {
    static func run(_ database: Database) throws(JournalError) {
        guard try database.integer("PRAGMA application_id", "open") == JournalSchema.applicationID,
            let version = try database.integer("PRAGMA user_version", "open"), (1..<JournalSchema.version).contains(version)
        else { return }
        try JournalSchema.useLog(database)
        guard version == 1 else {
            // The tables are the same, and what bodies of format 2 say is read as ever.
            return try database.execute("PRAGMA user_version = \(JournalSchema.version)", "bring up to date")
        }
        do throws(JournalError) {
            try database.execute("BEGIN IMMEDIATE; " + firstToSecond, "bring up to date")
            let standing = try JournalStanding(database, checksumIsNoted: false)
            try database.execute(
                """
                INSERT INTO counter VALUES ('\(JournalSchema.Counter.checksum)', 0, \(standing.checksum));
                PRAGMA user_version = \(JournalSchema.version); COMMIT
                """, "bring up to date")
        } catch {
            database.rollBack()
            throw error
        }
    }

    /// Version 1 had one epoch, one cursor per destination, and kept the newest records without a gap.
    private static let firstToSecond = """
        CREATE TABLE epoch (first INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT;
        INSERT INTO epoch SELECT 1, epoch FROM identity;
        DROP TABLE identity;
        ALTER TABLE counter RENAME TO counter_1;
        \(JournalSchema.counterTable);
        INSERT INTO counter SELECT name, name LIKE 'acknowledged:%', value FROM counter_1
            WHERE name NOT LIKE 'acknowledged:%' OR value > 0;
        INSERT INTO counter SELECT 'named:' || substr(name, 14), 0, 1 FROM counter_1 WHERE name LIKE 'acknowledged:%';
        INSERT INTO counter SELECT 'gone', 1, gone FROM (
            SELECT coalesce((SELECT min(sequence) FROM record) - 1, value) AS gone FROM counter_1
                WHERE name = 'last_sequence') WHERE gone > 0;
        DROP TABLE counter_1;
        """
}
