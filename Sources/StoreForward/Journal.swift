public import SensorCore
import Synchronization

/// The node's account: numbered records on disk, with one cursor per destination.
///
/// Safe to use from any thread. One thread appends; each destination's thread reads through its outbox, over a
/// connection of its own, and never waits for an append. `acknowledge(through:)` takes no lock at all.
///
/// After an error of kind `corrupt`, from here or in `damage`, close the journal and open it again with that error
/// as `knownDamage`.
public final class Journal: Sendable {
    /// 1 MiB: below, schema, log and a few minutes of records leave no history worth the name.
    public static let minimumBudgetBytes: Int64 = 1 << 20

    public let epoch: JournalEpoch
    public let path: String

    /// nil once the journal was closed.
    private let writer: Mutex<JournalWriter?>
    private let progress: JournalProgress
    private let outboxes: [String: DestinationOutbox]

    init(_ writer: sending JournalWriter, progress: JournalProgress, outboxes: [String: DestinationOutbox]) {
        epoch = writer.epoch
        path = writer.database.path
        self.progress = progress
        self.outboxes = outboxes
        self.writer = Mutex(writer)
    }

    /// The journal as the destination of this name sees it; nil for a name that was not given to `open`.
    public func outbox(for destination: String) -> (any RecordOutbox)? { outboxes[destination] }

    /// Of the newest record committed; 0 in a journal without any. Never waits.
    public var lastSequence: UInt64 { progress.lastSequence.load(ordering: .acquiring) }

    /// Records kept that the slowest destination has not acknowledged. Never waits.
    public var backlog: UInt64 {
        let oldest = progress.oldestSequence.load(ordering: .acquiring)
        let last = progress.lastSequence.load(ordering: .acquiring)
        guard let floor = cursors().values.min() else { return 0 }
        let gone = max(floor, oldest - 1)
        return last > gone ? last - gone : 0
    }

    /// Damage that was found while running, by an append or by a destination that read; nil while there is none.
    public var damage: JournalError? { progress.damage }

    /// Commits `records` (at least one), `totals` and all acknowledgements so far together, with one sync of the
    /// medium, and returns the records' sequences. On an error nothing of it was done.
    ///
    /// A total that is lower than the one kept is not taken: totals never fall. When the budget is full the oldest
    /// records are deleted; if some of them were not acknowledged everywhere, a notice that names them takes the
    /// number after the returned range.
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
                let range = try writer.append(records, totals: totals, cursors: cursors())
                progress.publish(writer.standing)
                return range
            }
        } catch {
            progress.note(error)
            throw error
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
    /// A damaged journal is let go as it is.
    public func close() throws(JournalError) {
        for outbox in outboxes.values { outbox.close() }
        let damage = progress.damage
        let cursors = cursors()
        try writer.withLock { (writer) throws(JournalError) in
            guard let open = writer else { return }
            // Whatever fails below, the connection goes, and the lock with it.
            defer { writer = nil }
            guard damage == nil else { return }
            try open.flush(cursors: cursors)
            try open.database.foldLog("close")
        }
    }

    private func cursors() -> [String: UInt64] { outboxes.mapValues { $0.acknowledgedThrough } }
}
