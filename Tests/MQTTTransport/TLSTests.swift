import SensorCore
import TestSupport
import Testing
import TransportProcess

@testable import MQTTTransport

@Suite struct ConnectionRefusalTests {
    /// MQTT 3.1.1 §3.2.2.3, 5.0 §3.2.2.2.
    @Test("What the broker says the same of until a person acts is a refusal, what passes is none")
    func whatIsARefusal() {
        let refusals: [Int32] = [1, 2, 4, 5, 0x81, 0x84, 0x85, 0x86, 0x87, 0x8A, 0x8C, 0x90, 0x95, 0x99, 0x9A, 0x9B, 0x9C, 0x9D]
        for code in refusals { #expect(ConnectionFault.refusal("broker a:1", code: code).isRefusal, "\(code)") }
        for code in [3, 0x88, 0x89, 0x97, 0x9F] as [Int32] {
            #expect(!ConnectionFault.refusal("broker a:1", code: code).isRefusal, "\(code)")
        }
        #expect(!ConnectionFault.unreachable("broker a:1", errno: 111).isRefusal)
        #expect(!ConnectionFault.several([]).isRefusal)
        #expect(!ConnectionFault.flooded("broker a:1").isRefusal)
        #expect(ConnectionFault(.settings, "a file").isRefusal)
    }
}

@Suite(.serialized, .startsProcesses) struct TLSTests {
    func broker(certificate: String = Fixtures.serverCertificate, key: String = Fixtures.serverKey) throws -> TestBroker {
        try TestBroker(
            "allow_anonymous true\ncertfile DIR/server.crt\nkeyfile DIR/server.key",
            files: ["server.crt": certificate, "server.key": key])
    }

    /// What is said of it without the broker's name.
    func fault(_ node: RunningPublisher, _ broker: TestBroker) throws -> String {
        try eventually("a fault") { node.publisher.snapshot.lastError != nil }
        let words = node.publisher.snapshot.lastError ?? ""
        let beginning = "TLS with broker 127.0.0.1:\(broker.port) failed: "
        #expect(words.hasPrefix(beginning), "\(words)")
        #expect(node.outbox.acknowledgedThrough == 0)
        return String(words.dropFirst(beginning.count))
    }

    @Test(
        "What is wrong with the certificate is said",
        arguments: [
            (
                DatedCertificates.expired, DatedCertificates.expiredKey,
                "the broker's certificate has expired by the node's clock, which shows 20"
            ),
            (
                DatedCertificates.future, DatedCertificates.futureKey,
                "the broker's certificate is not valid yet by the node's clock, which shows 20"
            ),
            (
                DatedCertificates.selfSigned, DatedCertificates.serverKey,
                "the broker's certificate is signed by itself: put it, or its authority's"
            ),
        ])
    func whatIsWrongWithTheCertificateIsSaid(_ certificate: String, _ key: String, _ words: String) throws {
        let broker = try broker(certificate: certificate, key: key)
        let node = try publisher(broker, authority: DatedCertificates.authority)
        let said = try fault(node, broker)
        #expect(said.hasPrefix(words), "\(said)")
    }

    @Test(
        "The broker asks for a certificate",
        arguments: [
            (nil, nil, false), (DatedCertificates.expiredClient, DatedCertificates.expiredClientKey, false),
            (DatedCertificates.client, DatedCertificates.clientKey, true),
        ] as [(String?, String?, Bool)])
    func theBrokerAsksForACertificate(_ certificate: String?, _ key: String?, _ isGood: Bool) throws {
        let broker = try TestBroker(
            "allow_anonymous true\ncertfile DIR/server.crt\nkeyfile DIR/server.key\ncafile DIR/ca.crt\nrequire_certificate true",
            files: [
                "server.crt": DatedCertificates.server, "server.key": DatedCertificates.serverKey,
                "ca.crt": DatedCertificates.authority,
            ])
        let authority = broker.folder.write("authority.crt", DatedCertificates.authority)
        let certificateFile = certificate.map { broker.folder.write("client.crt", $0) }
        let keyFile = key.map { broker.folder.write("client.key", $0) }
        let node = try RunningPublisher(port: broker.port, outbox: MemoryOutbox(records: 50)) {
            $0.tls = .init(authorityFile: authority, certificateFile: certificateFile, keyFile: keyFile)
            // Nobody subscribes, which only MQTT 5 says.
            $0.version = .mqtt311
        }
        if isGood { return try node.waitUntilAcknowledged(50) }
        let said = try fault(node, broker)
        // A reset may come before the alert is read, and then only the keys to look at are known.
        #expect(said.contains("certificate-file"), "\(said)")
    }

