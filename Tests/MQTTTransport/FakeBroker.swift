import DeliveryAudit
import Glibc
import Synchronization
import TestSupport

/// Payloads, shared by the connections of a broker.
final class Inbox: Sendable {
    private let payloads = Mutex<[[UInt8]]>([])
    func withLock<Result>(_ body: (inout [[UInt8]]) -> Result) -> Result { payloads.withLock { body(&$0) } }
}

/// A TCP server on loopback that answers, byte for byte, as a script says: one connection after the other.
final class FakeBroker {
    let port: UInt16
    private let server: Server
    private var thread = pthread_t()

    /// `script` runs for each connection on the server's thread; the connection is closed when it returns.
    init(_ script: @escaping @Sendable (Connection) -> Void) throws {
        guard let listener = loopbackSocket(listening: true) else { throw TestFailure("no listener") }
        port = listener.port
        server = Server(listener: listener.descriptor, script: script)
        let context = Unmanaged.passRetained(server).toOpaque()
        pthread_create(
            &thread, nil,
            { context in
                guard let context else { return nil }
                Unmanaged<Server>.fromOpaque(context).takeRetainedValue().run()
                return nil
            }, context)
    }

    /// Payloads of all records that came, in order.
    var received: [[UInt8]] { server.received.withLock { $0 } }

    var connections: Int { server.count.withLock { $0 } }

    deinit {
        server.stop()
        pthread_join(thread, nil)
    }

    private final class Server: Sendable {
        let listener: Int32
        let script: @Sendable (Connection) -> Void
        let count = Mutex(0)
        let received = Inbox()
        /// The open connection, so that `stop` can end a script that waits for bytes.
        private let open = Mutex<(descriptor: Int32?, isStopped: Bool)>((nil, false))

        init(listener: Int32, script: @escaping @Sendable (Connection) -> Void) {
            self.listener = listener
            self.script = script
        }

        func run() {
            while true {
                let descriptor = accept(listener, nil, nil)
                if descriptor < 0 { break }
                _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
                let number = count.withLock { count in
                    count += 1
                    return count
                }
                let isStopped = open.withLock { open in
                    open.descriptor = descriptor
                    return open.isStopped
                }
                if !isStopped { script(Connection(descriptor: descriptor, number: number, received: received)) }
                open.withLock { $0.descriptor = nil }
                close(descriptor)
            }
            close(listener)
        }

        func stop() {
            open.withLock { open in
                open.isStopped = true
                if let descriptor = open.descriptor { shutdown(descriptor, Int32(SHUT_RDWR)) }
            }
            shutdown(listener, Int32(SHUT_RDWR))
        }
    }

    struct Connection {
        let descriptor: Int32
        /// The first is 1.
        let number: Int
        /// Payloads of records, of all connections.
        let received: Inbox

        func send(_ bytes: [UInt8]) {
            _ = bytes.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
        }

        /// False once the node has hung up.
        func isSent(_ bytes: [UInt8]) -> Bool {
            bytes.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) } == bytes.count
        }

        /// What the last record's message says.
        var lastRecord: AuditedRecord? { received.withLock { $0.last }.flatMap { try? AuditedRecord(json: $0) } }

        func read(_ count: Int) -> [UInt8]? {
            var bytes = [UInt8](repeating: 0, count: count)
            var filled = 0
            while filled < count {
                let got = bytes.withUnsafeMutableBytes {
                    recv(descriptor, $0.baseAddress.map { $0 + filled }, count - filled, 0)
                }
                if got <= 0 { return nil }
                filled += got
            }
            return bytes
        }

        /// The next control packet: its first byte and all that follows the length; nil at the end of the stream.
        func packet() -> (first: UInt8, body: [UInt8])? {
            guard let first = read(1)?[0] else { return nil }
            var length = 0
            for shift in stride(from: 0, to: 28, by: 7) {
                guard let byte = read(1)?[0] else { return nil }
                length |= Int(byte & 0x7F) << shift
                if byte < 0x80 { break }
            }
            return read(length).map { (first, $0) }
        }

        /// Reads CONNECT, sends CONNACK with success and no properties, reads the birth and acknowledges it.
        func welcome(connackProperties: [UInt8] = []) -> Bool {
            guard packet()?.first == 0x10 else { return false }
            send([0x20, UInt8(3 + connackProperties.count), 0, 0, UInt8(connackProperties.count)] + connackProperties)
            guard let birth = publish() else { return false }
            send(puback(birth.messageID))
            return true
        }

        /// The next PUBLISH, other packets passed over: its message id and whether it is on the record topic.
        func publish() -> (messageID: UInt16, isRecord: Bool)? {
            while let (first, body) = packet() {
                if first == 0x82 { subscribe(body) }
                guard first & 0xF0 == 0x30 else { continue }
                let topicLength = Int(body[0]) << 8 | Int(body[1])
                let topic = String(decoding: body[2..<2 + topicLength], as: UTF8.self)
                let messageID = UInt16(body[2 + topicLength]) << 8 | UInt16(body[3 + topicLength])
                if topic == "test/record", let brace = body[(4 + topicLength)...].firstIndex(of: UInt8(ascii: "{")) {
                    received.withLock { $0.append(Array(body[brace...])) }
                }
                return (messageID, topic == "test/record")
            }
            return nil
        }

        /// SUBACK with QoS 1 granted, in MQTT 5.
        private func subscribe(_ body: [UInt8]) { send([0x90, 4, body[0], body[1], 0, 1]) }

        /// A message of QoS 0 in MQTT 5, shorter than 128 bytes.
        func message(topic: String, _ payload: String) -> [UInt8] {
            let rest = [0, UInt8(topic.utf8.count)] + Array(topic.utf8) + [0] + Array(payload.utf8)
            return [0x30, UInt8(rest.count)] + rest
        }

        func puback(_ messageID: UInt16, reasonCode: UInt8 = 0) -> [UInt8] {
            let id = [UInt8(messageID >> 8), UInt8(messageID & 0xFF)]
            return reasonCode == 0 ? [0x40, 2] + id : [0x40, 3] + id + [reasonCode]
        }
    }
}
