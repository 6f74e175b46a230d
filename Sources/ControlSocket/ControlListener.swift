import Glibc

/// The socket that clients connect to, as a file that the node's group may use.
final class ControlListener {
    let descriptor: Int32
    private let path: String

    /// Replaces the socket that a dead node left; one that somebody listens on is refused.
    init(path: String) throws(ControlSocketError) {
        let address = try SocketAddress(path: path)
        try Self.clear(path, address)
        descriptor = makeSocket(isBlocking: false)
        self.path = path
        guard descriptor >= 0 else { throw Self.failure(path, errno) }
        var code = address.bind(descriptor)
        // By path: the umask is taken off at bind, and fchmod reaches the socket, not the file that names it. Nobody can
        // connect before listen.
        if code == 0, chmod(path, 0o660) != 0 { code = errno }
        if code == 0, listen(descriptor, 8) != 0 { code = errno }
        guard code == 0 else {
            Glibc.close(descriptor)
            throw Self.failure(path, code)
        }
    }

    func close() {
        unlink(path)
        Glibc.close(descriptor)
    }

    private static func clear(_ path: String, _ address: SocketAddress) throws(ControlSocketError) {
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFSOCK else {
            throw ControlSocketError(
                "cannot listen on \(path)", code: 0, advice: "there is a file that is no socket; choose another path")
        }
        let probe = makeSocket(isBlocking: false)
        guard probe >= 0 else { throw failure(path, errno) }
        defer { Glibc.close(probe) }
        // Only this says that nobody listens any more; a full queue of a living node is EAGAIN.
        guard address.connect(probe) == ECONNREFUSED else {
            throw ControlSocketError(
                "cannot listen on \(path)", code: EADDRINUSE, advice: "another node runs with this control socket")
        }
        guard unlink(path) == 0 || errno == ENOENT else {
            throw ControlSocketError(
                "cannot remove \(path), which a node left that runs no more", code: errno,
                advice: "remove it by hand, or choose another path")
        }
    }

    private static func failure(_ path: String, _ code: Int32) -> ControlSocketError {
        ControlSocketError(
            "cannot listen on \(path)", code: code,
            advice: "the folder must be there and writable: under systemd it is the unit's RuntimeDirectory")
    }
}
