package import Glibc
import SensorCore

package func loopbackAddress(port: UInt16) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    return address
}

/// A loopback socket: listening, on a port the system chose, or connected; nil when that fails.
package func loopbackSocket(listening: Bool, port: UInt16 = 0) -> (descriptor: Int32, port: UInt16)? {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var address = loopbackAddress(port: port)
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let done = withUnsafeMutablePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
            listening
                ? bind(descriptor, address, size) == 0 && listen(descriptor, 16) == 0
                    && getsockname(descriptor, address, &size) == 0
                : connect(descriptor, address, size) == 0
        }
    }
    guard done else {
        close(descriptor)
        return nil
    }
    return (descriptor, UInt16(bigEndian: address.sin_port))
}

/// A port nobody listens on at the moment.
package func freePort() throws -> UInt16 {
    guard let probe = loopbackSocket(listening: true) else { throw TestFailure("no free port: \(systemText(errno))") }
    close(probe.descriptor)
    return probe.port
}
