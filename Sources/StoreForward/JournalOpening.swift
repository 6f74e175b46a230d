public import SensorCore

/// What was found when a journal was opened.
public enum OpeningReport: Hashable, Sendable {
    /// There was none; a new one was begun.
    case begun
    /// An existing one goes on.
    case continued
    /// The existing one is damaged. It was renamed to `name` (with `-wal` and `-shm` beside it, where there were
    /// any) and a new one begun, with a new epoch.
    case setAside(name: String, damage: JournalError)
}

extension Journal {
    /// Opens the journal at `path`, or begins one with `epochIfNew`.
    ///
    /// - Parameters:
    ///   - path: The database file. Its directory must exist. `path` with `-wal`, `-shm`, `.lock` and `.damaged-N`
    ///     appended belong to the journal as well.
    ///   - budgetBytes: What database and log may take together, at least `minimumBudgetBytes`. Files set aside do
    ///     not count.
    ///   - epochIfNew: 64 random bits; used only when a journal is begun.
    ///   - destinations: Every destination that must have acknowledged a record before it is mere history. One that
    ///     is new starts with the oldest record kept. One that is no longer named keeps its cursor, but holds nothing
    ///     back.
    ///   - knownDamage: What a running journal found; its file is set aside without another look.
    /// - Throws: Kinds `newerVersion`, `foreign`, `locked`, `cannotOpen`, `readOnly`, `full`, `io`, `budgetTooSmall`.
    ///   A damaged file is no error, see `OpeningReport`.
    public static func open(
        path: String, budgetBytes: Int64, epochIfNew: JournalEpoch, destinations: [String],
        knownDamage: JournalError? = nil
    ) throws(JournalError) -> (Journal, OpeningReport) {
        guard budgetBytes >= minimumBudgetBytes else {
            throw JournalError(
                kind: .budgetTooSmall, operation: "open \(path)",
                detail: "a budget of \(budgetBytes) bytes is too small")
        }
        let opening = JournalOpening(
            path: path, budget: JournalBudget(bytes: budgetBytes), epochIfNew: epochIfNew, destinations: destinations)
        let lock = try JournalLock(journal: path)
        let files = JournalFiles(path: path)
        let damage: JournalError
        switch try files.find() {
        case .nothing:
            return (try opening.begin(lock), .begun)
        case .logAlone:
            damage = knownDamage ?? JournalError(
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
                damage = error
            }
        }
        let name = try files.setAside()
        do throws(JournalError) {
            return (try opening.begin(lock), .setAside(name: name, damage: damage))
        } catch {
            // The next attempt finds no damage to report, so this one has to.
            var failure = error
            failure.detail += " (a damaged journal was set aside as \(name) before: \(damage))"
            throw failure
        }
    }
}

/// The ways to a journal, once its files are this process's own.
struct JournalOpening {
    let path: String
    let budget: JournalBudget
    let epochIfNew: JournalEpoch
    let destinations: [String]

    private static let writerCacheKiB = 1024
    private static let readerCacheKiB = 256

    func begin(_ lock: JournalLock) throws(JournalError) -> Journal {
        let database = try Database(path: path, access: .readWriteCreating, lock: lock)
        try JournalSchema.prepareConnection(database, cacheKiB: Self.writerCacheKiB)
        try JournalSchema.create(in: database, epoch: epochIfNew)
        return try journal(database)
    }

    /// Every connection is closed when this returns an error, so that the files can be renamed.
    func proceed(_ lock: JournalLock) throws(JournalError) -> (Journal, OpeningReport) {
        let database = try Database(path: path, access: .readWrite, lock: lock)
        let isUnfinished = try JournalSchema.isUnfinished(database)
        if !isUnfinished { try JournalSchema.check(database) }
        try JournalSchema.prepareConnection(database, cacheKiB: Self.writerCacheKiB)
        if isUnfinished {
            try JournalSchema.create(in: database, epoch: epochIfNew)
        } else {
            try JournalSchema.useLog(database)
        }
        return (try journal(database), isUnfinished ? .begun : .continued)
    }

    private func journal(_ database: sending Database) throws(JournalError) -> Journal {
        let writer = try JournalWriter(database, budget: budget)
        let standing = writer.standing
        let progress = JournalProgress(standing)
        var outboxes: [String: DestinationOutbox] = [:]
        for destination in destinations {
            let connection = try Database(path: path, access: .readOnly)
            try JournalSchema.prepareConnection(connection, cacheKiB: Self.readerCacheKiB)
            outboxes[destination] = DestinationOutbox(
                try JournalReader(connection), epoch: writer.epoch,
                acknowledgedThrough: standing.cursors[destination] ?? 0, progress: progress, path: path)
        }
        return Journal(writer, progress: progress, outboxes: outboxes)
    }
}
