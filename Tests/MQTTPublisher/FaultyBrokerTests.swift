import Glibc
import SensorCore
import Synchronization
import Testing

@testable import MQTTPublisher

@Suite(.serialized) struct FaultyBrokerTests {
    func publisher(
        _ broker: FakeBroker, records: UInt64 = 3, adjust: (inout MQTTSettings) -> Void = { _ in }
    ) throws -> RunningPublisher {
        try RunningPublisher(port: broker.port, outbox: MemoryOutbox(records: records)) {
            $0.timing.longestBackOff = .milliseconds(20)
            adjust(&$0)
        }
    }

    /// Several tries, one line in the log, nothing acknowledged.
    func expectOneComplaint(_ node: RunningPublisher, _ broker: FakeBroker, _ words: String, lost: Bool) throws {
        try eventually("four connections") { broker.connections >= 4 }
        #expect(node.log.lines == ["warning: MQTT: \(words). Records wait in the journal"])
        #expect(node.publisher.snapshot.lastError == words)
        #expect((node.publisher.snapshot.connectionsLost > 0) == lost)
        #expect(node.outbox.acknowledgedThrough == 0)
    }

    @Test func acceptsAndSaysNothing() throws {
        let broker = try FakeBroker { while $0.packet() != nil {} }
        let node = try publisher(broker) { $0.timing.connectTimeout = .milliseconds(100) }
        try expectOneComplaint(
            node, broker,
            "broker 127.0.0.1:\(broker.port) takes the connection but does not answer: is it an MQTT broker, with or "
                + "without TLS?", lost: false)
    }

    @Test func closesAtOnce() throws {
        let broker = try FakeBroker { _ = $0.packet() }
        let node = try publisher(broker)
        try expectOneComplaint(
            node, broker,
            "broker 127.0.0.1:\(broker.port) closed the connection without an answer: does it expect TLS on this port?",
            lost: false)
    }

    @Test func closesRightAfterAccepting() throws {
        let broker = try FakeBroker { connection in
            _ = connection.packet()
            connection.send([0x20, 3, 0, 0, 0])
            shutdown(connection.descriptor, Int32(SHUT_WR))
            while connection.packet() != nil {}
        }
        let node = try publisher(broker)
        try expectOneComplaint(node, broker, "broker 127.0.0.1:\(broker.port) closed the connection", lost: true)
    }

