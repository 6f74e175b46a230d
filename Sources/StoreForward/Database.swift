import SensorCore
import CSQLite
import Glibc

/// One SQLite connection, closed in `deinit`.
///
/// Opened with SQLITE_OPEN_NOMUTEX: SQLite lets any thread use it, but only one at a time. Its owner sees to that.
final class Database {
    fileprivate let handle: OpaquePointer
    let path: String
    /// Let go only after the connection was closed.
    private let lock: (any HeldFile)?

    /// What other processes may do with the file meanwhile.
    enum Sharing {
        /// Nothing. The log's index is in this process's memory, for all of its connections, of which the one that writes
        /// is the first.
        case alone
        /// Read and write in turns. The log's index is a file.
        case shared

        /// SQLite's layer to the system (sqlite.org/vfs.html); nil is the usual one.
        fileprivate var layer: String? { self == .alone ? "unix-excl" : nil }
    }

    enum Access {
        case readWriteCreating
        case readWrite
        case readOnly
        /// As `readWrite`, and what is wrong with the file as a whole (shorter than it says, a schema that can't be used) keeps
        /// nobody from reading the rest.
        case salvaging
        /// Nobody writes to the file while this is open: no log, no locks. For copies on media that cannot be written to.
        case unchanging

        fileprivate var flags: Int32 {
            switch self {
            case .readWriteCreating: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
            case .readWrite, .salvaging: SQLITE_OPEN_READWRITE
            case .readOnly: SQLITE_OPEN_READONLY
            case .unchanging: SQLITE_OPEN_READONLY | SQLITE_OPEN_URI
            }
        }
    }

    /// How long a call waits for the lock of another connection before it fails as `locked`.
    private static let busyTimeoutMilliseconds: Int32 = 2_000

    init(
        path: String, access: Access, sharing: Sharing = .shared, lock: (any HeldFile)? = nil
    ) throws(JournalError) {
        // Debian's SQLite takes "file:…" for a URI and ":memory:" for no file at all; a path with a slash is a path.
        var plainPath = path.hasPrefix("/") ? path : "./" + path
        if case .unchanging = access { plainPath = "file:\(Self.escaped(plainPath))?immutable=1" }
        var connection: OpaquePointer?
        errno = 0
        let code = sqlite3_open_v2(
            plainPath, &connection, access.flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, sharing.layer)
        guard let connection else {
            throw JournalError(kind: .unexpected, operation: "open \(path)", code: code, detail: "no memory")
        }
        handle = connection
        self.path = path
        self.lock = lock
        guard code == SQLITE_OK else { throw error("open", code) }
        sqlite3_busy_timeout(connection, Self.busyTimeoutMilliseconds)
        // A damaged or planted row that claims more is refused before memory is taken for it.
        sqlite3_limit(connection, SQLITE_LIMIT_LENGTH, JournalSchema.greatestRowBytes)
        try configure(csqlite_distrust_schema(connection))
        // A file found damaged is evidence and stays as it is; only an orderly close copies the log.
        try configure(csqlite_keep_log_on_close(connection, 1))
        // Before anything is read: a file shorter than its header says is refused otherwise (btree.c, lockBtree).
        if case .salvaging = access { try execute("PRAGMA writable_schema = ON", "open") }
    }

    deinit { sqlite3_close_v2(handle) }

    /// For a URI: SQLite takes "%", "?" and "#" in it for something else.
    private static func escaped(_ path: String) -> String {
        var text = ""
        for character in path {
            switch character {
            case "%": text += "%25"
            case "?": text += "%3F"
            case "#": text += "%23"
            default: text.append(character)
            }
        }
        return text
    }

    private func configure(_ code: Int32) throws(JournalError) {
        guard code == SQLITE_OK else { throw error("open", code) }
    }

    /// Copies the whole log into the database, waits for it to be on the medium and cuts the log to nothing, so that
    /// the last connection to close deletes it.
    func foldLog(_ operation: String) throws(JournalError) {
        errno = 0
        let code = sqlite3_wal_checkpoint_v2(handle, nil, SQLITE_CHECKPOINT_TRUNCATE, nil, nil)
        guard code == SQLITE_OK else { throw error(operation, code) }
        try configure(csqlite_keep_log_on_close(handle, 0))
    }

