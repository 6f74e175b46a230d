import Glibc
import HostFiles

/// The files a journal consists of: the database, its log (`-wal`) and the log's index (`-shm`). While a damaged one is being
/// replaced, also what goes on from it: `.sound-new` while it is written, `.sound` when it is whole.
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

    /// Where the journal that goes on from a damaged one is written. What an attempt before left is removed.
    func beginReplacement() -> String {
        discardReplacement()
        return path + ".sound-new"
    }

    /// What cannot be removed makes the next attempt fail, which says so.
    func discardReplacement() {
        for suffix in Self.suffixes { unlink(path + ".sound-new" + suffix) }
    }

    /// For a journal of so many bytes, with as much left for others. False also when it cannot be told.
    func hasRoomToSpare(twice bytes: Int64) -> Bool {
        var status = statvfs()
        guard statvfs(DurableFile.folder(of: path), &status) == 0 else { return false }
        return UInt64(status.f_bavail) * UInt64(status.f_frsize) >= 2 * UInt64(max(0, bytes))
    }

    /// It is whole, closed and without a log: from now on a power cut does not lose it.
    func finishReplacement() throws(JournalError) {
        try move(path + ".sound-new", to: path + ".sound")
        try syncDirectory()
    }

    /// To be called when the damaged journal was set aside.
    func useReplacement() throws(JournalError) {
        try move(path + ".sound", to: path)
        try syncDirectory()
    }

    /// A power cut came between setting the damaged journal aside and putting the sound one in its place.
    func completeReplacement(_ finding: Finding) throws(JournalError) {
        guard finding != .database, try size(path + ".sound") != nil else { return }
        // The log is the damaged one's.
        if finding == .logAlone { _ = try setAside() }
        try useReplacement()
    }

    /// The file that can't be read was a journal, as far as anybody can tell: it begins like a database, or with the zeros that a
    /// power cut leaves, or there is a mark beside it. To be asked while this process has no connection to it.
    func wasJournal() throws(JournalError) -> Bool {
        if JournalMark.read(beside: path) != nil { return true }
        do throws(FileError) {
            let head = try FileReader(path, accepting: .ordinaryFile).readAll(limit: 99).prefix(100)
            return head.starts(with: "SQLite format 3\0".utf8) || head.allSatisfy { $0 == 0 }
        } catch {
            throw JournalError("look at \(path)", systemCode: error.stranger == nil ? error.code : EINVAL)
        }
    }

    private func move(_ file: String, to name: String) throws(JournalError) {
        guard rename(file, name) == 0 else { throw JournalError("rename \(file)", systemCode: errno) }
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

    private func syncDirectory() throws(JournalError) {
        do throws(FileError) {
            try DurableFile.syncFolder(of: path)
        } catch {
            throw JournalError("sync \(error.path)", systemCode: error.code)
        }
    }
}
