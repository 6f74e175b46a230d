import Glibc

/// Temporary journals of simulations that were killed: the next one removes them.
enum LeftSimulations {
    static let prefix = "reallabor-simulation-"
    /// One that has just been made may have no lock yet.
    private static let youngest = 60

    /// Only folders of this user that are old enough, whose journal nobody has locked, and from which the journal's files only are
    /// taken: whatever else lies there stays, and its folder with it.
    static func remove(in folder: String) {
        for name in entries(of: folder) where name.hasPrefix(prefix) { removeOne("\(folder)/\(name)") }
    }

    private static func removeOne(_ path: String) {
        var status = stat()
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR, status.st_uid == getuid(),
            time(nil) - status.st_mtim.tv_sec >= youngest
        else { return }
        let lock = open("\(path)/journal.sqlite.lock", O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        if lock >= 0 {
            defer { close(lock) }
            guard flock(lock, LOCK_EX | LOCK_NB) == 0 else { return }
        }
        for file in entries(of: path) where file.hasPrefix("journal.sqlite") { unlink("\(path)/\(file)") }
        rmdir(path)
    }

    private static func entries(of folder: String) -> [String] {
        guard let directory = opendir(folder) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            names.append(name)
        }
        return names
    }
}
