import Glibc

/// A path as the kernel's functions for Unix sockets want it.
struct SocketAddress {
    private var address = sockaddr_un()

    init(path: String) throws(ControlSocketError) {
        let bytes = Array(path.utf8)
        // The kernel wants room for the final NUL too (unix(7)).
        guard !bytes.isEmpty, bytes.count < MemoryLayout.size(ofValue: address.sun_path), !bytes.contains(0) else {
            throw ControlSocketError(
                "cannot use \(path) as a socket", code: 0, advice: "choose a path of 1 to 107 bytes")
        }
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    }

    func bind(_ descriptor: Int32) -> Int32 { call { Glibc.bind(descriptor, $0, $1) } }
    func connect(_ descriptor: Int32) -> Int32 { call { Glibc.connect(descriptor, $0, $1) } }

    /// Gives the `errno` of a call that failed, 0 for one that did not.
    private func call(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
        withUnsafePointer(to: address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0 ? 0 : errno
            }
        }
    }
}

/// A Unix stream socket that no child inherits. Negative, with `errno`, when there is none to be had.
func makeSocket(isBlocking: Bool) -> Int32 {
    let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | (isBlocking ? 0 : Int32(SOCK_NONBLOCK.rawValue))
    return socket(AF_UNIX, type, 0)
}
