package import Calibration
import Glibc
import HostFiles
import NodeConfiguration
import SensorCore

/// The dated records of a node, one file each, in `calibrations/` of its state folder. Files are added and never
/// changed.
package struct CalibrationFolder {
    /// Decades of calibrating; more is a fault of some program, and the node must still start.
    static let largestCount = 1000

    package let path: String

    /// - Parameter state: `$STATE_DIRECTORY`, or the folder of the journal.
    package init(state: String) { path = "\(state)/calibrations" }

    /// The state folder is the journal's own unless the service manager names one.
    package init(journal: String, environment: String? = getenv("STATE_DIRECTORY").map { String(cString: $0) }) {
        let folder = journal.lastIndex(of: "/").map { String(journal[..<$0]) } ?? "."
        // systemd.exec(5): several folders are joined by colons.
        let first = environment?.split(separator: ":").first.map(String.init)
        self.init(state: first ?? (folder.isEmpty ? "/" : folder))
    }

    package struct Content: Hashable {
        package var entries: [CalibrationEntry] = []
        /// One per file that can't be used, named with its place: "…/a.yaml:3:1: …".
        package var faults: [String] = []
    }

    /// Reads all files. A folder that is not there is an empty one.
    package func read() -> Content {
        var content = Content()
        let names: [String]
        do throws(FileError) {
            names = try fileNames()
        } catch {
            return Content(faults: ["\(error)"])
        }
        if names.count > Self.largestCount {
            content.faults.append(
                "\(path): \(names.count) files, of which only \(Self.largestCount) are read, those added last; move old ones elsewhere")
        }
        for name in Self.newest(names, in: path) {
            let file = "\(path)/\(name)"
            guard name.hasSuffix(".yaml"), !name.hasPrefix(".") else {
                let isLeftBehind = name.hasPrefix(".") && name.hasSuffix(".new")
                content.faults.append(
                    isLeftBehind
                        ? "\(file): left behind by a write that did not end; remove it"
                        : "\(file): no calibration record; move it elsewhere")
                continue
            }
            do {
                // No link and no pipe can be passed off as a record.
                let bytes = try FileReader(file, accepting: .ordinaryFileNoLink, as: .text).readAll(limit: CalibrationEntry.largestFile)
                content.entries.append(try CalibrationEntry.parse(bytes, file: file, id: String(name.dropLast(5))))
            } catch {
                content.faults.append("\(error)")
            }
        }
        return content
    }

    /// Keeps an entry for good: it is on the disk, under its final name, when this returns.
    ///
    /// Written under a name of its own first; the final name is a link to the finished file, since a link, unlike a
    /// rename, never takes the place of an entry that is there.
    package func add(_ entry: CalibrationEntry) throws {
        let bytes = Array(entry.fileText.utf8)
        let file = "\(path)/\(entry.id).yaml"
        guard try CalibrationEntry.parse(bytes, file: file, id: entry.id) == entry else {
            throw FileError(.create, path: file, code: EILSEQ)
        }
        if mkdir(path, 0o755) == 0 {
            try giveToOwner(path)
        } else if errno != EEXIST {
            throw FileError(.create, path: path, code: errno)
        }
        // Root may add for another user: the folder is this one, not what a link in its place leads to, and stays so meanwhile.
        let folder = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard folder >= 0 else {
            throw errno == ENOTDIR || errno == ELOOP
                ? FileError(.create, path: path, is: .link) : FileError(.create, path: path, code: errno)
        }
        defer { close(folder) }
        do throws(FileError) {
            try add(bytes, as: "\(entry.id).yaml", in: "/proc/self/fd/\(folder)")
        } catch {
            throw FileError(error.operation, path: file, code: error.code)
        }
    }

    private func add(_ bytes: [UInt8], as name: String, in folder: String) throws(FileError) {
        let (temporary, file) = ("\(folder)/.\(name).\(getpid()).new", "\(folder)/\(name)")
        try DurableFile.create(temporary, bytes, mode: 0o644)
        defer { unlink(temporary) }
        try giveToOwner(temporary)
        guard link(temporary, file) == 0 else { throw FileError(.create, path: file, code: errno) }
        try DurableFile.syncFolder(of: file)
    }

    /// What root adds belongs to whom the state folder does, so that the service is not locked out of it.
    private func giveToOwner(_ file: String) throws(FileError) {
        guard geteuid() == 0 else { return }
        var status = stat()
        guard stat("\(path)/..", &status) == 0, lchown(file, status.st_uid, status.st_gid) == 0 else {
            throw FileError(.own, path: file, code: errno)
        }
    }

    /// What changes whenever a file comes or goes; nil without a folder.
    func version() -> FolderVersion? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        return FolderVersion(
            inode: UInt64(status.st_ino), seconds: Int64(status.st_mtim.tv_sec), nanoseconds: Int64(status.st_mtim.tv_nsec))
    }

    struct FolderVersion: Hashable {
        var inode: UInt64
        var seconds: Int64
        var nanoseconds: Int64
    }

    private func fileNames() throws(FileError) -> [String] {
        do throws(FileError) {
            return try namesInFolder(path)
        } catch {
            if error.code == ENOENT { return [] }
            throw error
        }
    }

    /// At most `largestCount`, by the time of their last change, in the order of their names.
    private static func newest(_ names: [String], in folder: String) -> [String] {
        guard names.count > largestCount else { return names }
        let dated = names.map { name in
            var status = stat()
            let isThere = lstat("\(folder)/\(name)", &status) == 0
            return (name: name, seconds: isThere ? Int64(status.st_ctim.tv_sec) : .min, nanoseconds: Int64(status.st_ctim.tv_nsec))
        }
        return dated.sorted { ($0.seconds, $0.nanoseconds, $0.name) > ($1.seconds, $1.nanoseconds, $1.name) }
            .prefix(largestCount).map(\.name).sorted()
    }
}
