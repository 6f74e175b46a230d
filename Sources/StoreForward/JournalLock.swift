import SensorCore
import Glibc
import HostFiles

/// Keeps other processes away from a journal: an exclusive `flock` on `PATH.lock`, let go in `deinit` or by the
/// kernel when the process ends. The lock file stays; it holds the process id of its last holder.
final class JournalLock: HeldFile {
    private let descriptor: Int32

    init(journal path: String) throws(JournalError) {
        let lockPath = path + ".lock"
        let operation: Sentence = "lock \(path)"
        // Root may look after another user's journal: no link there leads it elsewhere, no pipe holds it up, and what it makes is the
        // folder's owner's.
        descriptor = Glibc.open(lockPath, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0o640)
        guard descriptor >= 0 else { throw JournalError("open \(lockPath)", systemCode: errno) }
        guard JournalLock.isPlainFile(descriptor) else { throw JournalError("open \(lockPath)", systemCode: EINVAL) }
        if let code = giveToFolderOwner(descriptor, lockPath) { throw JournalError("hand over \(lockPath)", systemCode: code) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno
            guard code == EWOULDBLOCK else { throw JournalError("lock \(lockPath)", systemCode: code) }
            let holder = JournalLock.processID(in: descriptor)
            throw JournalError(
                kind: .locked, operation: operation, systemCode: code,
                detail: holder.map { "another process (process \($0)) is using this journal" } ?? "another process is using this journal")
        }
        try writeProcessID(lockPath)
    }

    /// The process that has the journal open; nil when none has. 0 when its number cannot be read.
    static func holder(journal path: String) -> Int32? {
        let descriptor = Glibc.open(path + ".lock", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        guard flock(descriptor, LOCK_SH | LOCK_NB) != 0 else {
            flock(descriptor, LOCK_UN)
            return nil
        }
        return errno == EWOULDBLOCK ? processID(in: descriptor) ?? 0 : nil
    }

    deinit {
        guard descriptor >= 0 else { return }
        // Closing alone lets go only when nobody else has the descriptor, and a process that is being started has a copy
        // until it executes its program.
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }

    private static func isPlainFile(_ descriptor: Int32) -> Bool {
        var status = stat()
        return fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG && status.st_nlink == 1
    }

    private func writeProcessID(_ lockPath: String) throws(JournalError) {
        let text = Array("\(getpid())\n".utf8)
        guard ftruncate(descriptor, 0) == 0 else { throw JournalError("write \(lockPath)", systemCode: errno) }
        // The number only serves a message, so a full disk must not keep the journal from opening.
        let written = pwrite(descriptor, text, text.count, 0)
        guard written >= 0 || errno == ENOSPC else { throw JournalError("write \(lockPath)", systemCode: errno) }
    }

    private static func processID(in descriptor: Int32) -> Int32? {
        var bytes = [UInt8](repeating: 0, count: 16)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        guard count > 0 else { return nil }
        return Int32(String(decoding: bytes[..<count].prefix { $0 != 10 }, as: UTF8.self))
    }
}
