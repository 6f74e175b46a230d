import DeliveryAudit
import Glibc
import HostFiles
import SensorCore
import TestSupport
import Testing
import TransportProcess

@testable import Delivery
@testable import MQTTTransport

@Suite(.serialized, .startsProcesses) struct BrokerTests {
    @Test("Records arrive in order between birth and stop", arguments: [MQTTSettings.ProtocolVersion.mqtt5, .mqtt311])
    func recordsArriveInOrderBetweenBirthAndStop(_ version: MQTTSettings.ProtocolVersion) throws {
        let broker = try TestBroker()
        let subscriber = try TestSubscriber(broker)
        let node = try RunningPublisher(port: broker.port, outbox: MemoryOutbox(records: 150)) { $0.version = version }
        try node.waitUntilAcknowledged(150)
        node.append(50)
        node.stop()
        try eventually("200 records and the stop") { subscriber.lines.count >= 202 }
        node.expectComplete(subscriber.payloads, through: 200)
        #expect(Array(subscriber.sequences.prefix(100)) == Array(1...100))
        // Retained messages come with 0 to those who are subscribed already.
        #expect(subscriber.lines.first == "0 test/status online 1.2.3")
        #expect(subscriber.lines.last == "0 test/status stopped 1.2.3")
        #expect(subscriber.lines.count == 202)
        #expect(node.outbox.acknowledgedThrough == 200)
        #expect(node.outbox.acknowledgements == node.outbox.acknowledgements.sorted())
        let status = node.publisher.snapshot
        #expect(status.published == 200 && status.acknowledged == 200 && status.inFlight == 0)
        #expect(status.connectionsLost == 0 && status.lastError == nil && !status.isConnected)
        #expect(node.log.lines == ["notice: MQTT: connected to broker 127.0.0.1:\(broker.port)"])
        // A goodbye, so no will.
        try eventually("DISCONNECT") { broker.log.contains("Received DISCONNECT from node") }
        let later = try TestSubscriber(broker, id: "later", arguments: ["--retained-only", "-C", "1"])
        try eventually("retained status") { later.lines.first == "1 test/status stopped 1.2.3" }
        #expect(broker.log.contains(version == .mqtt5 ? "as node (p5, c1, k30)" : "as node (p2, c1, k30)"))
    }

    /// New records overtake a backlog that is replayed, each lane ascends, and the audit finds all of it.
    @Test("Fresh records go out while the backlog is replayed") func freshRecordsGoOutWhileTheBacklogIsReplayed() throws {
        let broker = try TestBroker()
        let subscriber = try TestSubscriber(broker)
        let node = try RunningPublisher(port: broker.port, outbox: MemoryOutbox(records: 2_000)) { $0.backfillRate = 500 }
        try node.waitUntilAcknowledged(100)
        node.append(5)
        try eventually("the new ones") { node.outbox.settled.contains(2_001...2_005) }
        // At 500 a second the backlog needs seconds more.
        #expect(node.outbox.acknowledgedThrough < 1_900)
        node.stop()
        try eventually("all of them") { Set(subscriber.sequences).count == 2_005 }
        node.expectComplete(subscriber.payloads, through: 2_005)
        let records = try subscriber.payloads.compactMap { try AuditedRecord(json: $0) }
        #expect(records.filter(\.isHistorical).map(\.sequence) == Array(1...2_000))
        #expect(records.filter { !$0.isHistorical }.map(\.sequence) == Array(2_001...2_005))
    }

