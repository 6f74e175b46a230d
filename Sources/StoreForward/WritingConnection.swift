/// The connection that writes, with what is prepared on it.
final class WritingConnection {
    let database: Database
    let statements: WritingStatements
    let reader: JournalReader

    init(_ database: Database, _ budget: JournalBudget) throws(JournalError) {
        self.database = database
        try database.execute(
            """
            PRAGMA wal_autocheckpoint = \(budget.logPages); PRAGMA journal_size_limit = \(budget.logLimitBytes)
            """, "open")
        statements = try WritingStatements(database)
        reader = try JournalReader(database)
    }
}

/// The statements of an append, prepared once.
struct WritingStatements {
    /// A statement of so many rows costs less than so many statements; a reference box makes twice as many a minute.
    static let rowsAtOnce = 9

    let begin: Statement
    let commit: Statement
    let insertRecord: Statement
    /// The same for `rowsAtOnce`.
    let insertRecords: Statement
    let insertBoot: Statement
    let setCounter: Statement
    let removeCounter: Statement
    let deleteRecords: Statement
    let deleteBoots: Statement
    let deleteNewestBoots: Statement
    let pageCount: Statement
    let freePages: Statement

    init(_ database: Database) throws(JournalError) {
        let verb = "append to"
        begin = try Statement(database, "BEGIN IMMEDIATE", verb)
        commit = try Statement(database, "COMMIT", verb)
        // OR FAIL: what is half done goes with the transaction anyway, and SQLite need not note how to undo the statement alone.
        let insert = "INSERT OR FAIL INTO record VALUES "
        let row = "(?, ?, ?, ?, ?, ?, ?)"
        insertRecord = try Statement(database, insert + row, verb)
        let others = String(repeating: ", " + row, count: Self.rowsAtOnce - 1)
        insertRecords = try Statement(database, insert + row + others, verb)
        insertBoot = try Statement(database, "INSERT INTO boot VALUES (?1, ?2)", verb)
        setCounter = try Statement(
            database,
            "INSERT INTO counter VALUES (?1, ?2, ?3) ON CONFLICT (name, first) DO UPDATE SET value = excluded.value",
            verb)
        removeCounter = try Statement(database, "DELETE FROM counter WHERE name = ?1 AND first = ?2", verb)
        deleteRecords = try Statement(database, "DELETE FROM record WHERE sequence BETWEEN ?1 AND ?2", verb)
        // Boot rows ascend with the sequences, so those between the neighbours of what was deleted have no records.
        deleteBoots = try Statement(
            database,
            """
            DELETE FROM boot WHERE id > coalesce((SELECT boot FROM record WHERE sequence < ?1 ORDER BY sequence DESC LIMIT 1), 0) \
            AND id < coalesce((SELECT boot FROM record WHERE sequence > ?2 ORDER BY sequence LIMIT 1), \
            (SELECT max(id) FROM boot))
            """, verb)
        deleteNewestBoots = try Statement(
            database,
            "DELETE FROM boot WHERE id > coalesce((SELECT boot FROM record ORDER BY sequence DESC LIMIT 1), 0)", verb)
        pageCount = try Statement(database, "PRAGMA page_count", verb)
        freePages = try Statement(database, "PRAGMA freelist_count", verb)
    }
}
