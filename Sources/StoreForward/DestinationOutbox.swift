import SensorCore
import Synchronization

/// What writer and readers of one journal tell each other.
final class JournalProgress: Sendable {
    /// The highest sequence committed.
    let lastSequence: Atomic<UInt64>
    private let shared: Mutex<Shared>

    private struct Shared {
        var epochs: EpochChain
        var firstDamage: JournalError?
        /// A receiver holds more of the present epoch than this journal ever numbered.
        var isOlderCopy = false
    }

    init(_ standing: JournalStanding) {
        lastSequence = Atomic(standing.lastSequence)
        shared = Mutex(Shared(epochs: standing.epochs))
    }

    func publish(_ standing: JournalStanding) {
        shared.withLock { $0.epochs = standing.epochs }
        lastSequence.store(standing.lastSequence, ordering: .releasing)
    }

    var epochs: EpochChain { shared.withLock { $0.epochs } }
    var damage: JournalError? { shared.withLock { $0.firstDamage } }
    var isOlderCopy: Bool { shared.withLock { $0.isOlderCopy } }

    func noteOlderCopy() { shared.withLock { $0.isOlderCopy = true } }

    /// Remembers the first damage found, whoever finds it.
    func note(_ error: JournalError) {
        guard error.kind == .corrupt else { return }
        shared.withLock { if $0.firstDamage == nil { $0.firstDamage = error } }
    }
}

/// The journal as one destination sees it, with a connection of its own for reading.
final class DestinationOutbox: RecordOutbox {
    /// A lane adds one range, and each record that its receiver does not take leaves a hole. 45 days of one such record a
    /// minute between others that are taken; 16 bytes of memory each, and a row of about 40 in the journal.
    static let rangeLimit = 65_536
    static let rangesPerLane = 8

    private struct Numbers {
        var acknowledged: SequenceRanges
        var settled: SequenceRanges
        var limit = DestinationOutbox.rangeLimit
    }

    private let progress: JournalProgress
    private let numbers: Mutex<Numbers>
    private let place: ReadingPlace

    init(
        _ place: ReadingPlace, name: String, standing: JournalStanding, progress: JournalProgress
    ) {
        self.progress = progress
        self.place = place
        numbers = Mutex(
            Numbers(acknowledged: standing.acknowledged[name] ?? SequenceRanges(), settled: standing.settled(name)))
    }

    var epoch: JournalEpoch { progress.epochs.latest }

    func epoch(of sequence: UInt64) -> JournalEpoch { progress.epochs.link(of: sequence).epoch }

    var lastSequence: UInt64 { progress.lastSequence.load(ordering: .acquiring) }

    var settled: SequenceRanges { numbers.withLock { $0.settled } }

    var acknowledged: SequenceRanges { numbers.withLock { $0.acknowledged } }

    var hasRoomForLane: Bool {
        numbers.withLock { $0.acknowledged.count <= $0.limit - Self.rangesPerLane }
    }

    func records(after sequence: UInt64, through last: UInt64, limit: Int) throws(OutboxError) -> [JournalledRecord] {
        let last = min(last, lastSequence)
        guard sequence < last else { return [] }
        var next = sequence + 1
        while next <= last {
            // Each range holds a record, unless the journal let go of it since: then the next ones are looked into.
            let owed = settled.missing(in: next...last, atMost: max(1, limit))
            guard let end = owed.ranges.last?.upperBound else { return [] }
            do throws(JournalError) {
                let records = try place.records(in: owed, limit: limit)
                if !records.isEmpty || end == last { return records }
            } catch {
                progress.note(error)
                throw OutboxError(operation: error.operation, code: error.code, detail: error.detail)
            }
            next = end + 1
        }
        return []
    }

    /// What was never sent cannot have arrived.
    func acknowledge(_ range: ClosedRange<UInt64>) {
        let last = lastSequence
        guard range.lowerBound > 0, range.lowerBound <= last else { return }
        let arrived = range.lowerBound...min(range.upperBound, last)
        numbers.withLock { numbers in
            if numbers.acknowledged.count >= numbers.limit {
                var acknowledged = numbers.acknowledged
                acknowledged.insert(arrived)
                guard acknowledged.count <= max(numbers.limit, numbers.acknowledged.count) else { return }
            }
            numbers.acknowledged.insert(arrived)
            numbers.settled.insert(arrived)
        }
    }

    /// A limit that a test reaches.
    func limitRanges(to limit: Int) { numbers.withLock { $0.limit = limit } }

    func receiverHolds(through sequence: UInt64) {
        if sequence > lastSequence { progress.noteOlderCopy() }
    }

    /// A commit has written this. What was acknowledged meanwhile stays.
    func committed(_ committed: SequenceRanges, gone: SequenceRanges) {
        numbers.withLock { numbers in
            numbers.acknowledged.insert(committed)
            numbers.acknowledged.bridge(gone)
            var settled = gone
            settled.insert(numbers.acknowledged)
            numbers.settled = settled
        }
    }

    func close() { place.close() }
}

extension SequenceRanges {
    /// Joins ranges that have nothing between them but what is gone, so that there are few.
    mutating func bridge(_ gone: SequenceRanges) {
        var previous: UInt64 = 0
        for range in ranges {
            if range.lowerBound > previous + 1 {
                let gap = previous + 1...range.lowerBound - 1
                if gone.contains(gap) { insert(gap) }
            }
            previous = range.upperBound
        }
    }
}
