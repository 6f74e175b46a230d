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
    private let numbers: Mutex<SequenceRanges>
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
        numbers = Mutex(acknowledgedThrough > 0 ? SequenceRanges(1...acknowledgedThrough) : SequenceRanges())
        self.reader = Mutex(reader)
    }

    func epoch(of sequence: UInt64) -> JournalEpoch { epoch }
    func receiverHolds(through sequence: UInt64) {}

    var settled: SequenceRanges { numbers.withLock { $0 } }

    var hasRoomForLane: Bool { true }

    var lastSequence: UInt64 { progress.lastSequence.load(ordering: .acquiring) }

    func records(after sequence: UInt64, through last: UInt64, limit: Int) throws(OutboxError) -> [JournalledRecord] {
        do throws(JournalError) {
            let last = min(last, lastSequence)
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

    func acknowledge(_ range: ClosedRange<UInt64>) {
        let last = lastSequence
        guard range.lowerBound <= last else { return }
        numbers.withLock { $0.insert(range.lowerBound...min(range.upperBound, last)) }
    }

    func close() { reader.withLock { $0 = nil } }
}
