import Glibc
import SensorCore

/// What went over from a damaged journal to the one that goes on.
public struct CarriedOver: Hashable, Sendable {
    /// Records that go on.
    public var records: UInt64
    /// Records that were owed to a destination (that were kept, where there is none) and cannot be read. A notice names them.
    public var lost: UInt64
    /// Records that everybody has acknowledged, and that are now in the file set aside only.
    public var leftBehind: UInt64
}

/// Reads what is sound in a damaged journal, record by record, and writes it to a new one, each under the number it has.
///
/// It goes by the counters, whose checksum says that they are what was written; without them nobody knows which numbers
/// there were, and nothing is carried over. What they say of the damaged file's end may be old all the same (a log that lost
/// its tail), so numbers go on under a new epoch.
struct JournalSalvage {
    private let path: String
    private let lock: JournalLock
    private let account: JournalStanding
    private let reader: JournalReader
    /// Owed, or all that is kept where there is no destination.
    private let owed: SequenceRanges
    private let history: SequenceRanges
    /// Gone, and not acknowledged by every destination: what became of them a record says that names them.
    private let explained: SequenceRanges

    private static let recordsPerCommit = 1024
    /// A medium that fails to read takes seconds for each try.
    private static let mostReadFaults = 64

    /// - Throws: when nothing in it can be trusted. Nothing is written to the damaged file.
    init(path: String, destinations: [String], lock: JournalLock) throws(JournalError) {
        self.path = path
        self.lock = lock
        // To read a log it takes a connection that could write; `prepareReading` sees that it does not.
        let (database, _) = try Database.aloneIfPossible(path: path, access: .readWrite, lock: lock)
        try JournalSchema.prepareReading(database)
        try JournalSchema.check(database)
        account = try JournalStanding(database, recordsAreThere: false)
        reader = try JournalReader(database)
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
        if files.hasRoomToSpare { wanted.insert(history) }
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
        var carried = SequenceRanges()
        var batch: [JournalledRecord] = []
        var readFaults = 0
        func commit() throws(JournalError) {
            if !batch.isEmpty { try writer.carryOver(batch) }
            batch.removeAll(keepingCapacity: true)
            stillBusy()
        }
        for range in wanted.ranges {
            var next = range.lowerBound
            while next <= range.upperBound, readFaults < Self.mostReadFaults {
                do throws(JournalError) {
                    let limit = Self.recordsPerCommit - batch.count
                    let before = next
                    try reader.forEach(in: next...range.upperBound, limit: limit) { (record) throws(JournalError) in
                        batch.append(record)
                        carried.insert(record.sequence...record.sequence)
                        next = record.sequence + 1
                        return true
                    }
                    if next - before < UInt64(limit) { next = range.upperBound + 1 }
                } catch {
                    switch error.kind {
                    case .corrupt: break
                    case .io: readFaults += 1
                    default: throw error
                    }
                    // Where one can't be read, the next may.
                    next += 1
                    if next % 65_536 == 0 { stillBusy() }
                }
                if batch.count >= Self.recordsPerCommit { try commit() }
            }
        }
        try commit()
        return carried
    }
}
