public import SensorCore

/// What was found when a journal was opened.
public enum OpeningReport: Hashable, Sendable {
    /// There was none; a new one was begun.
    case begun
    /// An existing one goes on.
    case continued
    /// The existing one is an older copy of the journal that was here before. It goes on under a new epoch.
    case restored(previous: JournalEpoch)
    /// The existing one is damaged. It was renamed to `name` (with `-wal` and `-shm` beside it, where there were
    /// any). A new one goes on with what was sound in it, under a new epoch; or is begun, when nothing could be carried over.
    case setAside(name: String, damage: JournalError, carriedOver: CarriedOver?)
    /// The files of the journal that was open were taken away, and it goes on with what they held, under a new epoch. What stood
    /// in their place, if anything did, was renamed to `name`.
    case rescued(carriedOver: CarriedOver, name: String?)
}

extension Journal {
    /// Opens the journal at `path`, or begins one with `epochIfNew`.
    ///
    /// - Parameters:
    ///   - path: The database file. Its directory must exist. `path` with `-wal`, `-shm`, `.lock`, `.readers`, `.mark` and
    ///     `.damaged-N` appended belong to the journal as well.
    ///   - budgetBytes: What database and log may take together, at least `minimumBudgetBytes`. Files set aside do
    ///     not count.
    ///   - epochIfNew: 64 random bits; the epoch of a journal that is begun, or that turns out to be an older copy.
    ///   - destinations: Every destination that must have acknowledged a record before it is mere history. One that is no
    ///     longer named keeps its place, but holds nothing back. `destinationChanges` tells what became of each.
    ///   - knownDamage: What a running journal found; its file is set aside without another look.
    ///   - rescued: What `rescue` returned; its journal was abandoned since.
    ///   - stillBusy: called a few times a second while what is sound in a damaged journal is carried over, which can take
    ///     minutes on a slow medium.
    /// - Throws: Kinds `newerVersion`, `foreign`, `locked`, `cannotOpen`, `readOnly`, `full`, `io`, `budgetTooSmall`.
    ///   A damaged file is no error, see `OpeningReport`; a file that never was a journal is `foreign`, and is not touched.
    public static func open(
        path: String, budgetBytes: Int64, epochIfNew: JournalEpoch, destinations: [JournalDestination],
        knownDamage: JournalError? = nil, rescued: CarriedOver? = nil, stillBusy: () -> Void = {}
    ) throws(JournalError) -> (Journal, OpeningReport) {
        guard budgetBytes >= minimumBudgetBytes else {
            throw JournalError(
                kind: .budgetTooSmall, operation: "open \(path)",
                detail: "a budget of \(budgetBytes) bytes is too small")
        }
        let opening = JournalOpening(
            path: path, budgetBytes: budgetBytes, epochIfNew: epochIfNew, destinations: destinations,
            requests: ReadingRequests(journal: path))
        let lock = try JournalLock(journal: path)
        let files = JournalFiles(path: path)
        if let rescued {
            let name = try files.find() == .nothing ? nil : try files.setAside()
            try files.useReplacement()
            return (try opening.proceed(lock, isRescued: true).0, .rescued(carriedOver: rescued, name: name))
        }
        var damage: JournalError
        try files.completeReplacement(try files.find())
        switch try files.find() {
        case .nothing:
            return (try opening.begin(lock), .begun)
        case .logAlone:
            damage =
                knownDamage
                ?? JournalError(
                    kind: .corrupt, operation: "open \(path)", detail: "there is a log, but the database is missing")
        case .database:
            if let knownDamage {
                damage = knownDamage
                break
            }
            do throws(JournalError) {
                return try opening.proceed(lock)
            } catch {
                guard error.kind == .corrupt else { throw error }
                guard try files.wasJournal() else {
                    throw JournalError(
                        kind: .foreign, operation: "open \(path)",
                        detail: "this is no journal and never was one; it is left as it is")
                }
                damage = error
            }
        }
        let carriedOver = opening.carryOver(lock, files, &damage, stillBusy)
        let name = try files.setAside()
        do throws(JournalError) {
            if carriedOver == nil { return (try opening.begin(lock), .setAside(name: name, damage: damage, carriedOver: nil)) }
            try files.useReplacement()
            return (try opening.proceed(lock).0, .setAside(name: name, damage: damage, carriedOver: carriedOver))
        } catch {
            // The next attempt finds no damage to report, so this one has to.
            var failure = error
            failure.setAside = name
            failure.detail = "\(error.detail) (a damaged journal was set aside as \(name) before: \(damage))"
            throw failure
        }
    }
}

/// The ways to a journal, once its files are this process's own.
struct JournalOpening {
    let path: String
    let budgetBytes: Int64
    let epochIfNew: JournalEpoch
    let destinations: [JournalDestination]
    let requests: ReadingRequests

    static let writerCacheKiB = 1024
    private static let readerCacheKiB = 256