    @Test("MQTT 5 messages say type and schema") func mqtt5MessagesSayTypeAndSchema() throws {
        let broker = try TestBroker()
        let subscriber = try TestSubscriber(broker, format: "%t %q %C %P|%E")
        let node = try RunningPublisher(port: broker.port, outbox: MemoryOutbox(records: 1))
        node.stop()
        try eventually("three messages") { subscriber.lines.count == 3 }
        let parts = subscriber.lines.map { $0.split(separator: "|", omittingEmptySubsequences: false) }
        #expect(
            parts.map { $0[0] } == [
                "test/status 1 text/plain schema:test/1", "test/record 1 text/plain schema:test/1",
                "test/status 1 text/plain schema:test/1",
            ])
        // Only `online` expires, though its other properties are those of the record that comes next.
        #expect(parts.map { !$0[1].isEmpty } == [true, false, false], "\(subscriber.lines)")
    }

    @Test("Broker stopped and started again loses nothing") func brokerStoppedAndStartedAgainLosesNothing() throws {
        let broker = try TestBroker()
        let subscriber = try TestSubscriber(broker)
        let node = try RunningPublisher(port: broker.port, outbox: MemoryOutbox(records: 100))
        try node.waitUntilAcknowledged(100)
        // The broker goes while records are on their way.
        node.append(2_000)
        try node.waitUntilAcknowledged(101)
        broker.stop()
        try eventually("the broker's absence noticed") { node.log.lines.count == 3 }
        #expect(!node.publisher.snapshot.isConnected)
        #expect(node.outbox.acknowledgedThrough < 2_100)
        node.append(100)
        try broker.start()
        try node.waitUntilAcknowledged(2_200)
        node.stop()
        try eventually("every sequence") { Set(subscriber.sequences).count == 2_200 }
        node.expectComplete(subscriber.payloads, through: 2_200)
        #expect(node.publisher.snapshot.connectionsLost == 1)
        let port = broker.port
        #expect(node.log.lines.count == 4, "\(node.log.lines)")
        #expect(node.log.lines.first == "notice: MQTT: connected to broker 127.0.0.1:\(port)")
        #expect(node.log.lines.last == "notice: MQTT: connected to broker 127.0.0.1:\(port)")
    }

    @Test("Will is published when the connection is cut") func willIsPublishedWhenTheConnectionIsCut() throws {
        let broker = try TestBroker()
        let subscriber = try TestSubscriber(broker)
        let will = SequenceFormat().status(
            NodeStatus(state: .lost, epoch: JournalEpoch(rawValue: 1), bootID: BootID("b"), version: "1.2.3", clock: nil))
        let wake = try WakeEvent()
        var events: [MosquittoConnection.Event] = []
        do {
            let settings = MQTTSettings(host: "127.0.0.1", port: broker.port, clientID: "node")
            let connection = try MosquittoConnection(settings: settings, will: will)
            connection.begin(BrokerAddress(numeric: "127.0.0.1", sameFamilyWildcard: "0.0.0.0"))
            try eventually("CONNACK") {
                connection.wait(wake: wake, milliseconds: 100)
                events += connection.takeEvents()
                return !events.isEmpty
            }
        }
        #expect(events == [.accepted(receiveMaximum: 20)])
        try eventually("the will") { subscriber.lines == ["0 test/status lost 1.2.3"] }
        let later = try TestSubscriber(broker, id: "later", arguments: ["--retained-only", "-C", "1"])
        try eventually("retained will") { later.lines.first == "1 test/status lost 1.2.3" }
    }

    @Test("Window is the smaller of both", arguments: [(3, 20, 3), (1, 20, 1), (20, 5, 5), (0, 50, 50)])
    func windowIsTheSmallerOfBoth(_ receiveMaximum: Int, _ window: Int, _ expected: Int) throws {
        let broker = try TestBroker("allow_anonymous true\nmax_inflight_messages \(receiveMaximum)")
        let subscriber = try TestSubscriber(broker)
        let node = try RunningPublisher(port: broker.port, outbox: MemoryOutbox(records: 1_000)) { $0.window = window }
        var mostInFlight = 0
        try eventually("acknowledgements") {
            mostInFlight = max(mostInFlight, node.publisher.snapshot.inFlight)
            return node.outbox.acknowledgedThrough == 1_000
        }
        #expect((0...expected).contains(mostInFlight))
        // Memory: never more than a window is read at once.
        #expect(node.outbox.largestLimit == window)
        #expect(node.publisher.snapshot.connectionsLost == 0)
        let turns = node.publisher.turns
        try eventually("turns of its loop") { node.publisher.turns > turns }
        node.stop()
        try eventually("all of them") { subscriber.sequences == Array(1...1_000) }
    }

    @Test("Wrong password is said in plain words and once", arguments: [MQTTSettings.ProtocolVersion.mqtt5, .mqtt311])
    func wrongPasswordIsSaidInPlainWordsAndOnce(_ version: MQTTSettings.ProtocolVersion) throws {
        // user "node", password "right", as mosquitto_passwd writes it.
        let broker = try TestBroker(
            "allow_anonymous false\npassword_file DIR/users", files: ["users": Fixtures.passwordFile])
        try broker.listen(arguments: ["-u", "node", "-P", "right"])
        let node = try RunningPublisher(port: broker.port, outbox: MemoryOutbox(records: 1)) {
            $0.version = version
            $0.username = "node"
            $0.passwordFile = broker.folder.write("wrong", "wrong")
        }
        let words = "broker 127.0.0.1:\(broker.port) refused the login: check mqtt.username and mqtt.password-file"
        try eventually("some tries") { broker.log.split(separator: "\n").count { $0.contains("Sending CONNACK") } > 3 }
        #expect(node.publisher.snapshot.lastError == words)
        #expect(node.log.lines == ["warning: MQTT: \(words). Records wait in the journal"])
        node.stop()
        #expect(node.outbox.acknowledgedThrough == 0)

        let right = try RunningPublisher(port: broker.port, outbox: MemoryOutbox(records: 1)) {
            $0.version = version
            $0.username = "node"
            $0.passwordFile = broker.folder.write("right", "right\n")
        }
        try right.waitUntilAcknowledged(1)
    }

    @Test("Closed port is said once and tried for ever") func closedPortIsSaidOnceAndTriedForEver() throws {
        let port = try freePort()
        let node = try RunningPublisher(port: port, outbox: MemoryOutbox(records: 3)) {
            $0.timing.longestBackOff = .milliseconds(20)
        }
        try eventually("a fault") { node.publisher.snapshot.lastError != nil }
        usleep(300_000)
        let words =
            "broker 127.0.0.1:\(port) can't be reached (Connection refused): nothing accepts connections there: "
            + "is the broker running, and is mqtt.port right?"
        #expect(node.log.lines == ["warning: MQTT: \(words). Records wait in the journal"])
        #expect(node.publisher.snapshot.connectionsLost == 0)
        node.stop()
    }

    @Test("Unknown name is said") func unknownNameIsSaid() throws {
        let node = try RunningPublisher(port: 1883, outbox: MemoryOutbox()) { $0.brokers[0].host = "no-such-host.invalid" }
        try eventually("a fault") { node.publisher.snapshot.lastError != nil }
        let text = node.publisher.snapshot.lastError ?? ""
        #expect(text.hasPrefix("the broker's name no-such-host.invalid can't be resolved ("))
        #expect(text.hasSuffix("): check mqtt.host and the node's DNS"))
    }

    @Test("Record too large for the broker is refused aloud and kept") func recordTooLargeForTheBrokerIsRefusedAloudAndKept() throws {
        let broker = try TestBroker("allow_anonymous true\nmax_packet_size 2000")
        let node = try RunningPublisher(
            port: broker.port, outbox: MemoryOutbox(records: 2), format: SequenceFormat(payloadSize: 3_000))
        try eventually("three refusals") { node.publisher.snapshot.refused >= 3 }
        let status = node.publisher.snapshot
        #expect(status.isConnected)
        #expect(status.lastError?.contains("refused record ") == true)
        #expect(status.lastError?.hasSuffix("its packet has 3049 bytes, and the broker takes 2000") == true)
        #expect(node.log.lines.count == 2, "\(node.log.lines)")
        #expect(node.outbox.acknowledgedThrough == 0)
    }

    @Test("What nobody subscribes to is kept, asked for with one record, and sent when somebody subscribes")
    func nobodySubscribes() throws {
        let broker = try TestBroker()
        let node = try RunningPublisher(port: broker.port, outbox: MemoryOutbox(records: 500)) { $0.timing.longestBackOff = .seconds(1) }
        try eventually("it is said: \(node.log.lines)") { node.publisher.snapshot.unheard == 500 }
        #expect(node.outbox.settled.isEmpty && node.publisher.snapshot.isConnected)
        // The first that were on their way together, and single ones since.
        #expect(node.publisher.snapshot.published < 40, "\(node.publisher.snapshot.published)")
        #expect(node.log.lines.count { $0.contains("nobody subscribes") } == 1, "\(node.log.lines)")
        let subscriber = try TestSubscriber(broker)
        try node.waitUntilAcknowledged(500)
        try eventually("all of them") { Set(subscriber.sequences).count == 500 }
        try eventually("no error is left") { node.publisher.snapshot.lastError == nil && node.publisher.snapshot.unheard == 0 }
        node.stop()
        node.expectComplete(subscriber.payloads, through: 500)
    }

    /// MQTT 3.1.1 has no word for it, and mosquitto closes the connection over what is too large.
    @Test("A record over which the broker closes is found and the others arrive")
    func closesOverOne() throws {
        let broker = try TestBroker("allow_anonymous true\nmax_packet_size 700")
        let node = try RunningPublisher(
            port: broker.port, outbox: MemoryOutbox(records: 60), format: SequenceFormat(large: [7, 30])
        ) {
            $0.version = .mqtt311
            $0.timing.firstOffer = .seconds(5)
        }
        try eventually("all others: \(node.log.lines)") { node.outbox.settled.ranges == [1...6, 8...29, 31...60] }
        node.append(1)
        try eventually("it is said: \(node.log.lines)") {
            node.log.lines.contains { $0.contains("closes the connection over those on test/record") && $0.contains("3000 bytes") }
        }
        #expect(!node.log.lines.contains { $0.contains("does another client") }, "\(node.log.lines)")
        #expect(node.publisher.snapshot.connectionsLost <= 9, "\(node.publisher.snapshot.connectionsLost)")
    }

    @Test("What is longer than the broker's own limit for payloads waits while the rest arrives")
    func messageSizeLimit() throws {
        let broker = try TestBroker("allow_anonymous true\nmessage_size_limit 700")
        try broker.listen()
        let node = try RunningPublisher(port: broker.port, outbox: MemoryOutbox(records: 60), format: SequenceFormat(large: [7, 30]))
        // mosquitto 2.0.11 also closes over each of them, with what was sent behind it unanswered.
        try eventually("all others: \(node.log.lines) \(node.outbox.settled)") {
            node.outbox.settled.ranges == [1...6, 8...29, 31...60]
        }
    }

    @Test("Invalid topic is refused aloud") func invalidTopicIsRefusedAloud() throws {
        let broker = try TestBroker()
        let node = try RunningPublisher(
            port: broker.port, outbox: MemoryOutbox(records: 1), format: SequenceFormat(topic: "a/#"))
        try eventually("a refusal") { node.publisher.snapshot.refused >= 1 }
        #expect(
            node.publisher.snapshot.lastError
                == "broker 127.0.0.1:\(broker.port) refused record 1: the topic a/# is not valid in MQTT: check mqtt.topic")
    }

    /// mosquitto 2.0.11 closes the connection as well, 2.0.21 leaves it open.
    @Test("Access list is named and record is kept") func accessListIsNamedAndRecordIsKept() throws {
        let broker = try TestBroker(
            "allow_anonymous true\nacl_file DIR/acl", files: ["acl": "topic readwrite test/status\n"])
        let node = try RunningPublisher(port: broker.port, outbox: MemoryOutbox(records: 1))
        try eventually("refusals") { node.publisher.snapshot.refused >= 5 }
        let reason = "not authorised, 0x87: check the broker's access list for mqtt.topic"
        #expect(node.publisher.snapshot.lastError.map { $0.hasSuffix(reason) } ?? true)
        let name = "broker 127.0.0.1:\(broker.port)"
        let said = [
            "notice: MQTT: connected to \(name)", "error: MQTT: \(name) refused record 1: \(reason). It is offered again",
            "warning: MQTT: \(name) closed the connection after it had refused a record: \(reason). Records wait in the "
                + "journal",
        ]
        // Not once per try. The second "connected" comes before it is known that the connection comes and goes.
        #expect(node.log.lines == said + [said[0]] || node.log.lines == Array(said[..<2]), "\(node.log.lines)")
        #expect(node.outbox.acknowledgedThrough == 0)
    }

    @Test("Journal fault is said once and survived") func journalFaultIsSaidOnceAndSurvived() throws {
        let broker = try TestBroker()
        try broker.listen()
        let outbox = MemoryOutbox(records: 5)
        outbox.setFault(OutboxError(operation: "SELECT", code: 11, detail: "disk image is malformed"))
        let node = try RunningPublisher(port: broker.port, outbox: outbox)
        try eventually("the fault") { node.log.lines.count == 2 }
        let words = "records can't be read from the journal: SELECT: disk image is malformed (code 11)"
        #expect(node.log.lines.last == "error: MQTT: \(words)")
        for _ in 0..<5 { node.publisher.recordsAvailable() }
        outbox.setFault(nil)
        try node.waitUntilAcknowledged(5)
        #expect(node.log.lines.count == 2)
    }

    @Test("Stop without a broker is prompt") func stopWithoutABrokerIsPrompt() throws {
        let node = try RunningPublisher(port: try freePort(), outbox: MemoryOutbox(records: 3)) {
            $0.timing.firstBackOff = .seconds(60)
            $0.timing.longestBackOff = .seconds(60)
        }
        try eventually("a fault") { node.publisher.snapshot.lastError != nil }
        // Would outlast the test's patience if it waited for the back-off or the deadline.
        node.stop(drainFor: .seconds(3_600))
        #expect(node.outbox.acknowledgedThrough == 0)
    }

    /// The broker listens on 127.0.0.1 only, as one may listen on IPv4 only while its name has an IPv6 address too.
    @Test("Every address of a host is tried") func everyAddressOfAHostIsTried() throws {
        let broker = try TestBroker()
        try broker.listen()
        let outbox = MemoryOutbox(records: 1)
        let log = RecordingLog()
        let transport = MosquittoTransport(
            settings: MQTTSettings(host: "broker.example", port: broker.port, clientID: "node"), wake: try WakeEvent(),
            resolve: { _ in ["127.0.0.2", "127.0.0.1"].map { BrokerAddress(numeric: $0, sameFamilyWildcard: "0.0.0.0") } })
        let sender = DestinationSender(
            settings: DeliverySettings(name: "city"), format: SequenceFormat(), outbox: outbox, transport: transport,
            version: "1.2.3", clock: TestClock(), seed: 1, log: log)
        try eventually("acknowledgement") { sender.step(stoppingAt: nil) && outbox.acknowledgedThrough == 1 }
        #expect(log.lines == ["notice: city: connected to broker broker.example:\(broker.port)"])
    }
}
