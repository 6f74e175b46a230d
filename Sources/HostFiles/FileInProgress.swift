import Glibc

/// A file that gets its name once it is whole; until then it lies beside it as NAME.part.
package final class FileInProgress {
    package struct Failure: Error, CustomStringConvertible {
        package var path: String
        /// `errno`.
        package var code: Int32
        package var description: String { "cannot write \(path): \(String(cString: strerror(code)))" }
    }

    private let path: String
    private var descriptor: Int32
    private var waiting: [UInt8] = []
    private var partial: String { path + ".part" }

    package init(_ path: String) throws(Failure) {
        self.path = path
        descriptor = open(path + ".part", O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw Failure(path: path, code: errno) }
    }

    /// An unfinished file is taken away.
    deinit {
        guard descriptor >= 0 else { return }
        close(descriptor)
        unlink(partial)
    }

    package func write(_ text: String) throws(Failure) {
        waiting += Array(text.utf8)
        if waiting.count >= 1 << 16 { try flush() }
    }

    package func finish() throws(Failure) {
        try flush()
        guard fsync(descriptor) == 0, rename(partial, path) == 0 else { throw Failure(path: path, code: errno) }
        close(descriptor)
        descriptor = -1
    }

    private func flush() throws(Failure) {
        var rest = waiting[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno != EINTR { throw Failure(path: path, code: errno) }
            rest = rest.dropFirst(max(0, count))
        }
        waiting = []
    }
}
