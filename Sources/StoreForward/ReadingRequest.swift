import SensorCore
import Glibc
import HostFiles

/// Somebody in another process wants to read a journal, or to give its free pages back, while a node has it: a shared
/// `flock` on `PATH.readers`, let go in `deinit` or by the kernel when the process ends, however it ends.
///
/// A node has its file to itself, since SQLite then keeps the log's index in memory: the index in a file (`-shm`) would be
/// written to the medium after every commit. It looks about once a second whether there is a request, and shares the file
/// as long as there is one (`Journal.admitReaders`).
final class ReadingRequest: HeldFile {
    private let descriptor: Int32

    /// nil where the node is of a version that makes no such file, and shares its journal all the time.
    init?(journal path: String) {
        descriptor = Glibc.open(path + ".readers", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        // The node only ever holds it for the moment in which it looks.
        while flock(descriptor, LOCK_SH) != 0, errno == EINTR {}
    }

    deinit {
        guard descriptor >= 0 else { return }
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }
}

/// The node's side: whether there is a request. A file that cannot be made keeps readers out, but no journal shut.
final class ReadingRequests: Sendable {
    private let descriptor: Int32

    init(journal path: String) {
        descriptor = Glibc.open(path + ".readers", O_RDONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0o640)
        // Where it fails the one who makes it is the one who reads it.
        if descriptor >= 0 { _ = giveToFolderOwner(descriptor, path + ".readers") }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    var areThere: Bool {
        guard descriptor >= 0 else { return false }
        guard flock(descriptor, LOCK_EX | LOCK_NB) != 0 else {
            flock(descriptor, LOCK_UN)
            return false
        }
        return errno == EWOULDBLOCK
    }
}

extension Database {
    /// Times a visitor tries, each as long as a call waits for a lock: six seconds.
    private static let visitorTries = 3

    /// Opens a journal that a node may have, and waits until it shares it.
    static func visiting(path: String, access: Access) throws(JournalError) -> Database {
        var tries = 0
        while true {
            let holder = JournalLock.holder(journal: path)
            // The node itself reads beside its own connections.
            let request = holder == nil || holder == getpid() ? nil : ReadingRequest(journal: path)
            do throws(JournalError) {
                let database = try Database(path: path, access: access, lock: request)
                _ = try database.integer("SELECT count(*) FROM sqlite_schema", "open")
                return database
            } catch {
                guard error.kind == .locked else { throw error }
                tries += 1
                guard tries >= visitorTries else { continue }
                throw JournalError(
                    kind: .notAdmitted, operation: error.operation, code: error.code, systemCode: error.systemCode,
                    detail: refusal(path, holder))
            }
        }
    }

    private static func refusal(_ path: String, _ holder: Int32?) -> Sentence {
        if let holder {
            return """
                the node (process \(holder)) has this journal to itself and does not let others in, which it does within a second when it is \
                well; see 'reallabor-node status'
                """
        }
        // SQLite's locks are on bytes from 1 GiB on (sqlite.org/fileformat2.html, "lock-byte page"). No connection of this
        // process is open on the file: closing the descriptor would drop its locks.
        let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return "another process has it locked" }
        defer { close(descriptor) }
        var lock = flock(l_type: Int16(F_WRLCK), l_whence: Int16(SEEK_SET), l_start: 1 << 30, l_len: 512, l_pid: 0)
        guard fcntl(descriptor, F_GETLK, &lock) == 0, lock.l_type != Int16(F_UNLCK), lock.l_pid > 0 else {
            return "another process has it locked"
        }
        return "process \(lock.l_pid) has it locked, and is no node"
    }
}
