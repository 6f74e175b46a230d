import Glibc
import SensorCore

/// What went over from a damaged or deleted journal to the one that goes on.
public struct CarriedOver: Hashable, Sendable {
    /// Records that go on.
    public var records: UInt64
    /// Records that were owed to a destination (that were kept, where there is none) and cannot be read. A notice names them.
    public var lost: UInt64
    /// Records that everybody has acknowledged, and that are now in the file set aside only (in none, of a deleted one).
    public var leftBehind: UInt64
}

/// Reads what is sound in a damaged journal, record by record, and writes it to a new one, each under the number it has.
///
/// It goes by the counters, whose checksum says that they are what was written; without them nobody knows which numbers
/// there were, and nothing is carried over. What they say of the damaged file's end may be old all the same (a log that lost
/// its tail), so numbers go on under a new epoch. The records themselves it looks for on every page there is (`PageScan`): a
/// page that leads to others may be the damaged one, or in another's place.
struct JournalSalvage {
    private let lock: JournalLock
    private let account: JournalStanding
    private let reader: JournalReader
    /// nil for a sound journal, which is read as it is.
    private let scan: PageScan?
    /// Of file and log.
    private let sizeBytes: Int64
    /// Owed, or all that is kept where there is no destination.
    private let owed: SequenceRanges
    private let history: SequenceRanges
    /// Gone, and not acknowledged by every destination: what became of them a record says that names them.
    private let explained: SequenceRanges

    /// - Throws: when nothing in it can be trusted. Nothing is written to the damaged file.
    init(path: String, destinations: [String], lock: JournalLock, stillBusy: () -> Void = {}) throws(JournalError) {
        // To read a log it takes a connection that could write; `prepareReading` sees that it does not.
        let (database, _) = try Database.aloneIfPossible(path: path, access: .salvaging, lock: lock)
        try JournalSchema.prepareReading(database)
        try JournalSchema.check(database)
        let scan = try PageScan(path: path, pageBytes: Int(try database.pageBytes()), stillBusy)
        self.init(
            try JournalStanding(database, recordsAreThere: false), destinations, lock, try JournalReader(database), scan,
            sizeBytes: scan.sizeBytes)
    }

    /// Of a sound journal whose files were taken away: only the connections that are open still lead to them.
    init(of writer: JournalWriter) throws(JournalError) {
        let pages = try writer.database.integer("PRAGMA page_count", "read") ?? 0
        self.init(
            writer.standing, writer.destinations, writer.lock, writer.reader, nil, sizeBytes: pages * (try writer.database.pageBytes()))
    }

    private init(
        _ account: JournalStanding, _ destinations: [String], _ lock: JournalLock, _ reader: JournalReader, _ scan: PageScan?,
        sizeBytes: Int64
    ) {
        self.account = account
        self.lock = lock
        self.reader = reader
        self.scan = scan
        self.sizeBytes = sizeBytes
        let kept = account.everything.subtracting(account.gone)
        owed = destinations.isEmpty ? kept : Debts(account, destinations: destinations).owed
        history = kept.subtracting(owed)
        var explained = SequenceRanges()
        for destination in destinations {
            explained.insert(account.gone.subtracting(account.acknowledged[destination] ?? SequenceRanges()))
        }
        self.explained = explained
    }

    /// Leaves `PATH.sound`. History goes with it when the medium has room to spare.
    func write(
        into files: JournalFiles, epoch: JournalEpoch, budget: JournalBudget, stillBusy: () -> Void
    ) throws(JournalError) -> CarriedOver {
        let name = files.beginReplacement()
        var wanted = owed
        if files.hasRoomToSpare(twice: sizeBytes) { wanted.insert(history) }
        let carried: SequenceRanges
        do throws(JournalError) {
            let database = try Database(path: name, access: .readWriteCreating, lock: lock)
            try JournalSchema.prepareConnection(database, cacheKiB: JournalOpening.writerCacheKiB)
            try JournalSchema.create(in: database, epoch: epoch)
            // The medium need not have it before all of it is there.
            try database.execute("PRAGMA synchronous = NORMAL", "carry records over to")
            let writer = try JournalWriter(
                database, .shared, lock: lock, standing: try JournalStanding(database), budget: budget, destinations: [],
                opening: epoch.rawValue)
            carried = try copy(wanted, to: writer, stillBusy)
            try writer.carryOver(goingOn(with: carried, epoch))
            try database.foldLog("carry records over to")
        } catch {
            files.discardReplacement()
            throw error
        }
        try files.finishReplacement()
        return CarriedOver(
            records: carried.total, lost: owed.subtracting(carried).total, leftBehind: history.subtracting(carried).total)
    }

    private func goingOn(with carried: SequenceRanges, _ epoch: JournalEpoch) -> JournalStanding {
        var next = account
        next.epochs.begin(epoch, at: account.lastSequence + 1)
        next.gone = account.everything.subtracting(carried)
        let lost = owed.subtracting(carried)
        next.lost.insert(lost)
        for level in CoarseLevel.allCases {
            let there = (account.levels[level] ?? SequenceRanges()).intersection(carried)
            next.levels[level] = there.isEmpty ? nil : there
        }
        // A lost record may have been a joined one, or a notice: with it goes what became of the numbers it named. Nothing tells
        // which those were, not even what others say of them, since several stand for the same numbers.
        if let last = lost.ranges.last?.upperBound {
            next.unexplained.insert(explained.intersection(SequenceRanges(1...last)))
        }
        return next
    }

    /// The numbers whose records could be read.
    private func copy(
        _ wanted: SequenceRanges, to writer: JournalWriter, _ stillBusy: () -> Void
    ) throws(JournalError) -> SequenceRanges {
        guard let scan else { return try copyFromReader(wanted, to: writer, stillBusy) }
        var carried = SequenceRanges()
        try scan.forEachPart(of: wanted) { (rows) throws(JournalError) in
            var batch: [JournalledRecord] = []
            for (number, found) in rows {
                guard let record = record(number, found) else { continue }
                batch.append(record)
                carried.insert(number...number)
            }
            if !batch.isEmpty { try writer.carryOver(batch) }
            stillBusy()
        }
        return carried
    }

    private func copyFromReader(
        _ wanted: SequenceRanges, to writer: JournalWriter, _ stillBusy: () -> Void
    ) throws(JournalError) -> SequenceRanges {
        var carried = SequenceRanges()
        for range in wanted.ranges {
            var next = range.lowerBound
            while next <= range.upperBound {
                let batch = try reader.records(in: next...range.upperBound, limit: Self.recordsPerCommit)
                guard let last = batch.last?.sequence else { break }
                try writer.carryOver(batch)
                for record in batch { carried.insert(record.sequence...record.sequence) }
                next = last + 1
                stillBusy()
            }
        }
        return carried
    }

    private static let recordsPerCommit = 1024

    /// nil when it can't be told: rows that differ are several states of the file, and then SQLite must know which holds; a boot
    /// that can't be read leaves no time.
    private func record(_ number: UInt64, _ found: PageScan.Found) -> JournalledRecord? {
        do throws(JournalError) {
            switch found {
            case .row(let row):
                var record: JournalledRecord?
                var failure: JournalError?
                row.body.withUnsafeBytes { body in
                    do throws(JournalError) {
                        record = try reader.record(Int64(number), boot: row.boot, checksum: row.checksum, body: body)
                    } catch {
                        failure = error
                    }
                }
                if let failure { throw failure }
                return record
            case .several: return try reader.records(in: number...number, limit: 1).first
            }
        } catch {
            return nil
        }
    }
}