    func begin(_ lock: JournalLock) throws(JournalError) -> Journal {
        let (database, sharing) = try connection(.readWriteCreating, lock)
        try JournalSchema.prepareConnection(database, cacheKiB: Self.writerCacheKiB)
        try JournalSchema.create(in: database, epoch: epochIfNew)
        return try journal(database, sharing, lock).journal
    }

    /// nil when nothing can be; `damage` then says why.
    func carryOver(
        _ lock: JournalLock, _ files: JournalFiles, _ damage: inout JournalError, _ stillBusy: () -> Void
    ) -> CarriedOver? {
        do throws(JournalError) {
            let salvage = try JournalSalvage(path: path, destinations: destinations.map(\.name), lock: lock, stillBusy: stillBusy)
            return try salvage.write(
                into: files, epoch: epochIfNew, budget: JournalBudget(bytes: budgetBytes), stillBusy: stillBusy)
        } catch {
            damage.detail = "\(damage.detail) (nothing could be carried over: \(error.detail))"
            return nil
        }
    }

    /// Shared when somebody waits to read; when another has it open who did not ask, too.
    private func connection(
        _ access: Database.Access, _ lock: JournalLock
    ) throws(JournalError) -> (Database, Database.Sharing) {
        if requests.areThere { return (try Database(path: path, access: access, lock: lock), .shared) }
        return try Database.aloneIfPossible(path: path, access: access, lock: lock)
    }

    /// Every connection is closed when this returns an error, so that the files can be renamed.
    ///
    /// - Parameter isRescued: the file was written by `rescue` just now, whatever mark is left beside it.
    func proceed(_ lock: JournalLock, isRescued: Bool = false) throws(JournalError) -> (Journal, OpeningReport) {
        let (database, sharing) = try connection(.readWrite, lock)
        let isUnfinished = try JournalSchema.isUnfinished(database)
        if !isUnfinished {
            try JournalMigration.run(database)
            try JournalSchema.check(database)
        }
        try JournalSchema.prepareConnection(database, cacheKiB: Self.writerCacheKiB)
        if isUnfinished {
            try JournalSchema.create(in: database, epoch: epochIfNew)
        } else {
            try JournalSchema.useLog(database)
        }
        let (journal, previous) = try journal(database, sharing, lock, isRescued: isRescued)
        if isUnfinished { return (journal, .begun) }
        return (journal, previous.map { .restored(previous: $0) } ?? .continued)
    }

    /// The epoch before, if the file is an older copy.
    private func journal(
        _ database: sending Database, _ sharing: Database.Sharing, _ lock: JournalLock, isRescued: Bool = false
    ) throws(JournalError) -> (journal: Journal, previous: JournalEpoch?) {
        let found = JournalMark.read(beside: path)
        let before = try JournalStanding(database)
        // A journal from before there were marks, or one that has committed nothing yet, is taken as it is.
        let isOlderCopy = before.opening != nil && !isRescued && !(found?.fits(before) ?? false)
        var mark = JournalMark(
            opening: epochIfNew.rawValue, openingBefore: before.opening, sequence: before.lastSequence)
        let writer = try JournalWriter(
            database, sharing, lock: lock, standing: before,
            budget: JournalBudget(bytes: budgetBytes, pageBytes: try database.pageBytes()), destinations: destinations.map(\.name),
            opening: mark.opening)
        // Before the mark is replaced, which tells.
        if isOlderCopy { try writer.beginEpoch(epochIfNew) }
        mark.openingBefore = writer.standing.opening
        if !mark.write(beside: path) {
            // Without a mark of its own this opening goes on as the one before it, as far as marks can tell.
            mark = found ?? mark
            writer.opening = mark.opening
        }
        // Behind the mark, like every commit of this opening.
        let changes = try writer.admit(destinations)
        writer.noteMissed(namedBefore: changes.renamedTo.union(before.named))
        let standing = writer.standing
        let progress = JournalProgress(standing)
        var outboxes: [String: DestinationOutbox] = [:]
        var places = [try ReadingPlace(path: path, sharing: sharing, cacheKiB: Self.readerCacheKiB)]
        let patrol = JournalPatrol(places[0])
        for destination in destinations.map(\.name) {
            let place = try ReadingPlace(path: path, sharing: sharing, cacheKiB: Self.readerCacheKiB)
            places.append(place)
            outboxes[destination] = DestinationOutbox(place, name: destination, standing: standing, progress: progress)
        }
        let journal = Journal(
            writer, patrol: patrol, progress: progress, outboxes: outboxes, places: places, requests: requests,
            nextEpoch: epochIfNew, mark: mark, destinationChanges: changes)
        return (journal, isOlderCopy ? before.epochs.latest : nil)
    }
}

extension [DestinationChange] {
    /// Names that go on where another stood: they missed nothing.
    fileprivate var renamedTo: Set<String> {
        Set(compactMap { if case .renamed(let name, _, _) = $0 { name } else { nil } })
    }
}
