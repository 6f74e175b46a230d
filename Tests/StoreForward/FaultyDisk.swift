import CSQLite
import Glibc
import Synchronization

/// A disk that fails where a test tells it to: a layer between SQLite and the system (SQLite's own VFS interface),
/// for all files below one directory. Other files pass through untouched.
///
/// Counts every open, read, write, sync, truncation, deletion and growth of the log's index as one operation.
final class FaultyDisk: Sendable {
    enum Fault: Sendable {
        /// ENOSPC on whatever would need space.
        case full
        /// EROFS on whatever would change the medium.
        case readOnly
        /// EIO on anything.
        case io
    }

    struct Plan: Sendable {
        var fault: Fault
        /// The operation that fails, counted from now: 0 is the next.
        var after: Int
        /// All operations from then on fail too, the first write half done: to the program's next life this looks
        /// like its death at that point.
        var isLasting: Bool
    }

    struct Counts: Sendable, Equatable {
        var operations = 0
        var syncs = 0
        var bytesWritten = 0
        var faults = 0
    }

    private struct State: Sendable {
        var plan: Plan?
        var counts = Counts()
    }

    private let prefix: String
    private let state = Mutex(State())

    /// Only files opened from now on are covered.
    init(below directory: String) {
        prefix = directory + "/"
        Self.all.withLock { $0.append(self) }
        FaultyDiskLayer.install
    }

    func fail(_ fault: Fault, after operations: Int = 0, lasting: Bool) {
        state.withLock { $0.plan = Plan(fault: fault, after: operations, isLasting: lasting) }
    }

    func heal() { state.withLock { $0.plan = nil } }

    var counts: Counts { state.withLock { $0.counts } }

    // MARK: - For the layer

    /// Never shortened: open files point at their disk.
    private static let all = Mutex<[FaultyDisk]>([])

    static func covering(_ path: UnsafePointer<CChar>?) -> FaultyDisk? {
        guard let path else { return nil }
        let name = String(cString: path)
        return all.withLock { $0.last { name.hasPrefix($0.prefix) } }
    }

    enum Operation {
        case open(creating: Bool)
        case read
        case write(bytes: Int)
        case sync
        case truncate
        case delete
        case growIndex
    }

    enum Verdict {
        case proceed
        /// SQLite's result code and the system's; a write may do its first half before it fails.
        case fail(Int32, errno: Int32, halfDone: Bool)
    }

    func judge(_ operation: Operation) -> Verdict {
        state.withLock { state in
            state.counts.operations += 1
            if case .sync = operation { state.counts.syncs += 1 }
            if case .write(let bytes) = operation { state.counts.bytesWritten += bytes }
            guard let plan = state.plan else { return .proceed }
            guard plan.after <= 0 else {
                state.plan?.after -= 1
                return .proceed
            }
            guard let (code, systemCode) = Self.codes(plan.fault, operation) else { return .proceed }
            state.counts.faults += 1
            let isFirst = plan.after == 0
            if plan.isLasting { state.plan?.after = -1 } else { state.plan = nil }
            return .fail(code, errno: systemCode, halfDone: plan.isLasting && isFirst)
        }
    }

    /// SQLite's code, as its Unix layer would give it, and `errno`; nil where this fault does not show.
    private static func codes(_ fault: Fault, _ operation: Operation) -> (Int32, Int32)? {
        let systemCode: Int32
        switch (fault, operation) {
        case (.full, .write): return (SQLITE_FULL, ENOSPC)
        case (.full, .growIndex), (.full, .sync), (.full, .open(creating: true)): systemCode = ENOSPC
        case (.readOnly, .write), (.readOnly, .truncate), (.readOnly, .delete), (.readOnly, .sync),
            (.readOnly, .growIndex), (.readOnly, .open(creating: true)):
            systemCode = EROFS
        case (.full, _), (.readOnly, _): return nil
        case (.io, _): systemCode = EIO
        }
        // SQLITE_IOERR_READ and so on are macros with casts, which Swift does not import.
        let code: Int32 =
            switch operation {
            case .open: SQLITE_CANTOPEN
            case .read: SQLITE_IOERR | 1 << 8
            case .write: SQLITE_IOERR | 3 << 8
            case .sync: SQLITE_IOERR | 4 << 8
            case .truncate: SQLITE_IOERR | 6 << 8
            case .delete: SQLITE_IOERR | 10 << 8
            case .growIndex: SQLITE_IOERR | 19 << 8
            }
        return (code, systemCode)
    }
}
