import SensorCore
import TestSupport
import Synchronization

@testable import Delivery

/// A clock that only the test moves.
final class HandClock: NodeClock {
    let bootID = BootID("boot")
    private let time = Mutex(MonotonicInstant(nanoseconds: 0))

    func now() -> MonotonicInstant { time.withLock { $0 } }
    func reading() -> ClockReading { ClockReading(instant: now(), utc: nil) }
    func sleep(until deadline: MonotonicInstant) { time.withLock { $0 = max($0, deadline) } }
}

/// The other side in the test's hands: it takes connections at once, and answers when it is told to.
final class ScriptedTransport: DeliveryTransport {
    private let clock: HandClock
    private var events: [TransportEvent] = []
    private(set) var isConnected = false
    private(set) var will: OutgoingMessage?
    /// Handed over and not answered, oldest first.
    private(set) var unanswered: [TransportMessage] = []
    /// Taken by the other side, in the order of answers.
    private(set) var taken: [OutgoingMessage] = []
    private(set) var subscriptions: [String] = []
    var limit: Int?
    /// Answers everything in `wait`; otherwise the test answers.
    var answersByItself = true
    /// Messages it refuses, by address.
    var refuses: (OutgoingMessage) -> Bool = { _ in false }
    /// Messages over which it closes the connection without a word.
    var closesOver: (OutgoingMessage) -> Bool = { _ in false }
    private(set) var connections = 0
    var mostUnanswered = 0

    init(clock: HandClock) { self.clock = clock }

    func connect(will: OutgoingMessage?) {
        self.will = will
        connections += 1
        unanswered = []
        isConnected = true
        events.append(.connected(to: "the other side", unansweredAtMost: limit))
    }

    func publish(_ messages: [TransportMessage]) {
        unanswered += messages
        mostUnanswered = max(mostUnanswered, unanswered.count)
    }

    func subscribe(_ address: String) {
        subscriptions.append(address)
        events.append(.subscribed(address: address, isGranted: true))
    }

    func disconnect() { close("left") }
    func abandon() { close("abandoned") }

    func wait(milliseconds: Int32) {
        if answersByItself { while !unanswered.isEmpty { answerOldest() } }
        if events.isEmpty { clock.sleep(until: clock.now() + .milliseconds(Int64(max(1, milliseconds)))) }
    }

    func takeEvents() -> [TransportEvent] {
        defer { events = [] }
        return events
    }

    func answerOldest() {
        let message = unanswered.removeFirst()
        if closesOver(message.message) {
            close("the other side closed the connection")
        } else if refuses(message.message) {
            events.append(.answered(token: message.token, .refused(TransportRefusal(.unwanted, code: 0x80, reason: "not wanted"))))
        } else {
            taken.append(message.message)
            events.append(.answered(token: message.token, .taken))
        }
    }

    func receive(_ payload: String, from address: String) {
        events.append(.received(address: address, payload: Array(payload.utf8)))
    }

    func close(_ words: String) {
        guard isConnected else { return }
        isConnected = false
        unanswered = []
        events.append(.closed(TransportFault(Sentence(verbatim: words), wasConnected: true)))
    }
}

/// A journal in memory: numbers ascend from 1, and what was acknowledged is settled.
final class ListOutbox: RecordOutbox {
    private struct State {
        var records: [Record] = []
        var settled = SequenceRanges()
        var receiverHolds: UInt64 = 0
    }
    private let state = Mutex(State())
    /// From which number on which epoch holds.
    let epochs: [(first: UInt64, epoch: JournalEpoch)]

    init(_ records: [Record] = [], epochs: [(first: UInt64, epoch: JournalEpoch)] = [(1, JournalEpoch(rawValue: 1))]) {
        self.epochs = epochs
        state.withLock { $0.records = records }
    }

    var epoch: JournalEpoch { epochs[epochs.count - 1].epoch }
    func epoch(of sequence: UInt64) -> JournalEpoch { (epochs.last { $0.first <= sequence } ?? epochs[0]).epoch }
    var lastSequence: UInt64 { state.withLock { UInt64($0.records.count) } }
    var settled: SequenceRanges { state.withLock { $0.settled } }
    let hasRoomForLane = true
    func receiverHolds(through sequence: UInt64) { state.withLock { $0.receiverHolds = sequence } }
    var receiverHolds: UInt64 { state.withLock { $0.receiverHolds } }
    func append(_ records: [Record]) { state.withLock { $0.records += records } }
    func acknowledge(_ range: ClosedRange<UInt64>) { state.withLock { $0.settled.insert(range) } }

    func records(after sequence: UInt64, through last: UInt64, limit: Int) throws(OutboxError) -> [JournalledRecord] {
        state.withLock { state in
            let end = min(last, UInt64(state.records.count))
            guard sequence < end else { return [] }
            return state.settled.missing(in: sequence + 1...end).ranges.joined().prefix(limit).map {
                JournalledRecord(sequence: $0, record: state.records[Int($0) - 1])
            }
        }
    }
}

/// A sender on the test's own thread.
struct SenderUnderTest {
    let clock = HandClock()
    let transport: ScriptedTransport
    let outbox: ListOutbox
    let log = RecordingLog()
    let sender: DestinationSender

    init(_ format: any RecordFormat, _ outbox: ListOutbox, limit: Int? = nil, adjust: (inout DeliverySettings) -> Void = { _ in }) {
        transport = ScriptedTransport(clock: clock)
        transport.limit = limit
        self.outbox = outbox
        var settings = DeliverySettings(name: "city")
        adjust(&settings)
        sender = DestinationSender(
            settings: settings, format: format, outbox: outbox, transport: transport, version: "1", clock: clock, seed: 1, log: log)
    }

    /// Turns of the loop, at most so many, until `isDone`; false when it never was.
    @discardableResult
    func run(_ turns: Int = 2_000, until isDone: () -> Bool = { false }) -> Bool {
        for _ in 0..<turns {
            if isDone() { return true }
            _ = sender.step(stoppingAt: nil)
        }
        return isDone()
    }

    func drain() -> Bool { run { outbox.lastOwed == 0 } }
}

enum TestRecords {
    static let start: Int64 = 1_767_225_600
    static let boot = BootID("boot")

    /// One minute of a channel, the `minute`th after a full hour of UTC.
    static func minute(_ minute: Int64, channel: String = "gate", count: UInt64 = 1, filter: String = "none") -> Record {
        let utc = WallClockTime(secondsSince1970: start + 60 * minute)
        return Record(
            bootID: boot,
            body: .traffic(
                TrafficInterval(
                    span: IntervalSpan(
                        start: MonotonicInstant(nanoseconds: 60_000_000_000 * minute),
                        end: MonotonicInstant(nanoseconds: 60_000_000_000 * (minute + 1)),
                        utc: .init(start: utc, end: utc + .seconds(60)), isPartial: false),
                    channel: channel, detector: .contact, observed: .seconds(60), flows: [TrafficFlow(count: count)],
                    total: UInt64(minute + 1) * count,
                    quality: CountQuality(
                        counters: EdgeCounters(edges: 2 * count, lostEdges: 0, overflows: 0, rejectedGlitches: 0),
                        filter: filter, confidence: 1))
            ))
    }

    static func fix(_ minute: Int64) -> Record {
        Record(
            bootID: boot,
            body: .timeFix(
                TimeFix(
                    instant: MonotonicInstant(nanoseconds: 60_000_000_000 * minute),
                    utc: WallClockTime(secondsSince1970: start + 60 * minute))))
    }
}
