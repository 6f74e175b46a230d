import SensorCore

/// The one connection that writes.
///
/// Used by one thread at a time. What it holds in memory changes only after a commit, so a failed append leaves no
/// trace in the file or here.
final class JournalWriter {
    let budget: JournalBudget
    /// The destinations of this opening: what they have not settled is owed.
    let destinations: [String]
    private let named: Set<String>
    /// In `counter` with the first commit of this opening.
    var opening: UInt64
    private(set) var standing: JournalStanding

    let path: String
    let lock: JournalLock
    var whereabouts: JournalWhereabouts
    private(set) var sharing: Database.Sharing
    /// Of `Journal.admitReaders`, until the file is to be had alone again.
    var callsUntilAttempt = 0
    /// nil only after the file could not be opened again; then `transaction` tries before it does anything.
    private var connection: WritingConnection!
    /// nil when there is none at the moment.
    var connected: WritingConnection? { connection }
    var database: Database { connection.database }
    var statements: WritingStatements { connection.statements }
    /// The file has no more pages than this; nil where that is not known. SQLite prepares the question for their number
    /// anew each time, which takes longer than an insert. What is written without asking for room, the notice of an epoch
    /// that began meanwhile, is within what `JournalBudget.pages` allows each append.
    var mostPages: Int64?
    /// On the writing connection, so that it sees what the open transaction did.
    var reader: JournalReader { connection.reader }
    /// What this opening has to say with its first append: returned destinations that missed something, a new epoch.
    private var openingNotices: [OpeningNotice]
    /// The last number when the journal was opened.
    private let openedAt: UInt64

    enum OpeningNotice {
        case restored(previous: JournalEpoch)
        /// Numbers whose records damage took.
        case lost(SequenceRanges)
        /// Numbers of which such a record may have told.
        case unexplained(SequenceRanges)
        /// Numbers that were gone before this destination was named.
        case missed(destination: String, SequenceRanges)
    }

    init(
        _ database: Database, _ sharing: Database.Sharing, lock: JournalLock, standing: JournalStanding,
        budget: JournalBudget, destinations: [String], opening: UInt64
    ) throws(JournalError) {
        path = database.path
        whereabouts = JournalWhereabouts(path: database.path)
        self.lock = lock
        self.sharing = sharing
        connection = try WritingConnection(database, budget)
        self.budget = budget
        self.destinations = destinations
        named = Set(destinations)
        self.opening = opening
        self.standing = standing
        openedAt = standing.lastSequence
        openingNotices = []
        noteEpochWithoutRecords()
        if !standing.lost.isEmpty { openingNotices.append(.lost(standing.lost)) }
        if !standing.unexplained.isEmpty { openingNotices.append(.unexplained(standing.unexplained)) }
    }

    /// To be called once, when the destinations have their places.
    func noteMissed(namedBefore: Set<String>) {
        for destination in destinations where !namedBefore.contains(destination) {
            let missed = standing.gone.subtracting(standing.acknowledged[destination] ?? SequenceRanges())
            if !missed.isEmpty { openingNotices.append(.missed(destination: destination, missed)) }
        }
    }

    /// Lets the file go and opens it again. What cannot be had alone is shared. No other connection of this process may be
    /// open.
    func connect(_ wanted: Database.Sharing) throws(JournalError) {
        connection = nil
        sharing = .shared
        do throws(JournalError) {
            try open(wanted)
        } catch {
            // Shared, the log's index is a file, and there may be no room for it: then nobody is let in.
            guard wanted == .shared, error.isOfTheMedium else { throw error }
            try open(.alone)
        }
    }

    private func open(_ wanted: Database.Sharing) throws(JournalError) {
        let (database, sharing) =
            wanted == .alone
            ? try Database.aloneIfPossible(path: path, access: .readWrite, lock: lock)
            : (try Database(path: path, access: .readWrite, lock: lock), .shared)
        try JournalSchema.prepareConnection(database, cacheKiB: JournalOpening.writerCacheKiB)
        try JournalSchema.useLog(database)
        connection = try WritingConnection(database, budget)
        self.sharing = sharing
        whereabouts.note()
    }

    func reconnect() throws(JournalError) {
        if connection == nil { try connect(.shared) }
    }

