import Delivery
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

/// The journal with its destinations. Keeps them together when a journal has to be opened or replaced while the node
/// runs: destinations read the journal, so they are stopped before and started anew after.
///
/// States: open; or closed, since the medium took nothing when the journal was to be opened. Each `prepare` tries.
package final class RecordStore {
    private let place: JournalPlace
    private let clock: any NodeClock
    private let log: any EventLog
    private let stillBusy: () -> Void
    private var journal: Journal?
    private let plans: [DestinationPlan]
    private let destinations: Destinations
    /// What was found in a journal that is still to be replaced.
    private var damage: JournalError?
    /// What waits to be put in the place of a journal whose files were taken away.
    private var rescued: CarriedOver?
    /// The name of a damaged journal that was set aside by an attempt that then went wrong.
    private var setAside: String?
    /// What the opening of a journal has to tell its readers; taken by the node loop.
    private var notices: [Notice] = []
    private var saidUnreadable = false
    /// The journal's files were taken away, and it could not be put in their place again.
    private var isAdrift = false
    private var nextRescue: MonotonicInstant?
    private var saidShut = false

    private static let recordsVerifiedPerTurn = 100
    private static let pauseBetweenRescues = TimeSpan.seconds(30)

    /// Opens the journal, or begins one. A medium that is full or fails stops no counting: then it is opened later.
    /// Throws what only a person can settle.
    ///
    /// - Parameters:
    ///   - destinations: empty when nothing is to be published.
    ///   - stillBusy: called while a damaged journal's records are carried over.
    package init(
        place: JournalPlace, clock: any NodeClock, log: any EventLog, destinations: [DestinationPlan],
        stillBusy: @escaping () -> Void = {}
    ) throws(JournalError) {
        self.place = place
        self.clock = clock
        self.log = log
        plans = destinations
        self.destinations = Destinations(destinations, log: log)
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
    var numbered: [(epoch: JournalEpoch, numbers: ClosedRange<UInt64>)] { journal?.numbered ?? [] }
    /// As of the last `lookAfterFiles`; nil while there is no journal.
    var isInPlace: Bool? { journal.map { _ in !isAdrift } }
    var backlog: UInt64 { journal?.backlog ?? 0 }
    /// Connections lost since the node started, over all destinations.
    var connectionsLost: UInt64 { destinations.connectionsLost }
    package var standings: [DestinationStanding] { destinations.standings(journal) }
    var watchedLoops: [WatchedLoop] { destinations.watchedLoops }

    func takeNotices() -> [Notice] {
        for (name, records) in destinations.takeSetAside() { noteRefused(records, by: name) }
        defer { notices = [] }
        return notices
    }

    /// One notice for each run of numbers with one reason, and not more than a few: where thousands wait, these say why.
    private func noteRefused(_ records: [SetAsideRecords], by name: String) {
        let reading = clock.reading()
        for entry in records {
            for range in entry.numbers.ranges.prefix(20) {
                notices.append(
                    Notice(
                        .recordsRefused, at: reading.instant, utc: reading.utc,
                        saying: NodeMessage.recordsRefused(RefusalNews(entry, by: plans.count == 1 ? nil : name)),
                        count: range.upperBound - range.lowerBound + 1, sequences: range))
            }
        }
    }

    /// To be called after `prepare`.
    func append(_ records: [Record], totals: [String: UInt64]) throws(JournalError) {
        _ = try journal?.append(records, totals: totals)
        destinations.recordsAvailable()
    }

    /// Sees to it that there is a sound journal: sets it aside if it was found damaged, and opens it if it is not open.
    /// True when it was opened just now: it may have totals of its own, and notices to be committed.
    func prepare(threads: any ServiceThreads) throws(JournalError) -> Bool {
        if let found = journal?.damage {
            log.log(.error, "\(found)")
            damage = found
            try letGo()
        }
        guard journal == nil else { return false }
        try open()
        do throws(ThreadError) {
            try startSending(threads)
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

    /// Sees within a turn of the node loop when the journal's file, log or folder was deleted, moved or replaced, and puts what the
    /// open files hold in its place. Where that can't be done, it goes on with the open files, from which everything is still
    /// delivered, and tries again.
    func lookAfterFiles(threads: any ServiceThreads) {
        guard let open = journal, open.damage == nil else { return }
        guard !open.isInPlace else {
            isAdrift = false
            return
        }
        let now = clock.now()
        if isAdrift, let nextRescue, now < nextRescue { return }
        nextRescue = now + Self.pauseBetweenRescues
        do throws(JournalError) {
            try putBack(open)
        } catch {
            if !isAdrift {
                log.log(
                    .error,
                    """
                    the journal \(place.path) was deleted, moved or replaced while it was open, and can't be put back: \(error). What is \
                    counted goes on to be delivered, but what is not delivered before the node ends will be lost
                    """)
            }
            isAdrift = true
            return
        }
        isAdrift = false
        do throws(ThreadError) {
            try startSending(threads)
        } catch {
            log.log(.error, "\(error); nothing is published until the node is started anew")
        }
    }

    private func putBack(_ open: Journal) throws(JournalError) {
        var random = SystemRandomNumberGenerator()
        rescued = try open.rescue(under: JournalEpoch(rawValue: random.next()), stillBusy: stillBusy)
        stopSending(drainUntil: MonotonicInstant(nanoseconds: 0))
        destinations.letGo()
        open.abandon()
        journal = nil
        try self.open()
    }

    func startSending(_ threads: any ServiceThreads) throws(ThreadError) { try destinations.start(threads) }

    /// `deadline` is on the destinations' clock, the system's.
    func stopSending(drainUntil deadline: MonotonicInstant) { destinations.stop(drainUntil: deadline) }

    /// Nothing sends any more.
    func close() throws(JournalError) {
        if let open = journal, open.damage == nil, !open.isInPlace { try putBack(open) }
        try journal?.close()
    }

    private func letGo() throws(JournalError) {
        // What they would still send is in the damaged journal; and this clock may not be theirs.
        stopSending(drainUntil: MonotonicInstant(nanoseconds: 0))
        destinations.letGo()
        defer { journal = nil }
        try journal?.close()
    }

    private func open() throws(JournalError) {
        var random = SystemRandomNumberGenerator()
        let (opened, report): (Journal, OpeningReport)
        do throws(JournalError) {
            (opened, report) = try Journal.open(
                path: place.path, budgetBytes: place.budgetBytes, epochIfNew: JournalEpoch(rawValue: random.next()),
                destinations: plans.map(\.place), knownDamage: damage, rescued: rescued, stillBusy: stillBusy)
        } catch {
            setAside = error.setAside ?? setAside
            throw error
        }
        journal = opened
        if !wasOpened { earlierTotals = opened.totals() }
        wasOpened = true
        note(report)
        (damage, setAside, rescued) = (nil, nil, nil)
        for change in opened.destinationChanges { log.log(change.severity, change.sentence.text(in: .english)) }
        destinations.open(opened)
    }

    private func note(_ report: OpeningReport) {
        switch report {
        case .continued: break
        case .restored(let previous):
            // The journal tells its receivers itself.
            log.log(
                .warning,
                """
                the journal \(place.path) is an older copy of the one that was here before (a restored backup?): it goes on under \
                a new epoch; what epoch \(previous.text) numbered further is not in it
                """)
        case .rescued(let carriedOver, let name):
            let message = NodeMessage.journalRescued(path: place.path, carriedOver: carriedOver, name: name)
            log.log(.error, message.text(in: .english))
            note(.journalSetAside, message)
        case .begun:
            guard let name = setAside else { return note(.journalBegun, .journalBegun) }
            note(.journalSetAside, .journalSetAside(name: name))
        case .setAside(let name, let damage, let carriedOver?):
            let message = NodeMessage.journalGoesOn(name: name, carriedOver: carriedOver)
            log.log(.error, "\(damage); \(message.text(in: .english))")
            note(.journalSetAside, message)
        case .setAside(let name, let damage, nil):
            log.log(.error, "\(damage); the journal was set aside as \(name) and a new one begun")
            note(.journalSetAside, .journalSetAside(name: name))
        }
    }

    private func note(_ kind: Notice.Kind, _ message: NodeMessage) {
        let reading = clock.reading()
        notices.append(Notice(kind, at: reading.instant, utc: reading.utc, saying: message))
    }
}
