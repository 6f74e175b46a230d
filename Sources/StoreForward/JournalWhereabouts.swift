import Glibc
public import SensorCore

/// Which file a path leads to.
struct FileIdentity: Hashable {
    private var device: UInt64
    private var inode: UInt64

    /// nil where there is nothing, or nothing that can be looked at.
    init?(of path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
    }
}

/// The files of an open journal, as its path led to them.
struct JournalWhereabouts {
    private let path: String
    private var database: FileIdentity?
    /// nil until there is one.
    private var log: FileIdentity?

    init(path: String) {
        self.path = path
        note()
    }

    /// To be called when the connections were opened anew.
    mutating func note() {
        database = FileIdentity(of: path)
        log = FileIdentity(of: path + "-wal")
    }

    mutating func areInPlace() -> Bool {
        guard let found = FileIdentity(of: path), found == database else { return false }
        let foundLog = FileIdentity(of: path + "-wal")
        if log == nil { log = foundLog }
        return log == foundLog
    }
}

extension Journal {
    /// The path leads to the open file. It does not when somebody deleted, moved or replaced the file, its log or its folder: what
    /// is committed then is in no file that anybody finds once this process has ended.
    public var isInPlace: Bool {
        writer.withLock { writer in
            guard let writer, writer.connected != nil else { return true }
            return writer.whereabouts.areInPlace()
        }
    }

    /// Writes what the open files hold to `PATH.sound`, under numbers that go on with `epoch`. Nothing else is changed: where this
    /// fails (no folder, no room) the journal goes on as it is. To be followed by `abandon` and `open` with what this returns.
    public func rescue(under epoch: JournalEpoch, stillBusy: () -> Void = {}) throws(JournalError) -> CarriedOver {
        let acknowledged = acknowledged()
        return try withoutActuallyEscaping(stillBusy) { (stillBusy) throws(JournalError) in
            try rescue(under: epoch, acknowledged, Call(stillBusy))
        }
    }

    private func rescue(
        under epoch: JournalEpoch, _ acknowledged: [String: SequenceRanges], _ stillBusy: Call
    ) throws(JournalError) -> CarriedOver {
        try writer.withLock { (writer) throws(JournalError) in
            guard let writer else {
                throw JournalError(kind: .closed, operation: "rescue \(path)", detail: "the journal was closed")
            }
            try writer.flush(acknowledged: acknowledged)
            return try writer.copyOut(under: epoch, stillBusy)
        }
    }

    /// Lets the files go without touching what the path leads to now. The journal and its outboxes are of no use afterwards.
    public func abandon() {
        for place in places { place.close() }
        letGo()
    }
}

extension JournalWriter {
    fileprivate func copyOut(under epoch: JournalEpoch, _ stillBusy: Call) throws(JournalError) -> CarriedOver {
        try JournalSalvage(of: self).write(into: JournalFiles(path: path), epoch: epoch, budget: budget, stillBusy: stillBusy.body)
    }
}

/// Sendable since it is called by the thread that gave it, within that call.
private struct Call: @unchecked Sendable {
    let body: () -> Void

    init(_ body: @escaping () -> Void) { self.body = body }
}
