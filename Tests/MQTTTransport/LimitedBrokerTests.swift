import Glibc
import SensorCore
import Synchronization
import TestSupport
import Testing
import TransportProcess

@testable import MQTTTransport

/// Brokers that lack something.
@Suite(.serialized, .blocksItsThread) struct LimitedBrokerTests {
    private func publisher(
        _ broker: FakeBroker, records: UInt64 = 3, adjust: (inout TestSettings) -> Void = { _ in }
    ) throws -> RunningPublisher {
        try RunningPublisher(port: broker.port, outbox: MemoryOutbox(records: records)) {
            $0.timing.longestBackOff = .milliseconds(20)
            adjust(&$0)
        }
    }

    @Test("A will that must not be kept is given as one that is not, and that is said once")
    func willWithoutRetain() throws {
        let broker = try FakeBroker { connection in
            guard let (_, body) = connection.packet() else { return }
            // Connect flags: will retain is 0x20.
            if body[7] & 0x20 != 0 {
                connection.send([0x20, 5, 0, 0x9A, 2, 0x25, 0])
                while connection.packet() != nil {}
                return
            }
            connection.send([0x20, 5, 0, 0, 2, 0x25, 0])
            while let (messageID, _) = connection.publish() { connection.send(connection.puback(messageID)) }
        }
        let node = try publisher(broker)
        try node.waitUntilAcknowledged(3)
        #expect(broker.connections == 2)
        #expect(node.log.lines.contains { $0.contains("keeps no messages (retain not supported)") }, "\(node.log.lines)")
        #expect(!node.log.lines.contains { $0.hasPrefix("warning") }, "\(node.log.lines)")
    }

    @Test("MQTT 3.1.1: a broker that closes over every retained message gets the records without them")
    func closesOverRetained() throws {
        let broker = try FakeBroker { connection in
            guard connection.packet()?.first == 0x10 else { return }
            connection.send([0x20, 2, 0, 0])
            while let (first, body) = connection.packet() {
                guard first & 0xF0 == 0x30 else { continue }
                // RETAIN is the lowest bit (MQTT 3.1.1 §3.3.1.3).
                if first & 1 != 0 { return }
                let topicLength = Int(body[0]) << 8 | Int(body[1])
                connection.send([0x40, 2, body[2 + topicLength], body[3 + topicLength]])
            }
        }
        let node = try publisher(broker) { $0.version = .mqtt311 }
        try node.waitUntilAcknowledged(3)
        #expect(broker.connections == 4)
        #expect(
            node.log.lines.count { $0.contains("closes the connection over what the node says of itself on test/status") } == 1,
            "\(node.log.lines)")
    }

    @Test("A broker that acknowledges nothing is sent nothing, and that is said")
    func maximumQoSZero() throws {
        let records = Mutex(0)
        let broker = try FakeBroker { connection in
            _ = connection.packet()
            connection.send([0x20, 5, 0, 0, 2, 0x24, 0])
            while let (first, _) = connection.packet() { if first & 0xF0 == 0x30 { records.withLock { $0 += 1 } } }
        }
        let node = try publisher(broker)
        try eventually("some tries") { broker.connections >= 3 }
        #expect(node.publisher.snapshot.lastError?.contains("acknowledges nothing (it offers QoS 0 only)") == true)
        #expect(node.log.lines.count == 1 && records.withLock { $0 } == 0, "\(node.log.lines)")
    }

    @Test("Receive Maximum 1 and a keep-alive of the broker's are kept")
    func receiveMaximumOne() throws {
        let pings = Mutex(0)
        let broker = try FakeBroker { connection in
            _ = connection.packet()
            // Receive Maximum 1, Server Keep Alive 1 s.
            connection.send([0x20, 9, 0, 0, 6, 0x21, 0, 1, 0x13, 0, 1])
            while let (first, body) = connection.packet() {
                if first == 0xC0 {
                    pings.withLock { $0 += 1 }
                    connection.send([0xD0, 0])
                }
                guard first & 0xF0 == 0x30 else { continue }
                let topic = Int(body[0]) << 8 | Int(body[1])
                connection.send(connection.puback(UInt16(body[2 + topic]) << 8 | UInt16(body[3 + topic])))
            }
        }
        let node = try publisher(broker, records: 30)
        try node.waitUntilAcknowledged(30)
        try eventually("pings") { pings.withLock { $0 } >= 2 }
        #expect(node.publisher.snapshot.connectionsLost == 0)
    }

    @Test(
        "Where the broker sends its clients is said, not followed",
        arguments: [(0x9C, false), (0x9D, false), (0x9D, true)] as [(UInt8, Bool)])
    func redirected(_ code: UInt8, _ isLater: Bool) throws {
        let name = Array("other.example:8883".utf8)
        let properties = [0x1C, 0, UInt8(name.count)] + name
        let broker = try FakeBroker { connection in
            if isLater {
                guard connection.welcome() else { return }
                connection.send([0xE0, UInt8(2 + properties.count), code, UInt8(properties.count)] + properties)
            } else {
                _ = connection.packet()
                connection.send([0x20, UInt8(3 + properties.count), 0, code, UInt8(properties.count)] + properties)
            }
            while connection.packet() != nil {}
        }
        let node = try publisher(broker, records: 0)
        try eventually("it is said: \(node.log.lines)") {
            // Of a DISCONNECT libmosquitto 2.0 does not hand it over.
            node.log.lines.contains {
                $0.contains(#"another broker is to be used, "other.example:8883": ask whoever"#)
                    || isLater && $0.contains("another broker is to be used: ask whoever")
            }
        }
    }

    @Test("A web server is told from a broker")
    func webServer() throws {
        let broker = try FakeBroker { connection in
            _ = connection.packet()
            connection.send(Array("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n".utf8))
        }
        let node = try publisher(broker)
        try eventually("some tries") { broker.connections >= 4 }
        let words = node.publisher.snapshot.lastError ?? ""
        #expect(words.contains("does not speak MQTT") && !words.contains("Success"), "\(words)")
        #expect(node.log.lines.count == 1, "\(node.log.lines)")
    }

    @Test("An id that the broker assigns though the node has one is called what it is")
    func assignedClientID() throws {
        let broker = try FakeBroker { connection in
            _ = connection.packet()
            connection.send([0x20, 7, 0, 0, 4, 0x12, 0, 1, 0x78])
            while connection.packet() != nil {}
        }
        let node = try publisher(broker)
        try eventually("a fault") { node.publisher.snapshot.lastError != nil }
        #expect(node.publisher.snapshot.lastError?.contains("does not speak MQTT as it should") == true)
    }
}
