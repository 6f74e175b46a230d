import SensorCore

/// What a broker has acknowledged and a receiver has not confirmed yet, in the order in which it was sent.
///
/// Receivers confirm in the order in which they receive, or nearly. So what is old while something sent later is confirmed was
/// skipped, and is due by itself; what is merely old is due when nothing at all was confirmed for so long, since a slow receiver
/// is not helped by everything coming twice.
struct UnconfirmedRecords: Hashable, Sendable {
    /// More are not sent before some are confirmed.
    static let most = 10_000
    /// What was sent within such a part of the timeout is due together.
    static let batchesPerTimeout: Int64 = 20

    private struct Batch: Hashable {
        let since: MonotonicInstant
        var numbers = SequenceRanges()
        /// Something sent after it was confirmed.
        var isOvertaken = false
    }

    private let timeout: TimeSpan
    /// Oldest first; none is empty.
    private var batches: [Batch] = []
    private var total = 0
    private var lastProgress = MonotonicInstant(nanoseconds: 0)

    init(timeout: TimeSpan) { self.timeout = timeout }

    var count: UInt64 { UInt64(total) }
    var isFull: Bool { total >= Self.most }

    func contains(_ sequence: UInt64) -> Bool { batches.contains { $0.numbers.contains(sequence) } }

    mutating func insert(_ sequence: UInt64, at now: MonotonicInstant) {
        guard !contains(sequence) else { return }
        if batches.isEmpty { lastProgress = now }
        let step = TimeSpan(nanoseconds: timeout.nanoseconds / Self.batchesPerTimeout)
        if batches.last.map({ now - $0.since >= step }) ?? true { batches.append(Batch(since: now)) }
        batches[batches.count - 1].numbers.insert(sequence...sequence)
        total += 1
    }

    mutating func confirm(_ range: ClosedRange<UInt64>, at now: MonotonicInstant) {
        let confirmed = SequenceRanges(range)
        var newest: Int?
        for index in batches.indices {
            let rest = batches[index].numbers.subtracting(confirmed)
            guard rest != batches[index].numbers else { continue }
            batches[index].numbers = rest
            newest = index
        }
        guard let newest else { return }
        lastProgress = now
        for index in 0..<newest { batches[index].isOvertaken = true }
        batches.removeAll { $0.numbers.isEmpty }
        total = Int(clamping: batches.reduce(0) { $0 + $1.numbers.total })
    }

    mutating func removeAll() {
        batches = []
        total = 0
    }

    /// When some are to be sent once more; nil while there are none.
    var due: MonotonicInstant? {
        guard let oldest = batches.first else { return nil }
        let skipped = batches.first { $0.isOvertaken }.map { $0.since + timeout }
        let all = max(lastProgress, oldest.since) + timeout
        return skipped.map { min($0, all) } ?? all
    }

    /// Those that are to be sent once more now; they are no longer waited for.
    mutating func takeDue(at now: MonotonicInstant) -> SequenceRanges {
        guard let oldest = batches.first else { return SequenceRanges() }
        var due = SequenceRanges()
        let isSilent = now >= max(lastProgress, oldest.since) + timeout
        batches.removeAll { batch in
            guard isSilent || batch.isOvertaken && now >= batch.since + timeout else { return false }
            due.insert(batch.numbers)
            return true
        }
        total -= Int(clamping: due.total)
        return due
    }
}
