import Glibc
import Testing

/// A real mosquitto on a free loopback port.
final class Broker {
    let port: UInt16
    private let folder = ScratchFolder()
    private let process: ProgramRun

    init() throws {
        let port = try freePort()
        self.port = port
        let configuration = folder.write(
            "mosquitto.conf", "listener \(port) 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\n")
        process = try ProgramRun("/usr/sbin/mosquitto", ["-v", "-c", configuration])
        let log = process
        try #require(wait(seconds: 20) { log.errors.contains(" running") }, "mosquitto: \(log.errors)")
    }

    var log: String { process.errors }
}

/// mosquitto_sub: an independent receiver of everything.
final class Receiver {
    private let process: ProgramRun

    /// Each line: 1 for retained, topic, payload.
    init(_ broker: Broker, id: String = "receiver") throws {
        process = try ProgramRun(
            "mosquitto_sub",
            ["-h", "127.0.0.1", "-p", "\(broker.port)", "-V", "5", "-t", "#", "-q", "1", "-i", id, "-F", "%r %t %p"])
        try #require(wait(seconds: 20) { broker.log.contains("Sending SUBACK to \(id)") }, "\(broker.log)")
    }

    struct Message {
        var isRetained: Bool
        var topic: String
        var payload: String
    }

    var messages: [Message] {
        process.output.split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ", maxSplits: 2)
            guard words.count == 3 else { return nil }
            return Message(isRetained: words[0] == "1", topic: String(words[1]), payload: String(words[2]))
        }
    }
}

/// A port nobody listens on at the moment.
func freePort() throws -> UInt16 {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            bind(descriptor, $0, size) == 0 && getsockname(descriptor, $0, &size) == 0
        }
    }
    try #require(isBound, "no free port: errno \(errno)")
    return UInt16(bigEndian: address.sin_port)
}
