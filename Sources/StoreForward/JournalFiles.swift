import Glibc

/// The files a journal consists of: the database, its log (`-wal`) and the log's index (`-shm`).
///
/// Never opens them: closing any descriptor of a file drops the locks this process holds on it through SQLite.
struct JournalFiles {
    let path: String

    enum Finding: Equatable {
        case nothing
        case database
        /// A log without the database it belongs to: what a set-aside that was cut off leaves, or a foreign hand.
        case logAlone
    }

    private static let suffixes = ["", "-wal", "-shm"]

    func find() throws(JournalError) -> Finding {
        if try size(path) ?? 0 > 0 { return .database }
        return try size(path + "-wal") ?? 0 > 0 ? .logAlone : .nothing
    }

    /// Renames what is there to `PATH.damaged-N` and its companions, with the first N that is free.
    func setAside() throws(JournalError) -> String {
        var number = 1
        while try isTaken(number) { number += 1 }
        let name = "\(path).damaged-\(number)"
        for suffix in Self.suffixes where try size(path + suffix) != nil {
            guard rename(path + suffix, name + suffix) == 0 else {
                throw JournalError("set aside \(path + suffix)", systemCode: errno)
            }
        }
        try syncDirectory()
        return name
    }

    private func isTaken(_ number: Int) throws(JournalError) -> Bool {
        for suffix in Self.suffixes where try size("\(path).damaged-\(number)\(suffix)") != nil { return true }
        return false
    }

    /// nil when there is no such file.
    private func size(_ file: String) throws(JournalError) -> Int64? {
        var status = stat()
        if stat(file, &status) == 0 { return Int64(status.st_size) }
        let code = errno
        guard code == ENOENT else { throw JournalError("look at \(file)", systemCode: code) }
        return nil
    }

    func isDirectorySynced() -> Bool {
        do throws(JournalError) {
            try syncDirectory()
            return true
        } catch {
            return false
        }
    }

    private func syncDirectory() throws(JournalError) {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        let parent = parts.dropLast().joined(separator: "/")
        let directory = parts.count == 1 ? "." : parent.isEmpty ? "/" : parent
        let descriptor = Glibc.open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw JournalError("sync \(directory)", systemCode: errno) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw JournalError("sync \(directory)", systemCode: errno) }
    }
}
