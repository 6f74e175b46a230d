import SensorCore
import Synchronization
import TestSupport
import Testing
import HostFiles
import TransportProcess

@testable import MQTTTransport

@Suite(.serialized, .blocksItsThread) struct PacketSizeTests {
    private static func message(_ topic: Int, _ payload: Int, schema: Int = 6, expiry: UInt32? = nil) -> OutgoingMessage {
        OutgoingMessage(
            address: String(repeating: "t", count: topic), payload: [UInt8](repeating: 0x78, count: payload), isRetained: false,
            contentType: "application/json", schema: String(repeating: "s", count: schema), expirySeconds: expiry)
    }

    /// Sizes of the packets that libmosquitto writes for these, as a socket sees them: CONNECT, SUBSCRIBE, PUBLISH …
    private func written(_ messages: [OutgoingMessage], _ settings: MQTTSettings, will: OutgoingMessage, filter: String) throws -> [Int] {
        let sizes = Mutex<[Int]>([])
        let isFive = settings.version == .mqtt5
        let broker = try FakeBroker { connection in
            while let (first, body) = connection.packet() {
                let length = body.count < 128 ? 1 : body.count < 16_384 ? 2 : body.count < 2_097_152 ? 3 : 4
                sizes.withLock { $0.append(1 + length + body.count) }
                if first == 0x10 { connection.send(isFive ? [0x20, 3, 0, 0, 0] : [0x20, 2, 0, 0]) }
            }
        }
        var settings = settings
        settings.brokers[0].port = broker.port
        let connection = try MosquittoConnection(settings: settings, will: will)
        let wake = try WakeEvent()
        connection.begin(BrokerAddress(numeric: "127.0.0.1", sameFamilyWildcard: "0.0.0.0"))
        try eventually("CONNACK") {
            connection.wait(wake: wake, milliseconds: 50)
            return connection.phase == .accepted
        }
        connection.subscribe(filter)
        for message in messages { _ = try connection.publish(message) }
        try eventually("all of them") {
            connection.wait(wake: wake, milliseconds: 10)
            return sizes.withLock { $0.count } == messages.count + 2
        }
        return sizes.withLock { $0 }
    }

    /// Lengths on both sides of each step of a variable byte integer, of the properties and of the packet.
    @Test("Sizes are those that the library writes", arguments: [MQTTSettings.ProtocolVersion.mqtt5, .mqtt311])
    func sizes(_ version: MQTTSettings.ProtocolVersion) throws {
        var settings = MQTTSettings(host: "127.0.0.1", port: 1, clientID: "node-7")
        settings.version = version
        let folder = ScratchFolder()
        settings.username = "somebody"
        settings.passwordFile = folder.write("password", "secret\n")
        var messages: [OutgoingMessage] = []
        for payload in [
            0, 1, 60, 61, 62, 63, 64, 80, 110, 120, 121, 122, 123, 124, 125, 126, 127, 128, 16_300, 16_320, 16_330, 16_340, 16_350,
        ] {
            messages.append(Self.message(10, payload))
        }
        for schema in 85...105 { messages.append(Self.message(10, 5, schema: schema)) }
        for payload in 16_355...16_385 { messages.append(Self.message(1, payload, expiry: 3600)) }
        messages.append(Self.message(200, 2_097_152, expiry: 1))
        messages.append(Self.message(5, 10, schema: 17_000))
        let will = Self.message(300, 500, expiry: 7)
        let filter = String(repeating: "f", count: 130)
        let found = try written(messages, settings, will: will, filter: filter)
        let expected =
            [PacketSize.connect(settings, password: "secret", will: will), PacketSize.subscribe(filter, version)]
            + messages.map { PacketSize.publish($0, version) }
        #expect(found == expected)
    }

    /// Where libmosquitto 2.0.11 aborts, or sends what is too long.
    @Test("Nothing longer than the broker takes leaves, and nothing shorter is held back", arguments: [-3, -2, -1, 0, 1, 2, 3, 4])
    func limit(_ beyond: Int) throws {
        let size = PacketSize.publish(
            SequenceFormat(payloadSize: 700).message(
                JournalledRecord(sequence: 1, record: MemoryOutbox.example),
                RecordBatch(records: [], epoch: JournalEpoch(rawValue: 42), isHistorical: true)),
            .mqtt5)
        let limit = UInt32(size - beyond)
        let longest = Mutex(0)
        let broker = try FakeBroker { connection in
            let bytes = withUnsafeBytes(of: limit.bigEndian) { Array($0) }
            guard connection.welcome(connackProperties: [0x27] + bytes) else { return }
            while let (first, body) = connection.packet() {
                guard first & 0xF0 == 0x30 else { continue }
                longest.withLock { $0 = max($0, 1 + (body.count < 128 ? 1 : 2) + body.count) }
                let topic = Int(body[0]) << 8 | Int(body[1])
                connection.send(connection.puback(UInt16(body[2 + topic]) << 8 | UInt16(body[3 + topic])))
            }
        }
        let node = try RunningPublisher(port: broker.port, outbox: MemoryOutbox(records: 1), format: SequenceFormat(payloadSize: 700))
        if beyond > 0 {
            try eventually("a refusal") { node.publisher.snapshot.refused >= 2 }
            #expect(node.publisher.snapshot.lastError?.contains("its packet has \(size) bytes, and the broker takes \(limit)") == true)
            #expect(node.log.lines.count { $0.contains("refused record") } == 1, "\(node.log.lines)")
            #expect(broker.connections == 1)
        } else {
            try node.waitUntilAcknowledged(1)
        }
        node.stop()
        #expect(longest.withLock { $0 } <= Int(limit))
    }
}
