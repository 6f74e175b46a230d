import Glibc

/// A file that gets its name once it is whole; until then it lies beside it as NAME.part.
public final class FileInProgress {
    private let path: String
    private let output: FileOutput
    private var waiting: [UInt8] = []
    private var isFinished = false
    private var partial: String { path + ".part" }

    /// Throws when something that is no ordinary file has the name: it is not replaced.
    public init(_ path: String) throws(FileError) {
        self.path = path
        var status = stat()
        if stat(path, &status) == 0, let stranger = FileError.Stranger(status.st_mode) {
            throw FileError(.write, path: path, is: stranger)
        }
        output = try FileOutput(replacing: path + ".part", mode: 0o644)
    }

    /// An unfinished file is taken away.
    deinit { if !isFinished { unlink(partial) } }

    public func write(_ text: String) throws(FileError) {
        waiting += Array(text.utf8)
        if waiting.count >= 1 << 16 { try flush() }
    }

    public func finish() throws(FileError) {
        try flush()
        try output.sync()
        guard rename(partial, path) == 0 else { throw FileError(.rename, path: partial, code: errno) }
        isFinished = true
    }

    private func flush() throws(FileError) {
        try output.write(waiting)
        waiting = []
    }
}
