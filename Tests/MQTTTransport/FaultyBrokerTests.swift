import Glibc
import SensorCore
import Synchronization
import TestSupport
import Testing
import TransportProcess

@testable import MQTTTransport

@Suite(.serialized, .blocksItsThread) struct FaultyBrokerTests {
    func publisher(
        _ broker: FakeBroker, records: UInt64 = 3, adjust: (inout TestSettings) -> Void = { _ in }
    ) throws -> RunningPublisher {
        try RunningPublisher(port: broker.port, outbox: MemoryOutbox(records: records)) {
            $0.timing.longestBackOff = .milliseconds(20)
            $0.timing.aloneTimeout = .milliseconds(200)
            $0.timing.firstOffer = .milliseconds(20)
            $0.timing.longestOffer = .milliseconds(100)
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

    @Test("Accepts and says nothing") func acceptsAndSaysNothing() throws {
        let broker = try FakeBroker { while $0.packet() != nil {} }
        let node = try publisher(broker) { $0.timing.connectTimeout = .milliseconds(100) }
        try expectOneComplaint(
            node, broker,
            "broker 127.0.0.1:\(broker.port) takes the connection but does not answer: is it an MQTT broker, with or "
                + "without TLS?", lost: false)
    }

    /// With FIN or with RST. mosquitto does so when it has as many clients as `max_connections` allows.
    @Test("Closes at once", arguments: [false, true])
    func closesAtOnce(_ isReset: Bool) throws {
        let broker = try FakeBroker { connection in
            _ = connection.packet()
            var atOnce = linger(l_onoff: isReset ? 1 : 0, l_linger: 0)
            setsockopt(connection.descriptor, SOL_SOCKET, SO_LINGER, &atOnce, socklen_t(MemoryLayout<linger>.size))
        }
        let node = try publisher(broker)
        try expectOneComplaint(
            node, broker,
            "broker 127.0.0.1:\(broker.port) closed the connection without an answer: does it expect TLS on this port, "
                + "or has it as many clients as it takes?",
            lost: false)
    }

    @Test("Closes right after accepting") func closesRightAfterAccepting() throws {
        let broker = try FakeBroker { connection in
            _ = connection.packet()
            connection.send([0x20, 3, 0, 0, 0])
            shutdown(connection.descriptor, Int32(SHUT_WR))
            while connection.packet() != nil {}
        }
        let node = try publisher(broker)
        try expectOneComplaint(node, broker, "broker 127.0.0.1:\(broker.port) closed the connection", lost: true)
    }

    @Test(
        "Sends garbage",
        arguments: [
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
                    : "what answers as broker 127.0.0.1:\(broker.port) does not speak MQTT as it should: check "),
            "\(words)")
        #expect(node.log.lines.count == 1, "\(node.log.lines)")
        #expect(node.outbox.acknowledgedThrough == 0)
    }

    @Test(
        "Refusal is named",
        arguments: [
            // MQTT 5 code, what is said
            (0x84, "does not speak this version of MQTT: set mqtt.protocol to 3.1.1, or back to 5"),
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

    @Test("What can be wrong with a connection is in the catalogue") func faultsAreInTheCatalogue() {
        let codes = (0...0xFF as ClosedRange<Int32>)
        let faults =
            codes.map { ConnectionFault.refusal("broker a:1", code: $0, reference: $0 % 2 == 0 ? nil : "b") }
            + codes.map { ConnectionFault.disconnected("broker a:1", reasonCode: $0, reference: $0 % 2 == 0 ? nil : "b") }
            + (1...140 as ClosedRange<Int32>).map { ConnectionFault.unreachable("broker a:1", errno: $0) }
        let catalogue = SentenceCatalogue("MQTTTransport")
        for fault in faults { #expect(catalogue.missing(of: fault.sentence) == [], "\(fault)") }
    }

    /// MQTT 5.0 §2.4: every reason code from 0x80 on has a name, those that are none are said as such.
    @Test("Every reason has a name") func everyReasonHasAName() {
        let unnamed = (0x80...0xFF as ClosedRange<Int32>).filter { "\(reasonName($0))".hasPrefix("a reason MQTT does not name") }
        #expect(unnamed == Array(0xA3...0xFF))
        #expect("\(reasonName(0x97))" == "quota exceeded, 0x97")
        #expect(Set((0x80...0xA2 as ClosedRange<Int32>).map { "\(reasonName($0))".prefix { $0 != "," } }).count == 0x23)
    }

    @Test(
        "Refusal by MQTT 311 is named",
        arguments: [
            (1, "does not speak this version of MQTT: set mqtt.protocol to 3.1.1, or back to 5"),
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

    /// An MQTT 3.1.1 broker answers MQTT 5 in its own form, CONNACK of two bytes with code 1. libmosquitto 2.0.11 knows it,
    /// 2.0.21 calls it malformed.
    @Test("Old broker is sent to the version") func oldBrokerIsSentToTheVersion() throws {
        let broker = try FakeBroker { connection in
            _ = connection.packet()
            connection.send([0x20, 2, 0, 1])
        }
        let node = try publisher(broker)
        try eventually("a fault") { node.publisher.snapshot.lastError != nil }
        let name = "broker 127.0.0.1:\(broker.port)"
        let words = [
            "\(name) does not speak this version of MQTT: set mqtt.protocol to 3.1.1, or back to 5",
            "what answers as \(name) does not speak MQTT as it should: check mqtt.host, mqtt.port and mqtt.protocol",
        ]
        #expect(words.contains(node.publisher.snapshot.lastError ?? ""), "\(node.log.lines)")
    }

    @Test("Never acknowledges") func neverAcknowledges() throws {
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
        #expect(
            node.log.lines.contains {
                $0.contains("broker 127.0.0.1:\(broker.port) acknowledges nothing any more: the node connects anew")
            })
        #expect(node.outbox.acknowledgedThrough == 0)
        // Of seven, the backlog has six.
        #expect(mostInFlight.withLock { $0 } == 6)
    }

    @Test("Acknowledges backwards twice and what was never sent") func acknowledgesBackwardsTwiceAndWhatWasNeverSent() throws {
        let mostInFlight = Mutex(0)
        let broker = try FakeBroker { connection in
            // Receive Maximum 5.
            guard connection.welcome(connackProperties: [0x21, 0, 5]) else { return }
            var waiting: [UInt16] = []
            while let (messageID, isRecord) = connection.publish() {
                waiting.append(messageID)
                mostInFlight.withLock { [count = waiting.count] in $0 = max($0, count) }
                if waiting.count == 4 || !isRecord {
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
        // Of five, the backlog has four.
        #expect(mostInFlight.withLock { $0 } == 4)
        #expect(node.publisher.snapshot.published == 100)
        node.stop()
        node.expectComplete(broker.received, through: 100)
    }

    @Test("Refuses each record once", arguments: [0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99] as [UInt8])
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
        // The journal hears of an acknowledgement before the status does.
        try eventually("no error is left") { node.publisher.snapshot.lastError == nil }
        let status = node.publisher.snapshot
        #expect(status.refused >= 2)
        #expect(status.published == status.refused + 4)
        #expect(node.log.lines.contains { $0.contains("0x\(String(reasonCode, radix: 16))") })
        node.stop()
        node.expectComplete(broker.received, through: 4)
    }

    @Test("Breaks off in the middle") func breaksOffInTheMiddle() throws {
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
        try eventually("57 of 60") { node.outbox.settled.total >= 57 }
        #expect(broker.connections >= 8)
        #expect(node.publisher.snapshot.connectionsLost >= 7)
        #expect(received.withLock { $0 } > 57)
    }

    @Test(
        "Says goodbye",
        arguments: [
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

    @Test("Flapping is said once and its end too") func flappingIsSaidOnceAndItsEndToo() throws {
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

    @Test("Refused birth is said and records flow") func refusedBirthIsSaidAndRecordsFlow() throws {
        let broker = try FakeBroker { connection in
            _ = connection.packet()
            connection.send([0x20, 3, 0, 0, 0])
            while let (messageID, isRecord) = connection.publish() {
                connection.send(connection.puback(messageID, reasonCode: isRecord ? 0 : 0x87))
            }
        }
        let node = try publisher(broker)
        try node.waitUntilAcknowledged(3)
        #expect(
            node.log.lines.last == "warning: MQTT: broker 127.0.0.1:\(broker.port) refused what the node says of itself "
                + "on test/status: not authorised, 0x87: check the broker's access list for mqtt.topic")
        #expect(node.publisher.snapshot.isConnected)
    }

    /// Others pass: it is set aside, told once, and the rest arrives.
    @Test("A record that is always refused is set aside and told") func aRecordThatIsAlwaysRefusedIsSetAsideAndTold() throws {
        let broker = try FakeBroker { connection in
            guard connection.welcome() else { return }
            while let (messageID, isRecord) = connection.publish() {
                let isThird = isRecord && connection.lastRecord?.sequence == 3
                connection.send(connection.puback(messageID, reasonCode: isThird ? 0x99 : 0))
            }
        }
        let node = try publisher(broker, records: 6)
        try eventually("a record set aside: \(node.log.lines)") {
            node.append(1)
            return node.publisher.snapshot.setAside == 1
        }
        try eventually("all others") { node.outbox.settled.ranges.last?.upperBound == node.outbox.lastSequence }
        node.stop()
        #expect(node.outbox.settled.ranges.map(\.lowerBound) == [1, 4])
        let told = node.publisher.takeSetAside()
        #expect(told.map(\.numbers.ranges) == [[3...3]], "\(told)")
        #expect(told.first?.address == "test/record")
        #expect(told.first?.obstacle == .refusal(.unwanted, code: 0x99), "\(told)")
        #expect(told.first?.words?.contains("payload format invalid, 0x99") == true, "\(told)")
        #expect(node.log.lines.count { $0.contains("record 3 is set aside") } == 1, "\(node.log.lines)")
        #expect(node.publisher.takeSetAside().isEmpty)
    }

    /// As mosquitto 2.0.11 does with a forbidden topic.
    @Test("A refusal that ends the connection holds the queue not for ever") func aRefusalThatEndsTheConnectionHoldsTheQueueNotForEver()
        throws
    {
        let broker = try FakeBroker { connection in
            guard connection.welcome() else { return }
            while let (messageID, isRecord) = connection.publish() {
                if isRecord, connection.lastRecord?.sequence == 1 {
                    connection.send(connection.puback(messageID, reasonCode: 0x87))
                    return
                }
                connection.send(connection.puback(messageID))
            }
        }
        let node = try publisher(broker, records: 30)
        try eventually("all others: \(node.outbox.settled.ranges)") { node.outbox.settled.ranges == [2...30] }
        try eventually("it is set aside: \(node.log.lines)") {
            node.append(1)
            return node.publisher.snapshot.setAside == 1
        }
        #expect(!node.log.lines.contains { $0.contains("does another client") }, "\(node.log.lines)")
        node.stop()
    }

    @Test("Slow answers are waited for") func slowAnswersAreWaitedFor() throws {
        let broker = try FakeBroker { connection in
            guard connection.welcome() else { return }
            while let (messageID, _) = connection.publish() {
                // Byte by byte, with pauses.
                for byte in connection.puback(messageID) {
                    usleep(3_000)
                    connection.send([byte])
                }
            }
        }
        let node = try publisher(broker, records: 40)
        try node.waitUntilAcknowledged(40)
        #expect(node.publisher.snapshot.connectionsLost == 0)
        node.stop()
        node.expectComplete(broker.received, through: 40)
    }

    /// The broker's machine is gone: no FIN, no answer, and TCP takes what is sent.
    @Test("A half open connection is given up and sent again") func aHalfOpenConnectionIsGivenUpAndSentAgain() throws {
        let broker = try FakeBroker { connection in
            guard connection.welcome() else { return }
            guard connection.number > 1 else {
                while connection.packet() != nil {}
                return
            }
            while let (messageID, _) = connection.publish() { connection.send(connection.puback(messageID)) }
        }
        let node = try publisher(broker, records: 50) { $0.timing.acknowledgementTimeout = .milliseconds(200) }
        try node.waitUntilAcknowledged(50)
        #expect(broker.connections == 2 && node.publisher.snapshot.connectionsLost == 1)
        node.stop()
        node.expectComplete(broker.received, through: 50)
    }

    @Test("Garbage in the middle loses nothing") func garbageInTheMiddleLosesNothing() throws {
        let broker = try FakeBroker { connection in
            guard connection.welcome() else { return }
            var count = 0
            while let (messageID, _) = connection.publish() {
                count += 1
                // PUBREC and AUTH have no place here; 0xF0 with a length that never ends; a PUBACK of one byte.
                if connection.number < 4, count == 5 {
                    connection.send([[0x00, 0xFF, 0x00], [0xF0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], [0x40, 1, 0]][connection.number - 1])
                    while connection.packet() != nil {}
                    return
                }
                connection.send(connection.puback(messageID))
            }
        }
        // What may be the start of a long packet is only waited for.
        let node = try publisher(broker, records: 60) { $0.timing.acknowledgementTimeout = .milliseconds(500) }
        try node.waitUntilAcknowledged(60)
        #expect(broker.connections == 4)
        node.stop()
        node.expectComplete(broker.received, through: 60)
    }

    /// Small messages by the thousand, and one that never ends: the node hangs up before it has taken much.
    @Test("A flood is cut off", arguments: [false, true])
    func aFloodIsCutOff(_ isOnePacket: Bool) throws {
        let sent = Mutex(0)
        let broker = try FakeBroker { connection in
            guard connection.welcome() else { return }
            if connection.number > 1 {
                while let (messageID, _) = connection.publish() { connection.send(connection.puback(messageID)) }
                return
            }
            let piece = [UInt8](repeating: UInt8(ascii: "x"), count: 4096)
            // 256 MB less one byte are announced.
            if isOnePacket { connection.send([0x30, 0xFF, 0xFF, 0xFF, 0x7F, 0, 1, 0x61, 0]) }
            // The library reads on as long as there is more: the node can look only where this is slower than memory, as each
            // network is.
            for _ in 0..<60_000 {
                let bytes = isOnePacket ? piece : connection.message(topic: "a", String(repeating: "x", count: 100))
                guard connection.isSent(bytes) else { break }
                sent.withLock { $0 += bytes.count }
                usleep(10)
            }
            while connection.packet() != nil {}
        }
        let node = try publisher(broker, records: 20)
        try eventually("the flood is named: \(node.log.lines)") { node.log.lines.contains { $0.contains("floods the node with data") } }
        try node.waitUntilAcknowledged(20)
        // What the kernel's buffers took is beyond what the node did. All would be 234 MiB.
        #expect(sent.withLock { $0 } < 128 << 20)
        node.stop()
    }

    /// MQTT 3.1.1 has no word for it.
    @Test("A duplicate client ID is guessed from connections that keep closing")
    func aDuplicateClientIDIsGuessedFromConnectionsThatKeepClosing() throws {
        let broker = try FakeBroker { connection in
            _ = connection.packet()
            connection.send([0x20, 2, 0, 0])
            guard let birth = connection.publish() else { return }
            connection.send(connection.puback(birth.messageID))
            shutdown(connection.descriptor, Int32(SHUT_WR))
            while connection.packet() != nil {}
        }
        let node = try publisher(broker, records: 0) { $0.version = .mqtt311 }
        try eventually("six connections") { broker.connections >= 6 }
        let name = "broker 127.0.0.1:\(broker.port)"
        #expect(
            node.log.lines == [
                "notice: MQTT: connected to \(name)", "warning: MQTT: \(name) closed the connection. Records wait in the journal",
                "notice: MQTT: connected to \(name)",
                "warning: MQTT: \(name) closed the connection soon after it had accepted the node, again and again: does another "
                    + "client use the client id \"node\"? Give each node its own. Records wait in the journal",
            ] || node.log.lines.count == 5, "\(node.log.lines)")
        #expect(node.log.lines.count { $0.contains("does another") } == 1, "\(node.log.lines)")
    }

    @Test("The next broker is taken in order") func theNextBrokerIsTakenInOrder() throws {
        let refusing = try FakeBroker { connection in
            _ = connection.packet()
            connection.send([0x20, 3, 0, 0x89, 0])
        }
        let good = try FakeBroker { connection in
            guard connection.welcome() else { return }
            while let (messageID, _) = connection.publish() { connection.send(connection.puback(messageID)) }
        }
        let closed = try freePort()
        let node = try publisher(refusing, records: 30) {
            $0.brokers.append(BrokerEndpoint(host: "127.0.0.1", port: closed))
            $0.brokers.append(BrokerEndpoint(host: "127.0.0.1", port: good.port))
        }
        try node.waitUntilAcknowledged(30)
        #expect(refusing.connections == 1)
        #expect(node.publisher.snapshot.broker == "broker 127.0.0.1:\(good.port)")
        node.stop()
        #expect(node.log.lines == ["notice: MQTT: connected to broker 127.0.0.1:\(good.port)"])
        node.expectComplete(good.received, through: 30)
    }

    @Test("When no broker is there each is named once") func whenNoBrokerIsThereEachIsNamedOnce() throws {
        let ports = try [freePort(), freePort()]
        let node = try RunningPublisher(port: ports[0], outbox: MemoryOutbox(records: 1)) {
            $0.timing.longestBackOff = .milliseconds(20)
            $0.brokers.append(BrokerEndpoint(host: "no-such-host.invalid", port: 1))
            $0.brokers.append(BrokerEndpoint(host: "127.0.0.1", port: ports[1]))
        }
        try eventually("a fault") { node.publisher.snapshot.lastError != nil }
        usleep(200_000)
        let words = node.publisher.snapshot.lastError ?? ""
        #expect(words.contains("127.0.0.1:\(ports[0]) can't be reached") && words.contains("127.0.0.1:\(ports[1]) can't be reached"))
        #expect(words.contains("no-such-host.invalid can't be resolved"))
        #expect(node.log.lines.count == 1, "\(node.log.lines)")
    }

    // MARK: Receipts

    @Test("Only the receiver confirms") func onlyTheReceiverConfirms() throws {
        let broker = try FakeBroker { connection in
            guard connection.welcome() else { return }
            var count = 0
            while let (messageID, isRecord) = connection.publish() {
                connection.send(connection.puback(messageID))
                if isRecord { count += 1 }
                // Of another journal, unreadable, of half, then of all that came.
                for text in count == 4
                    ? [#"{"epoch":"0000000000000001","stored_through":9}"#, "stored", #"{"epoch":"000000000000002a","stored_through":2}"#]
                    : count == 8 ? [#"{"epoch":"000000000000002a","stored":[[1,3],[5,8]]}"#] : []
                where isRecord {
                    connection.send(connection.message(topic: "test/receipt", text))
                }
            }
        }
        let node = try publisher(broker, records: 4) { $0.receiptTopic = "test/receipt" }
        try eventually("half") { node.outbox.acknowledgedThrough == 2 }
        // The journal hears of a receipt before the status does.
        try eventually("the status") { node.publisher.snapshot.unconfirmed == 2 && node.publisher.snapshot.unreadableReceipts == 1 }
        node.append(4)
        try eventually("the rest") { node.outbox.settled.ranges == [1...3, 5...8] }
        try eventually("one unconfirmed") { node.publisher.snapshot.unconfirmed == 1 }
        node.stop(drainFor: .milliseconds(50))
        #expect(node.outbox.settled.ranges == [1...3, 5...8])
        node.expectComplete(broker.received, through: 8)
    }

    @Test("Stop is bounded when the broker is deaf") func stopIsBoundedWhenTheBrokerIsDeaf() throws {
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
