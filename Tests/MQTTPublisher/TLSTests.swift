import SensorCore
import Testing

@testable import MQTTPublisher

@Suite(.serialized) struct TLSTests {
    func broker(certificate: String = Fixtures.serverCertificate, key: String = Fixtures.serverKey) throws -> TestBroker {
        try TestBroker(
            "allow_anonymous true\ncertfile DIR/server.crt\nkeyfile DIR/server.key",
            files: ["server.crt": certificate, "server.key": key])
    }

    func publisher(_ broker: TestBroker, authority: String, records: UInt64 = 50) throws -> RunningPublisher {
        let file = try broker.directory.write(authority, to: "authority.crt")
        return try RunningPublisher(port: broker.port, outbox: MemoryOutbox(records: records)) {
            $0.tls = .init(authorityFile: file)
        }
    }

    func expectHandshakeFault(_ node: RunningPublisher, _ broker: TestBroker) {
        let words = node.publisher.snapshot.lastError ?? ""
        #expect(words.hasPrefix("TLS with broker 127.0.0.1:\(broker.port) failed ("), "\(words)")
    }

    @Test(arguments: [1, 3_000] as [UInt64])
    func recordsArrive(_ records: UInt64) throws {
        let broker = try broker()
        let node = try publisher(broker, authority: Fixtures.authority, records: records)
        try node.waitUntilAcknowledged(records)
        node.stop()
        #expect(node.publisher.snapshot.connectionsLost == 0)
        try eventually("DISCONNECT") { broker.log.contains("Received DISCONNECT from node") }
    }

    @Test func foreignAuthorityIsRefused() throws {
        let broker = try broker()
        let node = try publisher(broker, authority: Fixtures.foreignAuthority)
        try eventually("a fault") { node.publisher.snapshot.lastError != nil }
        let words = node.publisher.snapshot.lastError ?? ""
        #expect(words.hasPrefix("TLS with broker 127.0.0.1:\(broker.port) failed ("))
        #expect(words.contains("certificate verify failed"))
        node.stop()
        #expect(node.outbox.acknowledgedThrough == 0)
    }

    @Test func certificateOfAnotherHostIsRefused() throws {
        let broker = try broker(certificate: Fixtures.otherCertificate, key: Fixtures.otherKey)
        let node = try publisher(broker, authority: Fixtures.authority)
        try eventually("a fault") { node.publisher.snapshot.lastError != nil }
        expectHandshakeFault(node, broker)
        node.stop()
        #expect(node.outbox.acknowledgedThrough == 0)
    }

    @Test func plainPortIsNamed() throws {
        let broker = try TestBroker()
        let node = try publisher(broker, authority: Fixtures.authority)
        try eventually("a fault") { node.publisher.snapshot.lastError != nil }
        expectHandshakeFault(node, broker)
    }

    @Test func silentPortIsGivenUp() throws {
        let broker = try FakeBroker { while $0.packet() != nil {} }
        let directory = try ScratchDirectory()
        let file = try directory.write(Fixtures.authority, to: "authority.crt")
        let node = try RunningPublisher(port: broker.port, outbox: MemoryOutbox(records: 1)) {
            $0.tls = .init(authorityFile: file)
            $0.timing.connectTimeout = .milliseconds(100)
        }
        try eventually("four connections") { broker.connections >= 4 }
        #expect(node.log.lines.count == 1)
    }

    @Test func plainTalkToATLSPortIsNamed() throws {
        let broker = try broker()
        let node = try RunningPublisher(port: broker.port, outbox: MemoryOutbox(records: 1))
        try eventually("a fault") { node.publisher.snapshot.lastError != nil }
        #expect(
            node.publisher.snapshot.lastError == "broker 127.0.0.1:\(broker.port) closed the connection without an answer: "
                + "does it expect TLS on this port?")
    }

    @Test func missingFileIsNamed() throws {
        let node = try RunningPublisher(port: 8883, outbox: MemoryOutbox()) {
            $0.tls = .init(authorityFile: "/nowhere/ca.crt")
        }
        try eventually("a fault") { node.publisher.snapshot.lastError != nil }
        #expect(
            node.publisher.snapshot.lastError
                == "mqtt.ca-file /nowhere/ca.crt can't be read: No such file or directory")
    }
}