    /// Opens it for this process alone, or shared where another process has it open.
    static func aloneIfPossible(
        path: String, access: Access, lock: (any HeldFile)?
    ) throws(JournalError) -> (database: Database, sharing: Sharing) {
        do throws(JournalError) {
            let database = try Database(path: path, access: access, sharing: .alone, lock: lock)
            // A visitor that is just leaving needs a moment; nobody else is waited for.
            sqlite3_busy_timeout(database.handle, 100)
            _ = try database.integer("PRAGMA schema_version", "open")
            sqlite3_busy_timeout(database.handle, busyTimeoutMilliseconds)
            return (database, .alone)
        } catch {
            guard error.kind == .locked else { throw error }
        }
        return (try Database(path: path, access: access, lock: lock), .shared)
    }

    /// Of this file; one begun by an older program has larger pages.
    func pageBytes() throws(JournalError) -> Int64 {
        try integer("PRAGMA page_size", "open") ?? JournalSchema.pageBytes
    }

    /// Runs statements that give no rows anyone wants.
    func execute(_ sql: String, _ operation: String) throws(JournalError) {
        errno = 0
        let code = sqlite3_exec(handle, sql, nil, nil, nil)
        guard code == SQLITE_OK else { throw error(operation, code) }
    }

    /// The first column of the first row; nil when there is no row or it is NULL.
    func integer(_ sql: String, _ operation: String) throws(JournalError) -> Int64? {
        try Statement(self, sql, operation).firstInteger()
    }

    /// The first column of the first row; nil when there is no row or it is NULL.
    func text(_ sql: String, _ operation: String) throws(JournalError) -> String? {
        let statement = try Statement(self, sql, operation)
        return try statement.step() ? statement.text(0) : nil
    }

    /// Ends the transaction, if there still is one: some faults make SQLite roll back by itself. Where the rollback
    /// fails too, the transaction is over all the same, and the fault that led here is the one that tells.
    func rollBack() {
        if sqlite3_get_autocommit(handle) == 0 { _ = sqlite3_exec(handle, "ROLLBACK", nil, nil, nil) }
    }

    /// To be called straight after the call that failed, which must have been given an `errno` of 0: SQLite notes the
    /// system's code itself when a statement fails, but not when a commit does, and then still has an older one.
    func error(_ operation: String, _ code: Int32) -> JournalError {
        let lastCode = errno
        let systemCode = lastCode != 0 ? lastCode : sqlite3_system_errno(handle)
        // A row that was never written claims to be as long.
        let kind = code & 0xFF == SQLITE_TOOBIG && operation == "read" ? .corrupt : Self.kind(of: code, systemCode)
        let isSystemFault = [.full, .readOnly, .cannotOpen, .io].contains(kind) && systemCode != 0
        return JournalError(
            kind: kind, operation: Self.sentence(operation, path), code: code,
            systemCode: isSystemFault ? systemCode : 0,
            detail: Sentence(verbatim: isSystemFault ? systemText(systemCode) : String(cString: sqlite3_errmsg(handle))))
    }

    /// What was to be done, and with which journal.
    private static func sentence(_ verb: String, _ path: String) -> Sentence {
        switch verb {
        case "open": "open \(path)"
        case "read": "read \(path)"
        case "append to": "append to \(path)"
        case "verify": "verify \(path)"
        case "compact": "compact \(path)"
        case "close": "close \(path)"
        case "begin": "begin \(path)"
        case "begin an epoch in": "begin an epoch in \(path)"
        case "bring up to date": "bring \(path) up to date"
        case "carry records over to": "carry records over to \(path)"
        default: "\(verb) \(path)"
        }
    }

