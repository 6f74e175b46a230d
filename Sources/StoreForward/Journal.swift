public import SensorCore
import Synchronization

/// The node's account: numbered records on disk, with the numbers that each destination has settled.
///
/// Safe to use from any thread. One thread appends; each destination's thread reads through its outbox, over a
/// connection of its own, and never waits for an append, nor does an acknowledgement.
///
/// After an error of kind `corrupt`, from here or in `damage`, close the journal and open it again with that error
/// as `knownDamage`.
public final class Journal: Sendable {
    /// 1 MB, as the configuration has it too: below, schema, log and a few minutes of records leave no history worth the name.
    public static let minimumBudgetBytes: Int64 = 1_000_000

    public let path: String
    /// What became of the destinations' places when it was opened.
    public let destinationChanges: [DestinationChange]

    /// nil once the journal was closed.
    let writer: Mutex<JournalWriter?>
    private let progress: JournalProgress
    private let outboxes: [String: DestinationOutbox]
    /// What an epoch that begins while the journal is open is called; also the name of this opening.
    private let nextEpoch: JournalEpoch
    /// What the mark beside the file says; changes under the writer's lock only.
    private let mark: Mutex<JournalMark>
    /// nil once the journal was closed.
    private let patrol: Mutex<JournalPatrol?>
    /// All connections but the writer's.
    let places: [ReadingPlace]
    let requests: ReadingRequests

    init(
        _ writer: sending JournalWriter, patrol: sending JournalPatrol, progress: JournalProgress, outboxes: [String: DestinationOutbox],
        places: [ReadingPlace], requests: ReadingRequests, nextEpoch: JournalEpoch, mark: JournalMark,
        destinationChanges: [DestinationChange]
    ) {
        self.destinationChanges = destinationChanges
        path = writer.path
        self.progress = progress
        self.outboxes = outboxes
        self.places = places
        self.requests = requests
        self.nextEpoch = nextEpoch
        self.mark = Mutex(mark)
        self.patrol = Mutex(patrol)
        self.writer = Mutex(writer)
    }

    /// Of what is numbered from now on.
    public var epoch: JournalEpoch { progress.epochs.latest }

    /// The numbers given under each epoch, ascending. Never waits.
    public var numbered: [(epoch: JournalEpoch, numbers: ClosedRange<UInt64>)] { progress.epochs.numbered(through: lastSequence) }

    /// The journal as the destination of this name sees it; nil for a name that was not given to `open`.
    public func outbox(for destination: String) -> (any RecordOutbox)? { outboxes[destination] }

    /// Of the newest record committed; 0 in a journal without any. Never waits.
    public var lastSequence: UInt64 { progress.lastSequence.load(ordering: .acquiring) }

    /// Records kept that are owed to the destination with the most of them. Never waits for an append.
    public var backlog: UInt64 {
        let last = lastSequence
        guard last > 0 else { return 0 }
        return outboxes.values.map { $0.settled.missing(in: 1...last).total }.max() ?? 0
    }

    /// Damage that was found while running, by an append or by a destination that read; nil while there is none.
    public var damage: JournalError? { progress.damage }

    /// Looks at up to `count` records, going on where the last call ended and beginning anew behind the newest. What it
    /// finds is in `damage`; an error that is none is of the medium. To be called now and then from one thread.
    public func verifySome(_ count: Int) throws(JournalError) {
        do throws(JournalError) {
            try patrol.withLock { (patrol) throws(JournalError) in try patrol?.look(at: count, last: lastSequence) }
        } catch {
            progress.note(error)
            if error.kind != .corrupt { throw error }
        }
    }

    /// Times `verifySome` got through the whole journal since it was opened.
    public var roundsVerified: Int { patrol.withLock { $0?.rounds ?? 0 } }

    /// Commits `records` (at least one), `totals` and all acknowledgements so far together, with one sync of the
    /// medium, and returns the records' sequences. On an error nothing of it was done.
    ///
    /// A total that is lower than the one kept is not taken: totals never fall. What the journal itself has to add
    /// (records that replace older ones, to keep within the budget, and notices) takes the numbers before the returned
    /// range.
    public func append(
        _ records: [Record], totals: [String: UInt64] = [:]
    ) throws(JournalError) -> ClosedRange<UInt64> {
        precondition(!records.isEmpty, "an append needs a record")
        if let damage { throw damage }
        do throws(JournalError) {
            return try writer.withLock { (writer) throws(JournalError) in
                guard let writer else {
                    throw JournalError(kind: .closed, operation: "append to \(path)", detail: "the journal was closed")
                }
                let isOlderCopy = progress.isOlderCopy && writer.standing.epochs.latest != nextEpoch
                let range = try writer.append(
                    records, totals: totals, acknowledged: acknowledged(), newEpoch: isOlderCopy ? nextEpoch : nil)
                publish(writer.standing)
                writeMark(writer.standing, isLast: false)
                return range
            }
        } catch {
            progress.note(error)
            throw error
        }
    }

    /// What was settled before what was numbered: a reader that knows of new numbers must not take settled ones for owed.
    private func publish(_ standing: JournalStanding) {
        for (name, outbox) in outboxes {
            outbox.committed(standing.acknowledged[name] ?? SequenceRanges(), gone: standing.gone)
        }
        progress.publish(standing)
    }

    /// A mark that the medium does not take is tried again after as many numbers: it only makes an older copy noticed.
    private func writeMark(_ standing: JournalStanding, isLast: Bool) {
        mark.withLock { mark in
            let numbers = standing.lastSequence - mark.sequence
            guard standing.opening == mark.opening, isLast ? numbers > 0 : numbers >= JournalMark.interval else { return }
            mark.sequence = standing.lastSequence
            _ = mark.write(beside: path)
        }
    }

    /// Counts per channel since this journal began, as last committed. Empty after `close()`.
    public func totals() -> [String: UInt64] {
        writer.withLock { $0?.standing.totals ?? [:] }
    }

    /// Commits the acknowledgements, copies the log into the database and lets the files go. Waits for a read in
    /// progress. The journal and its outboxes are of no use afterwards, also when this throws; closing twice does
    /// nothing.
    ///
    /// Of a damaged journal only the log is copied, whatever the pages in it are: a program that opens it anew finds
    /// nothing in a log beyond the first flaw, but this one does.
    public func close() throws(JournalError) {
        for place in places { place.close() }
        patrol.withLock { $0 = nil }
        let damage = progress.damage
        let acknowledged = acknowledged()
        try writer.withLock { (writer) throws(JournalError) in
            guard let open = writer else { return }
            // Whatever fails below, the connection goes, and the lock with it.
            defer { writer = nil }
            if damage != nil {
                // Where it can't be copied it stays where it is, and what it has is looked for there.
                do throws(JournalError) { try open.connected?.database.foldLog("close") } catch {}
                return
            }
            try open.reconnect()
            try open.flush(acknowledged: acknowledged)
            // What is there now is another's: no log to be deleted, no mark to be written.
            guard open.whereabouts.areInPlace() else { return }
            try open.database.foldLog("close")
            writeMark(open.standing, isLast: true)
        }
    }

    /// All connections but the readers', as they are.
    func letGo() {
        patrol.withLock { $0 = nil }
        writer.withLock { $0 = nil }
    }

    func acknowledged() -> [String: SequenceRanges] { outboxes.mapValues { $0.acknowledged } }
}
