import CSQLite
import Glibc

/// What SQLite alone does with the same rows: one transaction of so many inserts and an update, one sync.
final class BareSQLite {
    private var connection: OpaquePointer?
    private var insert: OpaquePointer?
    private var update: OpaquePointer?

    init(_ path: String) {
        run(sqlite3_open(path, &connection))
        execute(
            """
            PRAGMA page_size = 4096; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
            CREATE TABLE record (sequence INTEGER PRIMARY KEY, kind INTEGER, boot INTEGER, start_ns INTEGER, end_ns INTEGER,
                checksum INTEGER, body BLOB);
            CREATE TABLE counter (name TEXT PRIMARY KEY, value INTEGER) WITHOUT ROWID;
            INSERT INTO counter VALUES ('last', 0)
            """)
        run(sqlite3_prepare_v2(connection, "INSERT INTO record VALUES (NULL, 1, 1, ?1, ?1, ?1, zeroblob(?2))", -1, &insert, nil))
        run(sqlite3_prepare_v2(connection, "UPDATE counter SET value = ?1", -1, &update, nil))
    }

    deinit {
        sqlite3_finalize(insert)
        sqlite3_finalize(update)
        sqlite3_close(connection)
    }

    /// One statement on another program's file.
    static func run(_ sql: String, on path: String) {
        var connection: OpaquePointer?
        defer { sqlite3_close(connection) }
        let isDone = sqlite3_open(path, &connection) == SQLITE_OK && sqlite3_exec(connection, sql, nil, nil, nil) == SQLITE_OK
        if !isDone {
            print("bare SQLite: \(String(cString: sqlite3_errmsg(connection)))")
            exit(70)
        }
    }

    func commit(rows: Int, bytes: Int, number: Int) {
        execute("BEGIN IMMEDIATE")
        for _ in 0..<rows {
            sqlite3_bind_int64(insert, 1, Int64(number))
            sqlite3_bind_int64(insert, 2, Int64(bytes))
            step(insert)
        }
        sqlite3_bind_int64(update, 1, Int64(number))
        step(update)
        execute("COMMIT")
    }

    private func step(_ statement: OpaquePointer?) {
        let code = sqlite3_step(statement)
        if code != SQLITE_DONE { run(code) }
        sqlite3_reset(statement)
    }

    private func execute(_ sql: String) { run(sqlite3_exec(connection, sql, nil, nil, nil)) }

    private func run(_ code: Int32) {
        guard code != SQLITE_OK else { return }
        print("bare SQLite: \(String(cString: sqlite3_errmsg(connection)))")
        exit(70)
    }
}
