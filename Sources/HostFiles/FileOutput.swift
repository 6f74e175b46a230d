import Glibc

/// A new file being written.
final class FileOutput {
    private let path: String
    private let descriptor: Int32

    /// Throws EEXIST when there is something of that name, even a link that leads nowhere.
    init(creating path: String, mode: UInt32) throws(FileError) {
        self.path = path
        descriptor = open(path, O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw FileError(.create, path: path, code: errno) }
    }

    /// Takes over an open descriptor.
    init(_ path: String, descriptor: Int32) {
        self.path = path
        self.descriptor = descriptor
    }

    /// Something that was left behind under the name goes first. A link goes itself, never what it leads to.
    convenience init(replacing path: String, mode: UInt32) throws(FileError) {
        if unlink(path) != 0, errno != ENOENT { throw FileError(.create, path: path, code: errno) }
        try self.init(creating: path, mode: mode)
    }

    deinit { close(descriptor) }

    func write(_ bytes: [UInt8]) throws(FileError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno != EINTR { throw FileError(.write, path: path, code: errno) }
            rest = rest.dropFirst(max(0, count))
        }
    }

    /// Returns when the medium has it.
    func sync() throws(FileError) {
        guard fsync(descriptor) == 0 else { throw FileError(.flush, path: path, code: errno) }
    }
}
