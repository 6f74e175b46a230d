import SensorCore

/// Lets through what a destination may see, in ascending order of the journal's numbers.
///
/// Records that are too short are joined as long as they follow each other within one interval of the finest length. The
/// joined record has the number of its last part and `replaces` the others, so that the receiver's account has no gap
/// and nothing twice; delivering it settles all of them. Until an interval is whole, or something that can't be joined
/// to it comes, its parts are owed: they are read again after a break, and nothing is lost by that.
struct ViewFilter {
    /// What is to be sent for the numbers looked at, and what is not.
    struct Outcome {
        /// In the order of their numbers; not always the record looked at.
        var shown: [ShownRecord] = []
        /// Not to be shown, neither as it is nor in a sum.
        var isWithheld = false
    }

    struct ShownRecord: Hashable {
        var record: JournalledRecord
        /// Numbers that are settled with it.
        var parts: SequenceRanges
    }

    private struct OpenJoin {
        var record: Record
        var epoch: JournalEpoch
        /// Of the newest part.
        var sequence: UInt64
        /// All parts but the newest, and what they had replaced.
        var replaced = SequenceRanges()
        /// All parts.
        var parts = SequenceRanges()
    }

    let view: DestinationView
    private var open: [RecordSeries: OpenJoin] = [:]
    /// In the order in which they were begun.
    private var order: [RecordSeries] = []

    init(_ view: DestinationView) { self.view = view }

    /// Parts wait for the rest of their interval: lanes would tear it apart.
    var joins: Bool { view.finestInterval != nil }
    /// Parts that wait, at most the records of one interval of the finest length a series.
    var waiting: UInt64 { open.values.reduce(0) { $0 + $1.parts.total } }

    /// Forgets what waits, since the connection ended: it is owed, and read again.
    mutating func reset() {
        open = [:]
        order = []
    }

    mutating func take(_ record: JournalledRecord, epoch: JournalEpoch) -> Outcome {
        if view.isEverything { return Outcome(shown: [Self.asItIs(record)]) }
        var outcome = Outcome()
        guard view.admits(record.record) else {
            outcome.isWithheld = true
            return outcome
        }
        guard let length = view.finestInterval, !record.record.body.isMoment, record.record.body.span.length < length else {
            outcome.shown = [Self.asItIs(record)]
            return outcome
        }
        // Shorter sums, parts of sums that the node makes itself, and what can't be joined are finer than may be seen.
        guard record.record.body.summedOver == nil, !isSummed(record.record.body, to: length),
            let series = RecordSeries(of: record.record)
        else {
            outcome.isWithheld = true
            return outcome
        }
        // What waits for an earlier boot is as long as it will ever be.
        for earlier in order where earlier.bootID != series.bootID { close(earlier, into: &outcome) }
        if var join = open[series], join.epoch == epoch, let joined = join.record.joined(with: record.record, within: length) {
            join.replaced.insert(join.sequence...join.sequence)
            join.record = joined
            add(record, to: &join)
            open[series] = join
        } else {
            close(series, into: &outcome)
            var join = OpenJoin(record: record.record, epoch: epoch, sequence: record.sequence)
            add(record, to: &join)
            open[series] = join
            order.append(series)
        }
        if open[series]?.record.body.span.isWhole(length) == true { close(series, into: &outcome) }
        outcome.shown.sort { $0.record.sequence < $1.record.sequence }
        return outcome
    }

    private static func asItIs(_ record: JournalledRecord) -> ShownRecord {
        ShownRecord(record: record, parts: SequenceRanges(record.sequence...record.sequence))
    }

    /// The node publishes a longer interval of its own that holds this one.
    private func isSummed(_ body: Record.Body, to length: TimeSpan) -> Bool {
        if case .traffic = body { view.sums.contains(length) } else { false }
    }

    private func add(_ record: JournalledRecord, to join: inout OpenJoin) {
        join.sequence = record.sequence
        join.parts.insert(record.sequence...record.sequence)
        for range in record.record.replaces { join.replaced.insert(range) }
    }

    private mutating func close(_ series: RecordSeries, into outcome: inout Outcome) {
        guard let join = open.removeValue(forKey: series) else { return }
        order.removeAll { $0 == series }
        var record = join.record
        record.replaces = join.replaced.ranges
        outcome.shown.append(
            ShownRecord(record: JournalledRecord(sequence: join.sequence, record: record), parts: join.parts))
    }
}
