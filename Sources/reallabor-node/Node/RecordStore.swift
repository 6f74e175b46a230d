import MQTTPublisher
import SensorCore
import StoreForward

/// Where the node's journal is and what it may take.
struct JournalPlace {
    var path: String
    var budgetBytes: Int64
}

/// The journal with its publisher. Keeps the two together when a damaged journal has to be replaced while the node
/// runs: the publisher reads the journal, so it is stopped before and started anew after.
final class RecordStore {
    typealias PublisherFactory = (any RecordOutbox) throws(PublisherUnavailable) -> MQTTPublisher

    private static let destination = "mqtt"

    private let place: JournalPlace
    private let makePublisher: PublisherFactory?
    private let clock: any NodeClock
    private let log: any EventLog
    private var journal: Journal
    private(set) var publisher: MQTTPublisher?
    /// What the opening of a journal has to tell its readers; taken by the node loop.
    private var notices: [Notice] = []
    private var connectionsLostBefore: UInt64 = 0

    /// Opens the journal, or begins one. `makePublisher` is nil when nothing is to be published.
    init(
        place: JournalPlace, clock: any NodeClock, log: any EventLog, makePublisher: PublisherFactory?
    ) throws {
        self.place = place
        self.clock = clock
        self.log = log
        self.makePublisher = makePublisher
        let (journal, report) = try Self.open(place, publishes: makePublisher != nil, damage: nil)
        self.journal = journal
        if let makePublisher, let outbox = journal.outbox(for: Self.destination) { publisher = try makePublisher(outbox) }
        note(report)
    }

    var totals: [String: UInt64] { journal.totals() }
    var backlog: UInt64 { journal.backlog }
    var lastSequence: UInt64 { journal.outbox(for: Self.destination)?.lastSequence ?? 0 }
    var acknowledgedThrough: UInt64 { journal.outbox(for: Self.destination)?.acknowledgedThrough ?? 0 }
    /// Connections lost since the node started, over all publishers it had.
    var connectionsLost: UInt64 { connectionsLostBefore + (publisher?.snapshot.connectionsLost ?? 0) }

    func takeNotices() -> [Notice] {
        defer { notices = [] }
        return notices
    }

    func append(_ records: [Record], totals: [String: UInt64]) throws(JournalError) {
        _ = try journal.append(records, totals: totals)
        publisher?.recordsAvailable()
    }

    /// Sets the journal aside if it was found damaged, and goes on with a new one.
    func replaceIfDamaged(threads: any ServiceThreads) throws(JournalError) {
        guard let damage = journal.damage else { return }
        log.log(.error, "\(damage)")
        stopPublisher(drainUntil: clock.now(), threads: threads)
        connectionsLostBefore = connectionsLost
        publisher = nil
        try journal.close()
        let (next, report) = try Self.open(place, publishes: makePublisher != nil, damage: damage)
        journal = next
        note(report)
        guard let makePublisher, let outbox = next.outbox(for: Self.destination) else { return }
        do {
            publisher = try makePublisher(outbox)
            try startPublisher(threads: threads)
        } catch {
            log.log(.error, "\(error); nothing is published until the node is started anew")
        }
    }

    func startPublisher(threads: any ServiceThreads) throws(ThreadError) {
        guard let publisher else { return }
        try threads.start(.publisher) { publisher.run() }
    }

    /// `deadline` is on the publisher's clock, the system's.
    func stopPublisher(drainUntil deadline: MonotonicInstant, threads: any ServiceThreads) {
        guard let publisher else { return }
        publisher.requestStop(drainUntil: deadline)
        if !threads.joinPublisher() { log.log(.warning, "the publisher did not stop in time") }
    }

    func close() throws(JournalError) { try journal.close() }

    private static func open(
        _ place: JournalPlace, publishes: Bool, damage: JournalError?
    ) throws(JournalError) -> (Journal, OpeningReport) {
        var random = SystemRandomNumberGenerator()
        return try Journal.open(
            path: place.path, budgetBytes: place.budgetBytes, epochIfNew: JournalEpoch(rawValue: random.next()),
            destinations: publishes ? [destination] : [], knownDamage: damage)
    }

    private func note(_ report: OpeningReport) {
        let reading = clock.reading()
        switch report {
        case .continued: break
        case .begun:
            notices.append(
                Notice(
                    kind: .journalBegun, instant: reading.instant, utc: reading.utc,
                    text: "a new journal; sequence numbers and totals begin anew"))
        case .setAside(let name, let damage):
            log.log(.error, "\(damage); the journal was set aside as \(name) and a new one begun")
            notices.append(
                Notice(
                    kind: .journalSetAside, instant: reading.instant, utc: reading.utc,
                    text: "the journal was damaged and set aside as \(name); what it still held is only there"))
        }
    }
}
