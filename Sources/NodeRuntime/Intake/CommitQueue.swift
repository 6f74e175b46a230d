import SensorCore
import StoreForward

/// Records on their way into the journal: gathered, committed, kept for another try when the journal takes nothing, and told of
/// when they had to be given up. Belongs to the node loop's thread.
final class CommitQueue {
    /// How long what could not be committed waits for the next try.
    private static let pause = TimeSpan.seconds(5)

    enum Outcome {
        case committed
        /// Also the notice of records that had been given up before.
        case committedAfterLoss
        case nothingToDo
        /// The journal took nothing; the records wait.
        case failed
    }

    private let store: RecordStore
    private let clock: any NodeClock
    private let log: any EventLog
    private var gatherer: RecordGatherer
    private var failing = Latch(false)
    private var losing = Latch(false)
    /// Called with each record once it is committed.
    var onCommit: ((Record) -> Void)?

    init(_ store: RecordStore, patience: TimeSpan, clock: any NodeClock, log: any EventLog) {
        self.store = store
        self.clock = clock
        self.log = log
        gatherer = RecordGatherer(patience: patience)
    }

    func add(_ body: Record.Body) { gatherer.add(record(body), at: clock.now()) }

    /// When it is time to commit; nil while there is nothing.
    var due: MonotonicInstant? { gatherer.due }
    func isDue(at now: MonotonicInstant) -> Bool { gatherer.isDue(at: now) }
    /// Records that are not committed.
    var waiting: Int { gatherer.pending.count }

    func sayLoss() {
        guard losing.changed(to: gatherer.lost > 0), losing.value else { return }
        log.log(.error, "records are being lost, the oldest first: the journal takes nothing and memory is bounded")
    }

    /// - Parameters:
    ///   - begin: called when the journal was opened only now; gives what its totals were before.
    ///   - totals: of the channels, asked for after `begin`.
    func commit(
        threads: any ServiceThreads, begin: () -> [String: UInt64], totals: () -> [String: UInt64]
    ) -> Outcome {
        var records = gatherer.take()
        guard !records.isEmpty else { return .nothingToDo }
        do throws(JournalError) {
            if try store.prepare(threads: threads) {
                // What waited for a journal becomes its beginning, or its continuation.
                let earlier = begin()
                records = store.takeNotices().map { record(.notice($0)) } + records.map { $0.continuing(from: earlier) }
            }
            return try append(records, totals())
        } catch {
            if failing.changed(to: true) { log.log(.error, "\(error). Counting goes on; records wait in memory") }
            gatherer.putBack(records, at: clock.now(), delay: Self.pause)
            return .failed
        }
    }

    private func append(_ records: [Record], _ totals: [String: UInt64]) throws(JournalError) -> Outcome {
        let lost = gatherer.lost
        let batch = (lost > 0 ? [record(.notice(noticeOfLost(lost)))] : []) + records
        try store.append(batch, totals: totals)
        gatherer.toldOfLost(lost)
        _ = losing.changed(to: false)
        if failing.changed(to: false) { log.log(.notice, "the journal is written again") }
        if let onCommit { batch.forEach(onCommit) }
        return lost > 0 ? .committedAfterLoss : .committed
    }

    private func record(_ body: Record.Body) -> Record { Record(bootID: clock.bootID, body: body) }

    private func noticeOfLost(_ count: UInt64) -> Notice {
        let reading = clock.reading()
        return Notice(
            .recordsLost, at: reading.instant, utc: reading.utc, saying: NodeMessage.recordsLost(count: count), count: count)
    }
}

extension Record {
    /// With the channel's count since the journal began, now that the journal is known.
    fileprivate func continuing(from earlier: [String: UInt64]) -> Record {
        guard case .traffic(var interval) = body else { return self }
        interval.total += earlier[interval.channel] ?? 0
        return Record(bootID: bootID, body: .traffic(interval))
    }
}