    /// Commits `records`, `totals` and `acknowledged`. Returns the records' sequences.
    ///
    /// With `newEpoch` this file turned out to be an older copy while it was open. Nothing sent since the opening can be
    /// told from what the lost journal had sent, so the epoch begins with the first number of this opening that no
    /// destination has settled.
    func append(
        _ records: [Record], totals: [String: UInt64], acknowledged: [String: SequenceRanges],
        newEpoch: JournalEpoch? = nil
    ) throws(JournalError) -> ClosedRange<UInt64> {
        var first: UInt64 = 0
        try transaction("append to") { (draft) throws(JournalError) in
            let rows = RecordRows(records)
            advance(&draft, totals: totals, acknowledged: acknowledged)
            var isWithinBudget = false
            if let newest = records.last {
                var notices = openingNotices
                if let newEpoch {
                    notices.append(.restored(previous: draft.epochs.latest))
                    let settled = draft.acknowledged.values.compactMap { $0.ranges.last?.upperBound }.max() ?? 0
                    draft.epochs.begin(newEpoch, at: max(openedAt, settled) + 1)
                }
                for opening in notices {
                    for notice in newest.notices(of: opening, draft) { try insert(notice, &draft) }
                }
                draft.lost = SequenceRanges()
                draft.unexplained = SequenceRanges()
                isWithinBudget = try makeRoom(for: rows, at: newest, &draft)
            }
            first = draft.lastSequence + 1
            try insert(rows, &draft)
            try returnPages(isWithinBudget: isWithinBudget)
        }
        openingNotices = []
        return first...first + UInt64(records.count) - 1
    }

    /// Commits `acknowledged` alone, unless it is already.
    func flush(acknowledged: [String: SequenceRanges]) throws(JournalError) {
        var draft = standing
        advance(&draft, totals: [:], acknowledged: acknowledged)
        guard draft.acknowledged != standing.acknowledged else { return }
        try transaction("keep acknowledgements in") { (draft) throws(JournalError) in
            advance(&draft, totals: [:], acknowledged: acknowledged)
        }
    }

    /// This file was an older copy when it was opened: what is numbered from now on gets an epoch of its own.
    func beginEpoch(_ epoch: JournalEpoch) throws(JournalError) {
        try transaction("begin an epoch in") { (draft) throws(JournalError) in
            draft.epochs.begin(epoch, at: openedAt + 1)
        }
        noteEpochWithoutRecords()
    }

    /// Also one that began in an earlier opening which then committed nothing.
    private func noteEpochWithoutRecords() {
        let links = standing.epochs.links
        guard links.count > 1, links[links.count - 1].first == standing.lastSequence + 1 else { return }
        openingNotices.append(.restored(previous: links[links.count - 2].epoch))
    }

    /// Gives the destinations their places, and commits what that changes.
    func admit(_ destinations: [JournalDestination]) throws(JournalError) -> [DestinationChange] {
        var changed = standing
        let changes = changed.admit(destinations)
        if changed.acknowledged != standing.acknowledged {
            try transaction("give destinations their places in") { (draft) throws(JournalError) in
                draft.acknowledged = changed.acknowledged
            }
        }
        return changes
    }

    /// Into an empty journal: records with the numbers they have.
    func carryOver(_ records: [JournalledRecord]) throws(JournalError) {
        try transaction("carry records over to") { (draft) throws(JournalError) in
            for record in records {
                draft.lastSequence = record.sequence - 1
                try insert(record.record, &draft)
            }
        }
    }

    /// Makes the account that of another journal, whose records up to its last number were carried over or are gone.
    func carryOver(_ account: JournalStanding) throws(JournalError) {
        try transaction("carry the account over to") { (draft) throws(JournalError) in
            let boot = draft.boot
            draft = account
            draft.boot = boot
        }
    }

    private func transaction(
        _ operation: String, _ body: (inout JournalStanding) throws(JournalError) -> Void
    ) throws(JournalError) {
        try reconnect()
        var draft = standing
        draft.opening = opening
        draft.named = named
        try statements.begin.run(as: operation)
        do throws(JournalError) {
            try body(&draft)
            try write(&draft)
            try statements.commit.run(as: operation)
        } catch {
            database.rollBack()
            throw error
        }
        standing = draft
    }

    /// Counters only rise, ranges only grow.
    private func advance(
        _ draft: inout JournalStanding, totals: [String: UInt64], acknowledged: [String: SequenceRanges]
    ) {
        for (channel, total) in totals { draft.totals[channel] = max(total, draft.totals[channel] ?? 0) }
        for (destination, ranges) in acknowledged where !ranges.isEmpty {
            draft.acknowledged[destination, default: SequenceRanges()].insert(ranges)
        }
    }

    /// Deletes the records with these numbers, and boots that are left without any.
    func delete(_ numbers: SequenceRanges, _ draft: inout JournalStanding) throws(JournalError) {
        for range in numbers.ranges {
            let (first, last) = (Int64(range.lowerBound), Int64(range.upperBound))
            try statements.deleteRecords.run(first, last)
            try statements.deleteBoots.run(first, last)
            draft.gone.insert(range)
        }
        for level in CoarseLevel.allCases {
            guard let there = draft.levels[level] else { continue }
            let left = there.subtracting(numbers)
            draft.levels[level] = left.isEmpty ? nil : left
        }
    }
}