    /// SQLite names a full or read-only medium only where a plain write found it; elsewhere (sync, log index) it is
    /// an I/O error and the system's own code tells.
    static func kind(of code: Int32, _ systemCode: Int32) -> JournalError.Kind {
        switch code & 0xFF {
        // A number or name that is there already was never given: only damage can bring it up.
        case SQLITE_CORRUPT, SQLITE_NOTADB, SQLITE_CONSTRAINT: return .corrupt
        case SQLITE_FULL: return .full
        case SQLITE_READONLY: return .readOnly
        case SQLITE_BUSY, SQLITE_LOCKED, SQLITE_PROTOCOL: return .locked
        case SQLITE_IOERR, SQLITE_CANTOPEN:
            let kind = JournalError.Kind(systemCode: systemCode)
            return kind == .cannotOpen && code & 0xFF == SQLITE_IOERR ? .io : kind
        case SQLITE_PERM, SQLITE_AUTH: return .cannotOpen
        default: return .unexpected
        }
    }
}

/// A lock on a file that ends with its holder.
protocol HeldFile: AnyObject, Sendable {}

/// SQLITE_TRANSIENT, whose cast Swift does not import.
private let copying = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

/// One prepared statement, kept for reuse and finalised in `deinit`. Keeps its connection open.
final class Statement {
    private let database: Database
    private let handle: OpaquePointer
    /// The verb of its errors: "append to".
    private let operation: String

    init(_ database: Database, _ sql: String, _ operation: String) throws(JournalError) {
        var prepared: OpaquePointer?
        errno = 0
        let code = sqlite3_prepare_v3(
            database.handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &prepared, nil)
        guard code == SQLITE_OK, let prepared else { throw database.error(operation, code) }
        self.database = database
        self.operation = operation
        handle = prepared
    }

    deinit { sqlite3_finalize(handle) }

    /// Runs to the end and is ready for the next run, also when it failed.
    func run(_ values: Int64...) throws(JournalError) {
        defer { reset() }
        for (index, value) in values.enumerated() { bind(Int32(index + 1), value) }
        while try step() {}
    }

    /// The same, for what is part of several operations.
    func run(as operation: String) throws(JournalError) {
        defer { reset() }
        while try step(as: operation) {}
    }

    /// Runs to the first row and gives its first column; nil when there is no row or it is NULL.
    func firstInteger() throws(JournalError) -> Int64? {
        defer { reset() }
        guard try step(), !isNull(0) else { return nil }
        return integer(0)
    }

    func bind(_ index: Int32, _ value: Int64) {
        let code = sqlite3_bind_int64(handle, index, value)
        precondition(code == SQLITE_OK, "parameter \(index) of a statement of this file")
    }

    /// SQLite takes a copy.
    func bind(_ index: Int32, _ value: String) throws(JournalError) {
        var value = value
        // With its length: a name may contain a zero byte.
        let code = value.withUTF8 { text in
            text.withMemoryRebound(to: CChar.self) {
                sqlite3_bind_text(handle, index, $0.baseAddress, Int32($0.count), copying)
            }
        }
        guard code == SQLITE_OK else { throw database.error(operation, code) }
    }

    /// No copy: `value` must stay until `reset`.
    func bind(_ index: Int32, _ value: UnsafeRawBufferPointer) throws(JournalError) {
        let code = sqlite3_bind_blob64(handle, index, value.baseAddress, UInt64(value.count), nil)
        guard code == SQLITE_OK else { throw database.error(operation, code) }
    }

    /// True when there is a row.
    func step() throws(JournalError) -> Bool { try step(as: operation) }

    private func step(as operation: String) throws(JournalError) -> Bool {
        errno = 0
        let code = sqlite3_step(handle)
        switch code {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        default: throw database.error(operation, code)
        }
    }

    func reset() {
        sqlite3_reset(handle)
        sqlite3_clear_bindings(handle)
    }

    func isNull(_ column: Int32) -> Bool { sqlite3_column_type(handle, column) == SQLITE_NULL }

    func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(handle, column) }

    /// nil when it is NULL.
    func text(_ column: Int32) -> String? {
        guard let start = sqlite3_column_text(handle, column) else { return nil }
        let bytes = UnsafeBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, column)))
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Valid until the next step or reset.
    func bytes(_ column: Int32) -> UnsafeRawBufferPointer {
        let start = sqlite3_column_blob(handle, column)
        return UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, column)))
    }
}
