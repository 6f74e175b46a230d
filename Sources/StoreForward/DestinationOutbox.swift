import SensorCore
import Synchronization

/// What writer and readers of one journal tell each other without waiting.
final class JournalProgress: Sendable {
    /// The highest sequence committed.
    let lastSequence: Atomic<UInt64>
    /// The oldest sequence kept; `lastSequence + 1` when none is.
    let oldestSequence: Atomic<UInt64>
    private let firstDamage = Mutex<JournalError?>(nil)

    init(_ standing: JournalWriter.Standing) {
        lastSequence = Atomic(standing.lastSequence)
        oldestSequence = Atomic(standing.oldestSequence)
    }

    func publish(_ standing: JournalWriter.Standing) {
        oldestSequence.store(standing.oldestSequence, ordering: .releasing)
        lastSequence.store(standing.lastSequence, ordering: .releasing)
    }

    var damage: JournalError? { firstDamage.withLock { $0 } }

    /// Remembers the first damage found, by whom ever.
    func note(_ error: JournalError) {
        guard error.kind == .corrupt else { return }
        firstDamage.withLock { if $0 == nil { $0 = error } }
    }
}

/// The journal as one destination sees it, with a connection of its own for reading.
final class DestinationOutbox: RecordOutbox {
    let epoch: JournalEpoch
    private let progress: JournalProgress
    private let cursor: Atomic<UInt64>
    private let path: String
    /// nil once the journal was closed.
    private let reader: Mutex<JournalReader?>

    init(
        _ reader: sending JournalReader, epoch: JournalEpoch, acknowledgedThrough: UInt64, progress: JournalProgress,
        path: String
    ) {
        self.epoch = epoch
        self.progress = progress
        self.path = path
        cursor = Atomic(acknowledgedThrough)
        self.reader = Mutex(reader)
    }

    var acknowledgedThrough: UInt64 { cursor.load(ordering: .acquiring) }

    var lastSequence: UInt64 { progress.lastSequence.load(ordering: .acquiring) }

    func records(after sequence: UInt64, limit: Int) throws(OutboxError) -> [JournalledRecord] {
        do throws(JournalError) {
            let last = lastSequence
            return try reader.withLock { (reader) throws(JournalError) in
                guard let reader else {
                    throw JournalError(kind: .closed, operation: "read \(path)", detail: "the journal was closed")
                }
                return try reader.records(after: sequence, through: last, limit: limit)
            }
        } catch {
            progress.note(error)
            throw OutboxError(operation: error.operation, code: error.code, detail: error.detail)
        }
    }

    /// Never falls, and never passes what was committed: else records still to come would count as acknowledged.
    func acknowledge(through sequence: UInt64) {
        cursor.max(min(sequence, lastSequence), ordering: .acquiringAndReleasing)
    }

    func close() { reader.withLock { $0 = nil } }
}