    func publisher(_ broker: TestBroker, authority: String, records: UInt64 = 50) throws -> RunningPublisher {
        let file = broker.folder.write("authority.crt", authority)
        return try RunningPublisher(port: broker.port, outbox: MemoryOutbox(records: records)) {
            $0.tls = .init(authorityFile: file)
        }
    }

    @Test("Records arrive", arguments: [1, 3_000] as [UInt64])
    func recordsArrive(_ records: UInt64) throws {
        let broker = try broker()
        try broker.listen()
        let node = try publisher(broker, authority: Fixtures.authority, records: records)
        try node.waitUntilAcknowledged(records)
        node.stop()
        #expect(node.publisher.snapshot.connectionsLost == 0)
        try eventually("DISCONNECT") { broker.log.contains("Received DISCONNECT from node") }
    }

    @Test("Foreign authority is refused") func foreignAuthorityIsRefused() throws {
        let broker = try broker()
        try broker.listen()
        let node = try publisher(broker, authority: Fixtures.foreignAuthority)
        try eventually("a fault") { node.publisher.snapshot.lastError != nil }
        let said = try fault(node, broker)
        #expect(said.hasPrefix("the broker's certificate is signed by an authority that is not in mqtt.ca-file"), "\(said)")
        node.stop()
        #expect(node.outbox.acknowledgedThrough == 0)
    }

    @Test("Certificate of another host is refused") func certificateOfAnotherHostIsRefused() throws {
        let broker = try broker(certificate: Fixtures.otherCertificate, key: Fixtures.otherKey)
        let node = try publisher(broker, authority: Fixtures.authority)
        let said = try fault(node, broker)
        #expect(said.hasPrefix("the broker's certificate is for another name: is mqtt.host right"), "\(said)")
    }

    @Test("Plain port is named") func plainPortIsNamed() throws {
        let broker = try TestBroker()
        let node = try publisher(broker, authority: Fixtures.authority)
        let said = try fault(node, broker)
        #expect(said.hasPrefix("what answers there does not speak TLS") || said.hasPrefix("the connection was closed"), "\(said)")
    }

    @Test("Silent port is given up") func silentPortIsGivenUp() throws {
        let broker = try FakeBroker { while $0.packet() != nil {} }
        let directory = ScratchFolder(isForEveryUser: true)
        let file = directory.write("authority.crt", Fixtures.authority)
        let node = try RunningPublisher(port: broker.port, outbox: MemoryOutbox(records: 1)) {
            $0.tls = .init(authorityFile: file)
            $0.timing.connectTimeout = .milliseconds(100)
        }
        try eventually("four connections") { broker.connections >= 4 }
        #expect(node.log.lines.count == 1)
    }

    /// What the node says first (RFC 8446 §4.1.2): the versions it can (§4.2.1) and the name it looks for (RFC 6066 §3).
    @Test("It offers TLS 12 and newer and names the broker") func itOffersTLS12AndNewerAndNamesTheBroker() throws {
        let hello = Inbox()
        let broker = try FakeBroker { connection in
            guard let start = connection.read(5), start[0] == 22 else { return }
            if let body = connection.read(Int(start[3]) << 8 | Int(start[4])) { hello.withLock { $0.append(body) } }
        }
        let directory = ScratchFolder(isForEveryUser: true)
        let file = directory.write("authority.crt", Fixtures.authority)
        let node = try RunningPublisher(port: broker.port, outbox: MemoryOutbox(records: 1)) {
            $0.brokers = [BrokerEndpoint(host: "localhost", port: broker.port)]
            $0.tls = .init(authorityFile: file)
        }
        try eventually("a greeting") { !hello.withLock { $0.isEmpty } }
        node.stop()
        let extensions = Self.extensions(ofHello: hello.withLock { $0[0] })
        #expect(extensions[43] == [4, 3, 4, 3, 3])
        #expect(extensions[0] == [0, 12, 0, 0, 9] + Array("localhost".utf8))
    }

