import Glibc
import DeliveryAudit
import Delivery
import MQTTTransport
import RecordFormats
import SensorCore
import Synchronization
import TestSupport
import Testing
import TransportProcess

/// CLOCK_MONOTONIC without UTC.
final class TestClock: NodeClock {
    let bootID = BootID("test-boot")
    func now() -> MonotonicInstant {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return MonotonicInstant(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }
    func reading() -> ClockReading { ClockReading(instant: now(), utc: nil) }
    func sleep(until deadline: MonotonicInstant) {
        while now() < deadline { usleep(1_000) }
    }
}

/// Records in memory; the body says nothing, the sequence is the content.
final class MemoryOutbox: RecordOutbox {
    private struct State {
        var last: UInt64 = 0
        var settled = SequenceRanges()
        var acknowledgements: [UInt64] = []
        var largestLimit = 0
        var fault: OutboxError?
    }
    private let state = Mutex(State())
    let epoch = JournalEpoch(rawValue: 42)

    func epoch(of sequence: UInt64) -> JournalEpoch { epoch }
    func receiverHolds(through sequence: UInt64) {}

    init(records: UInt64 = 0) { state.withLock { $0.last = records } }

    var lastSequence: UInt64 { state.withLock { $0.last } }
    var settled: SequenceRanges { state.withLock { $0.settled } }
    let hasRoomForLane = true
    var acknowledgements: [UInt64] { state.withLock { $0.acknowledgements } }
    var largestLimit: Int { state.withLock { $0.largestLimit } }

    func append(_ count: UInt64) { state.withLock { $0.last += count } }
    func setFault(_ fault: OutboxError?) { state.withLock { $0.fault = fault } }

    func records(after sequence: UInt64, through last: UInt64, limit: Int) throws(OutboxError) -> [JournalledRecord] {
        let (settled, committed, fault) = state.withLock { state in
            state.largestLimit = max(state.largestLimit, limit)
            return (state.settled, state.last, state.fault)
        }
        if let fault { throw fault }
        guard sequence < min(last, committed) else { return [] }
        return settled.missing(in: sequence + 1...min(last, committed)).ranges.joined().prefix(limit).map {
            JournalledRecord(sequence: $0, record: Self.record)
        }
    }

    func acknowledge(_ range: ClosedRange<UInt64>) {
        state.withLock {
            $0.settled.insert(range)
            $0.acknowledgements.append(range.upperBound)
        }
    }

    static let example = record
    private static let record = Record(
        bootID: BootID("test-boot"),
        body: .timeFix(TimeFix(instant: MonotonicInstant(nanoseconds: 0), utc: WallClockTime(nanoseconds: 0))))
}

/// `test/record` with what an audit reads, `test/status` with the state.
struct SequenceFormat: RecordFormat {
    var topic = "test/record"
    var payloadSize = 0
    /// Sequences whose payload has 3000 bytes.
    var large: Set<UInt64> = []
    var receiptTopic: String?

    func session() -> any FormatSession { Session(format: self) }

    func status(_ status: NodeStatus) -> OutgoingMessage {
        OutgoingMessage(
            address: "test/status", payload: Array("\(status.state.rawValue) \(status.version)".utf8), isRetained: true,
            contentType: "text/plain", schema: "test/1", expirySeconds: status.state == .online ? 3600 : nil)
    }

    func message(_ record: JournalledRecord, _ batch: RecordBatch) -> OutgoingMessage {
        var payload = Array(
            (#"{"kind":"node","node":"n","epoch":"\#(batch.epoch.text)","sequence":\#(record.sequence),"boot":"b","#
                + #""start_monotonic_ns":\#(record.sequence),"end_monotonic_ns":\#(record.sequence + 1),"historical":\#(batch.isHistorical)}"#)
                .utf8)
        let size = large.contains(record.sequence) ? 3000 : payloadSize
        if payload.count < size {
            payload += [UInt8](repeating: UInt8(ascii: " "), count: size - payload.count)
        }
        return OutgoingMessage(
            address: topic, payload: payload, isRetained: false, contentType: "text/plain", schema: "test/1")
    }

    private struct Session: FormatSession {
        let format: SequenceFormat

        var subscriptions: [String] { format.receiptTopic.map { [$0] } ?? [] }
        var renewalPause: TimeSpan? { .seconds(1200) }
        func will(_ status: NodeStatus) -> OutgoingMessage? { format.status(status) }
        func birth(_ status: NodeStatus) -> [OutgoingMessage] { [format.status(status)] }
        func farewell(_ status: NodeStatus) -> [OutgoingMessage] { [format.status(status)] }
        func messages(for batch: RecordBatch) -> [RecordMessage] {
            batch.records.map { RecordMessage(format.message($0, batch), carries: [$0.sequence]) }
        }
        func received(_ payload: [UInt8], from address: String) -> InboundMessage {
            NativeFormat.receipt(from: payload).map { .receipt($0) } ?? .unreadable
        }
    }
}

/// Where the broker is and how records go there, in one.
@dynamicMemberLookup struct TestSettings {
    var mqtt: MQTTSettings
    var delivery: DeliverySettings
    var receiptTopic: String?