    @Test(arguments: [
        Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8), [0x00, 0x00], [0x20, 0xFF, 0xFF, 0xFF, 0xFF, 0x01],
        // PUBACK before CONNACK; CONNACK with a property that has no place there.
        [0x40, 0x02, 0x00, 0x01], [0x20, 0x08, 0, 0, 5, 0x02, 0, 0, 0, 1],
    ] as [[UInt8]])
    func sendsGarbage(_ bytes: [UInt8]) throws {
        let broker = try FakeBroker { connection in
            _ = connection.packet()
            connection.send(bytes)
            while connection.packet() != nil {}
        }
        // What may be the start of a long packet is only waited for.
        let isUnfinished = bytes.first == UInt8(ascii: "H")
        let node = try publisher(broker) { if isUnfinished { $0.timing.connectTimeout = .milliseconds(100) } }
        try eventually("four connections") { broker.connections >= 4 }
        let words = node.publisher.snapshot.lastError ?? ""
        #expect(
            words.hasPrefix(
                isUnfinished
                    ? "broker 127.0.0.1:\(broker.port) takes the connection but does not answer"
                    : "what answers as broker 127.0.0.1:\(broker.port) does not speak MQTT as it should: check mqtt.host"),
            "\(words)")
        #expect(node.log.lines.count == 1, "\(node.log.lines)")
        #expect(node.outbox.acknowledgedThrough == 0)
    }

    @Test(arguments: [
        // MQTT 5 code, what is said
        (0x84, "does not speak this version of MQTT: set mqtt.version to 3.1.1, or back to 5"),
        (0x85, "refused the client id: choose another mqtt.client-id"),
        (0x86, "refused the login: check mqtt.username and mqtt.password-file"),
        (0x87, "refused the login: check mqtt.username and mqtt.password-file"),
        (0x88, "is not available at the moment: the node keeps trying"),
        (0x89, "is not available at the moment: the node keeps trying"),
        (0x8A, "has banned this node: ask whoever runs the broker"),
        (0x97, "refused the connection since a quota is used up: ask whoever runs the broker"),
        (0x83, "refused the connection (implementation specific error, 0x83)"),
    ] as [(UInt8, String)])
    func refusalIsNamed(_ code: UInt8, _ words: String) throws {
        let broker = try FakeBroker { connection in
            _ = connection.packet()
            connection.send([0x20, 3, 0, code, 0])
        }
        let node = try publisher(broker)
        try expectOneComplaint(node, broker, "broker 127.0.0.1:\(broker.port) \(words)", lost: false)
    }

    @Test(arguments: [
        (1, "does not speak this version of MQTT: set mqtt.version to 3.1.1, or back to 5"),
        (2, "refused the client id: choose another mqtt.client-id"),
        (3, "is not available at the moment: the node keeps trying"),
        (4, "refused the login: check mqtt.username and mqtt.password-file"),
        (5, "refused the login: check mqtt.username and mqtt.password-file"),
    ] as [(UInt8, String)])
    func refusalByMQTT311IsNamed(_ code: UInt8, _ words: String) throws {
        let broker = try FakeBroker { connection in
            _ = connection.packet()
            connection.send([0x20, 2, 0, code])
        }
        let node = try publisher(broker) { $0.version = .mqtt311 }
        try expectOneComplaint(node, broker, "broker 127.0.0.1:\(broker.port) \(words)", lost: false)
    }

    /// An MQTT 3.1.1 broker answers MQTT 5 in its own form: CONNACK of two bytes, code 1.
    @Test func oldBrokerIsNamed() throws {
        let broker = try FakeBroker { connection in
            _ = connection.packet()
            connection.send([0x20, 2, 0, 1])
        }
        let node = try publisher(broker)
        try eventually("a fault") { node.publisher.snapshot.lastError != nil }
        let told = try #require(node.publisher.snapshot.lastError)
        #expect(told.contains("broker 127.0.0.1:\(broker.port) does not speak"))
        // libmosquitto 2.0.11 hands the code over; 2.0.21 finds the packet malformed.
        #expect(told.contains("set mqtt.version to 3.1.1") || told.contains("needs mqtt.version 3.1.1"), "\(told)")
    }

    @Test func neverAcknowledges() throws {
        let mostInFlight = Mutex(0)
        let broker = try FakeBroker { connection in
            guard connection.welcome() else { return }
            var count = 0
            while connection.publish()?.isRecord == true {
                count += 1
                mostInFlight.withLock { [count] in $0 = max($0, count) }
            }
        }
        let node = try publisher(broker, records: 500) {
            $0.window = 7
            $0.timing.acknowledgementTimeout = .milliseconds(100)
        }
        try eventually("four connections") { broker.connections >= 4 }
        #expect(node.log.lines.contains {
            $0.contains("broker 127.0.0.1:\(broker.port) acknowledges nothing any more: the node connects anew")
        })
        #expect(node.outbox.acknowledgedThrough == 0)
        #expect(mostInFlight.withLock { $0 } == 7)
    }

    @Test func acknowledgesBackwardsTwiceAndWhatWasNeverSent() throws {
        let mostInFlight = Mutex(0)
        let broker = try FakeBroker { connection in
            // Receive Maximum 5.
            guard connection.welcome(connackProperties: [0x21, 0, 5]) else { return }
            var waiting: [UInt16] = []
            while let (messageID, isRecord) = connection.publish() {
                waiting.append(messageID)
                mostInFlight.withLock { [count = waiting.count] in $0 = max($0, count) }
                if waiting.count == 5 || !isRecord {
                    for messageID in waiting.reversed() {
                        connection.send(connection.puback(messageID))
                        connection.send(connection.puback(messageID))
                        connection.send(connection.puback(60_000))
                    }
                    waiting = []
                }
            }
        }
        let node = try publisher(broker, records: 100)
        try node.waitUntilAcknowledged(100)
        #expect(mostInFlight.withLock { $0 } == 5)
        #expect(node.publisher.snapshot.published == 100)
        node.stop()
    }

    @Test(arguments: [0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99] as [UInt8])
    func refusesEachRecordOnce(_ reasonCode: UInt8) throws {
        let broker = try FakeBroker { connection in
            guard connection.welcome() else { return }
            var count = 0
            while let (messageID, isRecord) = connection.publish() {
                count += 1
                connection.send(connection.puback(messageID, reasonCode: isRecord && count % 2 == 1 ? reasonCode : 0))
            }
        }
        let node = try publisher(broker, records: 4)
        try node.waitUntilAcknowledged(4)
        let status = node.publisher.snapshot
        #expect(status.refused >= 2)
        #expect(status.published == status.refused + 4)
        #expect(status.lastError == nil)
        #expect(node.log.lines.contains { $0.contains("0x\(String(reasonCode, radix: 16))") })
    }

    @Test func breaksOffInTheMiddle() throws {
        let received = Mutex(0)
        let broker = try FakeBroker { connection in
            guard connection.welcome() else { return }
            // Ten more on each connection, of which the last three are not acknowledged.
            for index in 0..<10 {
                guard let (messageID, isRecord) = connection.publish() else { return }
                if isRecord { received.withLock { $0 += 1 } }
                if index < 7 || !isRecord { connection.send(connection.puback(messageID)) }
            }
        }
        let node = try publisher(broker, records: 60)
        // 7 of 10 are acknowledged on each connection: 60 need more than 8.
        try eventually("57 of 60") { node.outbox.acknowledgedThrough >= 57 }
        #expect(broker.connections >= 8)
        #expect(node.publisher.snapshot.connectionsLost >= 7)
        #expect(received.withLock { $0 } > 57)
    }

    @Test(arguments: [
        (0x8B, "is shutting down"),
        (0x8D, "ended the connection, having heard nothing of the node for too long"),
        (0x8E, "ended the connection since another client uses the same client id: give each node its own"),
        (0x98, "ended the connection (administrative action, 0x98)"),
    ] as [(UInt8, String)])
    func saysGoodbye(_ reasonCode: UInt8, _ words: String) throws {
        let broker = try FakeBroker { connection in
            guard connection.welcome() else { return }
            connection.send([0xE0, 2, reasonCode, 0])
            while connection.packet() != nil {}
        }
        let node = try publisher(broker, records: 0)
        try eventually("goodbye") {
            node.log.lines.contains("warning: MQTT: broker 127.0.0.1:\(broker.port) \(words). Records wait in the journal")
        }
    }

    @Test func flappingIsSaidOnceAndItsEndToo() throws {
        let broker = try FakeBroker { connection in
            guard connection.welcome() else { return }
            if connection.number <= 4 { connection.send([0xE0, 2, 0x8E, 0]) }
            while connection.packet() != nil {}
        }
        let node = try publisher(broker, records: 0) { $0.timing.stableAfter = .milliseconds(1_500) }
        try eventually("a connection that holds") { node.log.lines.last?.hasSuffix("holds again") == true }
        let name = "broker 127.0.0.1:\(broker.port)"
        #expect(
            node.log.lines == [
                "notice: MQTT: connected to \(name)",
                "warning: MQTT: \(name) ended the connection since another client uses the same client id: give each node "
                    + "its own. Records wait in the journal",
                "notice: MQTT: connected to \(name)", "notice: MQTT: the connection to \(name) holds again",
            ])
        #expect(broker.connections == 5)
        #expect(node.publisher.snapshot.connectionsLost == 4)
    }

    @Test func refusedBirthIsSaidAndRecordsFlow() throws {
        let broker = try FakeBroker { connection in
            _ = connection.packet()
            connection.send([0x20, 3, 0, 0, 0])
            while let (messageID, isRecord) = connection.publish() {
                connection.send(connection.puback(messageID, reasonCode: isRecord ? 0 : 0x87))
            }
        }
        let node = try publisher(broker)
        try node.waitUntilAcknowledged(3)
        #expect(node.log.lines.last == "warning: MQTT: broker 127.0.0.1:\(broker.port) refused the status message (not "
            + "authorised, 0x87): check its access list for test/status")
        #expect(node.publisher.snapshot.isConnected)
    }

    @Test func stopIsBoundedWhenTheBrokerIsDeaf() throws {
        let broker = try FakeBroker { connection in
            guard connection.welcome() else { return }
            while connection.packet() != nil {}
        }
        let node = try publisher(broker, records: 50)
        try node.waitUntilOnline()
        // Would never return if it waited for the acknowledgements.
        node.stop(drainFor: .milliseconds(50))
        #expect(node.outbox.acknowledgedThrough == 0)
        #expect(!node.publisher.snapshot.isConnected)
    }
}