    /// By their numbers.
    private static func extensions(ofHello hello: [UInt8]) -> [Int: [UInt8]] {
        var rest = hello[...]
        func number(_ bytes: Int) -> Int {
            defer { rest = rest.dropFirst(bytes) }
            return rest.prefix(bytes).reduce(0) { $0 << 8 | Int($1) }
        }
        // Type, length, version and random; session, ciphers and compressions.
        rest = rest.dropFirst(4 + 2 + 32)
        for bytes in [1, 2, 1] {
            let length = number(bytes)
            rest = rest.dropFirst(length)
        }
        _ = number(2)
        var found: [Int: [UInt8]] = [:]
        while rest.count >= 4 {
            let (kind, length) = (number(2), number(2))
            found[kind] = Array(rest.prefix(length))
            rest = rest.dropFirst(length)
        }
        return found
    }

    @Test("Plain talk to ATLS port is named") func plainTalkToATLSPortIsNamed() throws {
        let broker = try broker()
        try broker.listen()
        let node = try RunningPublisher(port: broker.port, outbox: MemoryOutbox(records: 1))
        try eventually("a fault") { node.publisher.snapshot.lastError != nil }
        #expect(
            node.publisher.snapshot.lastError == "broker 127.0.0.1:\(broker.port) closed the connection without an answer: "
                + "does it expect TLS on this port, or has it as many clients as it takes?")
    }

    @Test("Missing file is named") func missingFileIsNamed() throws {
        let node = try RunningPublisher(port: 8883, outbox: MemoryOutbox()) {
            $0.tls = .init(authorityFile: "/nowhere/ca.crt")
        }
        try eventually("a fault") { node.publisher.snapshot.lastError != nil }
        #expect(
            node.publisher.snapshot.lastError
                == "mqtt.ca-file /nowhere/ca.crt can't be read: No such file or directory")
    }

    @Test(
        "A revoked certificate is refused where a list is given, and only there",
        arguments: [
            (nil, nil), (RevokedCertificates.emptyList, nil),
            (RevokedCertificates.listWithServer, "the broker's certificate was revoked: ask whoever runs the broker"),
            (DatedCertificates.authority, "mqtt.revocation-file "),
        ] as [(String?, String?)])
    func revoked(_ list: String?, _ words: String?) throws {
        let broker = try broker(certificate: RevokedCertificates.server, key: RevokedCertificates.serverKey)
        try broker.listen()
        let authority = broker.folder.write("authority.crt", RevokedCertificates.authority)
        let file = list.map { broker.folder.write("list.pem", $0) }
        let node = try RunningPublisher(port: broker.port, outbox: MemoryOutbox(records: 3)) {
            $0.tls = .init(authorityFile: authority, revocationFile: file)
        }
        guard let words else { return try node.waitUntilAcknowledged(3) }
        try eventually("a fault") { node.publisher.snapshot.lastError != nil }
        #expect(node.publisher.snapshot.lastError?.contains(words) == true, "\(node.log.lines)")
        #expect(node.outbox.acknowledgedThrough == 0)
    }

    @Test(
        "An encrypted key is said, and nobody is asked on a terminal",
        arguments: [RevokedCertificates.encryptedKey, RevokedCertificates.encryptedKeyPKCS8])
    func encryptedKey(_ key: String) throws {
        let broker = try broker(certificate: RevokedCertificates.server, key: RevokedCertificates.serverKey)
        let node = try RunningPublisher(port: broker.port, outbox: MemoryOutbox(records: 3)) {
            $0.tls = .init(
                authorityFile: broker.folder.write("authority.crt", RevokedCertificates.authority),
                certificateFile: broker.folder.write("node.crt", RevokedCertificates.server),
                keyFile: broker.folder.write("node.key", key))
        }
        try eventually("a fault") { node.publisher.snapshot.lastError != nil }
        #expect(node.publisher.snapshot.lastError?.contains("node.key is encrypted") == true, "\(node.log.lines)")
        #expect(node.log.lines.count == 1)
    }
}
