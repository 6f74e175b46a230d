package import MQTTPublisher
package import SensorCore
import ServiceManager
package import StoreForward

/// Where the node's journal is and what it may take.
package struct JournalPlace {
    package var path: String
    package var budgetBytes: Int64

    package init(path: String, budgetBytes: Int64) {
        self.path = path
        self.budgetBytes = budgetBytes
    }
}

/// The journal with its publisher. Keeps the two together when a journal has to be opened or replaced while the node
/// runs: the publisher reads the journal, so it is stopped before and started anew after.
///
/// States: open; or closed, since the medium took nothing when the journal was to be opened. Each `prepare` tries.
package final class RecordStore {
    package typealias PublisherFactory = (any RecordOutbox) throws(PublisherUnavailable) -> MQTTPublisher

    private static let destination = "mqtt"

    private let place: JournalPlace
    private let makePublisher: PublisherFactory?
    private let clock: any NodeClock
    private let log: any EventLog
    private let stillBusy: () -> Void
    private var journal: Journal?
    package private(set) var publisher: MQTTPublisher?
    /// What was found in a journal that is still to be replaced.
    private var damage: JournalError?
    /// What the opening of a journal has to tell its readers; taken by the node loop.
    private var notices: [Notice] = []
    private var connectionsLostBefore: UInt64 = 0
    private var saidUnreadable = false
    private var saidShut = false

    private static let recordsVerifiedPerTurn = 100

    /// Opens the journal, or begins one. A medium that is full or fails stops no counting: then it is opened later.
    /// Throws what only a person can settle. `makePublisher` is nil when nothing is to be published.
    init(
        place: JournalPlace, clock: any NodeClock, log: any EventLog, makePublisher: PublisherFactory?,
        stillBusy: @escaping () -> Void = {}
    ) throws(JournalError) {
        self.place = place
        self.clock = clock
        self.log = log
        self.makePublisher = makePublisher
        self.stillBusy = stillBusy
        do throws(JournalError) {
            try open()
        } catch {
            guard error.isOfTheMedium else { throw error }
            log.log(.error, "\(error). Nothing is kept or published until the journal can be opened")
        }
    }

    /// Counted before this program started, as the journal has it that was opened first; empty while there was none. What goes
    /// on from a damaged journal has what this program counted, too, and is not asked.
    private(set) var earlierTotals: [String: UInt64] = [:]
    private var wasOpened = false
    var isOpen: Bool { journal != nil }
    /// Of the newest record committed, whether it is published or not; nil while there is no journal.
    var lastCommitted: UInt64? { journal?.lastSequence }
    var backlog: UInt64 { journal?.backlog ?? 0 }
    package var lastSequence: UInt64 { journal?.outbox(for: Self.destination)?.lastSequence ?? 0 }
    package var acknowledgedThrough: UInt64 { journal?.outbox(for: Self.destination)?.acknowledgedThrough ?? 0 }
    /// Connections lost since the node started, over all publishers it had.
    var connectionsLost: UInt64 { connectionsLostBefore + (publisher?.snapshot.connectionsLost ?? 0) }

    /// A resolver that nobody answers blocks for minutes, and that is no reason to count nothing meanwhile: at its
    /// limits (resolv.conf(5): 5 tries of 30 s at 3 servers) a name takes 7.5 minutes, and again with each suffix of
    /// the search list. Standing still costs only delay, since the journal keeps every record; starting anew costs
    /// counts. So only a thread that will not come back is worth it.
    private static let publisherGracePeriod = TimeSpan.seconds(30 * 60)

    /// Its turns are nil when nothing is published, or cannot be until the node is started anew.
    var watchedLoops: [WatchedLoop] {
        [WatchedLoop(name: "publisher", gracePeriod: Self.publisherGracePeriod, turns: publisher?.turns)]
    }

    var delivery: NodeStanding.Delivery {
        guard let status = publisher?.snapshot else { return .none }
        return status.isConnected ? .connected : .disconnected(reason: status.lastError)
    }

    func takeNotices() -> [Notice] {
        noteRefused(publisher?.takeSetAside() ?? [])
        defer { notices = [] }
        return notices
    }

    /// One notice for each run of numbers with one reason.
    private func noteRefused(_ records: [SetAsideRecord]) {
        guard !records.isEmpty else { return }
        let reading = clock.reading()
        for reason in Set(records.map(\.reason)).sorted() {
            var numbers = SequenceRanges()
            for record in records where record.reason == reason { numbers.insert(record.sequence...record.sequence) }
            for range in numbers.ranges {
                notices.append(
                    Notice(
                        kind: .recordsRefused, instant: reading.instant, utc: reading.utc,
                        text: "the broker refuses them and takes others: \(reason)",
                        count: range.upperBound - range.lowerBound + 1, sequences: range))
            }
        }
    }

    /// To be called after `prepare`.
    func append(_ records: [Record], totals: [String: UInt64]) throws(JournalError) {
        _ = try journal?.append(records, totals: totals)
        publisher?.recordsAvailable()
    }

    /// Sees to it that there is a sound journal: sets it aside if it was found damaged, and opens it if it is not open.
    /// True when it was opened just now: it may have totals of its own, and notices to be committed.
    func prepare(threads: any ServiceThreads) throws(JournalError) -> Bool {
        if let found = journal?.damage {
            log.log(.error, "\(found)")
            damage = found
            try letGo(threads: threads)
        }
        guard journal == nil else { return false }
        try open()
        do throws(ThreadError) {
            try startPublisher(threads: threads)
        } catch {
            log.log(.error, "\(error); nothing is published until the node is started anew")
        }
        return true
    }

    /// A little of the journal is read through in each turn of the node loop, so that damage is found before a
    /// destination needs the record: a month of a busy box in about two hours.
    func verifySome() {
        do throws(JournalError) {
            try journal?.verifySome(Self.recordsVerifiedPerTurn)
            saidUnreadable = false
        } catch {
            if !saidUnreadable { log.log(.error, "\(error)") }
            saidUnreadable = true
        }
    }

    /// Whoever looks into the journal from outside is let in at the next turn of the node loop.
    func admitReaders() {
        do throws(JournalError) {
            try journal?.admitReaders()
            saidShut = false
        } catch {
            if !saidShut { log.log(.error, "\(error)") }
            saidShut = true
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

    func close() throws(JournalError) { try journal?.close() }

    private func letGo(threads: any ServiceThreads) throws(JournalError) {
        // What it would still send is in the damaged journal; and this clock may not be the publisher's.
        stopPublisher(drainUntil: MonotonicInstant(nanoseconds: 0), threads: threads)
        connectionsLostBefore = connectionsLost
        publisher = nil
        defer { journal = nil }
        try journal?.close()
    }

    private func open() throws(JournalError) {
        var random = SystemRandomNumberGenerator()
        let (opened, report) = try Journal.open(
            path: place.path, budgetBytes: place.budgetBytes, epochIfNew: JournalEpoch(rawValue: random.next()),
            destinations: makePublisher == nil ? [] : [Self.destination], knownDamage: damage, stillBusy: stillBusy)
        journal = opened
        if !wasOpened { earlierTotals = opened.totals() }
        wasOpened = true
        note(report)
        damage = nil
        guard let makePublisher, let outbox = opened.outbox(for: Self.destination) else { return }
        do throws(PublisherUnavailable) {
            publisher = try makePublisher(outbox)
        } catch {
            log.log(.error, "\(error); nothing is published until the node is started anew")
        }
    }

    private func note(_ report: OpeningReport) {
        switch report {
        case .continued: break
        case .restored(let previous):
            // The journal tells its receivers itself.
            log.log(
                .warning,
                "the journal \(place.path) is an older copy of the one that was here before (a restored backup?): it goes on under "
                    + "a new epoch; what epoch \(previous.text) numbered further is not in it")
        case .begun:
            if damage != nil { return noteSetAside(as: "\(place.path).damaged-…") }
            note(.journalBegun, "a new journal; sequence numbers and totals begin anew")
        case .setAside(let name, let damage, let carriedOver?):
            let content = carriedOver.told
            log.log(.error, "\(damage); the journal was set aside as \(name), and a new one goes on with what is sound in it: \(content)")
            note(.journalSetAside, "the journal was damaged and set aside as \(name); a new one goes on with what is sound in it: \(content)")
        case .setAside(let name, let damage, nil):
            log.log(.error, "\(damage); the journal was set aside as \(name) and a new one begun")
            noteSetAside(as: name)
        }
    }

    private func noteSetAside(as name: String) {
        note(
            .journalSetAside, "the journal was damaged and set aside as \(name); what it still held is only there")
    }

    private func note(_ kind: Notice.Kind, _ text: String) {
        let reading = clock.reading()
        notices.append(Notice(kind: kind, instant: reading.instant, utc: reading.utc, text: text))
    }
}

extension CarriedOver {
    fileprivate var told: String {
        var parts = ["\(records) records"]
        if lost > 0 { parts.append("\(lost) that were still to be delivered could not be read") }
        if leftBehind > 0 { parts.append("\(leftBehind) that had been delivered are only in the file set aside") }
        return parts.joined(separator: "; ")
    }
}

extension JournalError {
    /// Nothing is wrong but the medium, which may be freed, remounted or come back while the node counts.
    fileprivate var isOfTheMedium: Bool {
        switch kind {
        case .full, .io, .readOnly: true
        case .corrupt, .newerVersion, .olderVersion, .foreign, .locked, .notAdmitted, .cannotOpen, .budgetTooSmall, .closed,
            .unexpected:
            false
        }
    }
}
