import SensorCore

/// Gives free pages of a journal back to the file system, also while a node writes to it.
public enum JournalCompaction {
    public struct Report: Sendable {
        /// Of the database file, in bytes.
        public var before: Int64
        public var after: Int64
    }

    /// Pages moved in one transaction: short enough that a node's commit never waits long.
    private static let pagesPerStep = 512

    /// - Throws: `locked` when a writer does not let it in for two seconds; what was given back until then stays so.
    public static func run(path: String) throws(JournalError) -> Report {
        // With the lock nobody opens it meanwhile; without, a node has it and SQLite's own locks take turns.
        let lock = JournalLock.holder(journal: path) == nil ? try JournalLock(journal: path) : nil
        let database =
            lock == nil
            ? try Database.visiting(path: path, access: .readWrite)
            : try Database(path: path, access: .readWrite, lock: lock)
        try JournalSchema.check(database)
        try JournalSchema.prepareConnection(database, cacheKiB: 1024)
        try JournalSchema.useLog(database)
        let before = try pages(database)
        while try database.integer("PRAGMA freelist_count", "compact") ?? 0 > 0 {
            try database.execute("PRAGMA incremental_vacuum(\(pagesPerStep))", "compact")
        }
        let after = try pages(database)
        if lock != nil {
            try database.foldLog("compact")
        } else {
            try database.execute("PRAGMA wal_checkpoint(PASSIVE)", "compact")
        }
        let pageBytes = try database.pageBytes()
        return Report(before: before * pageBytes, after: after * pageBytes)
    }

    private static func pages(_ database: Database) throws(JournalError) -> Int64 {
        try database.integer("PRAGMA page_count", "compact") ?? 0
    }
}
