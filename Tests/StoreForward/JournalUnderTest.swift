import CSQLite
import SensorCore
import Testing

@testable import StoreForward

/// The error that `body` throws; nil when it throws none.
func caught<T, E: Error>(_ body: () throws(E) -> T) -> E? {
    do throws(E) {
        _ = try body()
        return nil
    } catch {
        return error
    }
}

/// Ways of opening that most tests share.
enum JournalUnderTest {
    static let epoch = JournalEpoch(rawValue: 0xE0E1)
    static let mebibyte: Int64 = 1 << 20

    static func open(
        _ path: String, budget: Int64 = 64 * mebibyte, epoch: JournalEpoch = epoch,
        destinations: [String] = ["mqtt"], knownDamage: JournalError? = nil
    ) throws(JournalError) -> (Journal, OpeningReport) {
        try Journal.open(
            path: path, budgetBytes: budget, epochIfNew: epoch, destinations: destinations.map { JournalDestination($0) },
            knownDamage: knownDamage)
    }

    static func outbox(_ journal: Journal, _ name: String = "mqtt") throws -> any RecordOutbox {
        try #require(journal.outbox(for: name))
    }

    /// Record number `index` of a made-up account; every one is different.
    static func record(_ index: Int, textLength: Int = 20) -> Record {
        let text = String(repeating: "x", count: textLength) + " \(index)"
        return Record(
            bootID: BootID("boot \(index / 100)"),
            body: .notice(
                Notice(
                    kind: .recordsLost, instant: MonotonicInstant(nanoseconds: Int64(index) * 1_000_000_000), utc: nil,
                    text: text, count: UInt64(index))))
    }

    /// Everything a destination can read, in steps of `limit`.
    static func readAll(_ outbox: any RecordOutbox, limit: Int = 100) throws -> [JournalledRecord] {
        var all: [JournalledRecord] = []
        while true {
            let some = try outbox.records(after: all.last?.sequence ?? 0, limit: limit)
            if some.isEmpty { return all }
            all += some
        }
    }

    /// What the file keeps after a number, acknowledged or not, over a connection of its own.
    static func kept(_ path: String, after sequence: UInt64 = 0) throws -> [JournalledRecord] {
        let inspection = try JournalInspection(path: path)
        guard let kept = try inspection.keptRange(), sequence < kept.upperBound else { return [] }
        return try inspection.records(in: max(kept.lowerBound, sequence + 1)...kept.upperBound, limit: .max)
    }

    /// SQL on a file, by SQLite itself and not by the code under test. Rows as text, columns joined by "|".
    @discardableResult
    static func sql(_ path: String, _ sql: String) throws -> [String] {
        var connection: OpaquePointer?
        defer { sqlite3_close_v2(connection) }
        try #require(sqlite3_open(path, &connection) == SQLITE_OK)
        var statement: OpaquePointer?
        defer { sqlite3_finalize(statement) }
        try #require(sqlite3_prepare_v2(connection, sql, -1, &statement, nil) == SQLITE_OK, "\(sql)")
        var rows: [String] = []
        while true {
            let code = sqlite3_step(statement)
            if code == SQLITE_DONE { return rows }
            try #require(code == SQLITE_ROW, "\(sql): \(code)")
            let columns = (0..<sqlite3_column_count(statement)).map { column in
                sqlite3_column_text(statement, column).map { String(cString: $0) } ?? "NULL"
            }
            rows.append(columns.joined(separator: "|"))
        }
    }
}