    subscript<Value>(dynamicMember path: WritableKeyPath<MQTTSettings, Value>) -> Value {
        get { mqtt[keyPath: path] }
        set { mqtt[keyPath: path] = newValue }
    }

    subscript<Value>(dynamicMember path: WritableKeyPath<DeliverySettings, Value>) -> Value {
        get { delivery[keyPath: path] }
        set { delivery[keyPath: path] = newValue }
    }
}

/// A destination on a thread of its own, as the node runs it; stopped and joined at the end.
final class RunningPublisher {
    let publisher: DestinationService
    let outbox: MemoryOutbox
    let log = RecordingLog()
    let clock = TestClock()
    private var thread = pthread_t()
    private var isRunning = true

    init(
        port: UInt16, outbox: MemoryOutbox, format: SequenceFormat = SequenceFormat(), seed: UInt64 = 1,
        adjust: (inout TestSettings) -> Void = { _ in }
    ) throws {
        var settings = TestSettings(
            mqtt: MQTTSettings(host: "127.0.0.1", port: port, clientID: "node"), delivery: DeliverySettings(name: "mqtt"))
        settings.logName = "MQTT"
        settings.timing.firstBackOff = .milliseconds(20)
        settings.timing.longestBackOff = .milliseconds(200)
        adjust(&settings)
        settings.needsReceipts = settings.receiptTopic != nil
        var format = format
        format.receiptTopic = settings.receiptTopic
        self.outbox = outbox
        let mqtt = settings.mqtt
        publisher = try DestinationService(
            settings: settings.delivery, format: format, outbox: outbox, version: "1.2.3", clock: clock, seed: seed, log: log,
            transport: { MosquittoTransport(settings: mqtt, wake: $0) })
        let context = Unmanaged.passRetained(publisher).toOpaque()
        let code = pthread_create(
            &thread, nil,
            { context in
                guard let context else { return nil }
                Unmanaged<DestinationService>.fromOpaque(context).takeRetainedValue().run()
                return nil
            }, context)
        guard code == 0 else { throw TestFailure("pthread_create: \(code)") }
    }

    func append(_ count: UInt64) {
        outbox.append(count)
        publisher.recordsAvailable()
    }

    /// What arrived is the whole account from 1 on, as `reallabor-node audit` sees it.
    func expectComplete(
        _ payloads: [[UInt8]], through last: UInt64, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        var auditor = DeliveryAuditor()
        for payload in payloads { auditor.take(json: payload) }
        let verdicts = auditor.verdicts(expecting: 1...last)
        #expect(verdicts.count == 1 && verdicts[0].isComplete && verdicts[0].records == last, "\(verdicts)", sourceLocation: sourceLocation)
        #expect(auditor.unreadable == nil, sourceLocation: sourceLocation)
    }

    func waitUntilOnline() throws {
        try eventually("online: \(log.lines)") { publisher.snapshot.isConnected }
    }

    func waitUntilAcknowledged(_ sequence: UInt64) throws {
        try eventually("acknowledgement of \(sequence)") { outbox.acknowledgedThrough >= sequence }
    }

    func stop(drainFor span: TimeSpan = .seconds(20)) {
        guard isRunning else { return }
        isRunning = false
        publisher.requestStop(drainUntil: clock.now() + span)
        pthread_join(thread, nil)
    }

    deinit { stop(drainFor: .zero) }
}
