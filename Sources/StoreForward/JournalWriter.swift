import SensorCore

/// The one connection that writes.
///
/// Used by one thread at a time. What it holds in memory changes only after a commit, so a failed append leaves no
/// trace in the file or here.
final class JournalWriter {
    /// What the last commit left.
    struct Standing: Sendable {
        var lastSequence: UInt64
        /// The oldest kept record; `lastSequence + 1` when none is.
        var oldestSequence: UInt64
        var boot: (id: Int64, name: BootID)?
        var totals: [String: UInt64]
        /// Acknowledged through, by destination; also of destinations no longer configured.
        var cursors: [String: UInt64]
    }

    let epoch: JournalEpoch
    let budget: JournalBudget
    private(set) var standing: Standing

    let database: Database
    let statements: WritingStatements

    init(_ database: Database, budget: JournalBudget) throws(JournalError) {
        self.database = database
        self.budget = budget
        try database.execute(
            """
            PRAGMA wal_autocheckpoint = \(budget.logPages); PRAGMA journal_size_limit = \(budget.logLimitBytes)
            """, "open")
        epoch = try JournalSchema.epoch(database)
        statements = try WritingStatements(database)
        standing = try Standing(database)
    }

    /// Commits `records`, `totals` and `cursors`. Returns the records' sequences.
    func append(
        _ records: [Record], totals: [String: UInt64], cursors: [String: UInt64]
    ) throws(JournalError) -> ClosedRange<UInt64> {
        let first = standing.lastSequence + 1
        try transaction("append to") { (draft) throws(JournalError) in
            let bodies = EncodedBodies(records)
            try advance(&draft, totals: totals, cursors: cursors)
            let dropped = try makeRoom(for: bodies, &draft, floor: cursors.values.min() ?? draft.lastSequence)
            for (index, record) in records.enumerated() { try insert(record, bodies[index], &draft) }
            if let dropped, let newest = records.last {
                let notice = newest.noticeOfDropped(dropped, budget)
                try insert(notice, RecordCodec.encode(notice.body)[...], &draft)
            }
            if draft.oldestSequence > standing.oldestSequence { try statements.deleteBoots.run() }
            try set(JournalSchema.Counter.lastSequence, draft.lastSequence)
            try returnPages()
        }
        return first...first + UInt64(records.count) - 1
    }

    /// Commits `cursors` alone, unless they are already.
    func flush(cursors: [String: UInt64]) throws(JournalError) {
        guard cursors.contains(where: { standing.cursors[$0.key] ?? 0 < $0.value }) else { return }
        try transaction("keep acknowledgements in") { (draft) throws(JournalError) in
            try advance(&draft, totals: [:], cursors: cursors)
        }
    }

    private func transaction(
        _ operation: String, _ body: (inout Standing) throws(JournalError) -> Void
    ) throws(JournalError) {
        var draft = standing
        try database.execute("BEGIN IMMEDIATE", operation)
        do throws(JournalError) {
            try body(&draft)
            try database.execute("COMMIT", operation)
        } catch {
            database.rollBack()
            throw error
        }
        standing = draft
    }

    /// Counters only rise; what has not risen is not written.
    private func advance(
        _ draft: inout Standing, totals: [String: UInt64], cursors: [String: UInt64]
    ) throws(JournalError) {
        for (channel, total) in totals where total > draft.totals[channel] ?? 0 || draft.totals[channel] == nil {
            try set(JournalSchema.Counter.total + channel, total)
            draft.totals[channel] = total
        }
        for (destination, sequence) in cursors where sequence > draft.cursors[destination] ?? 0 {
            try set(JournalSchema.Counter.acknowledged + destination, sequence)
            draft.cursors[destination] = sequence
        }
    }

    private func set(_ counter: String, _ value: UInt64) throws(JournalError) {
        defer { statements.setCounter.reset() }
        try statements.setCounter.bind(1, counter)
        statements.setCounter.bind(2, Int64(clamping: value))
        _ = try statements.setCounter.step()
    }

    private func insert(
        _ record: Record, _ body: ArraySlice<UInt8>, _ draft: inout Standing
    ) throws(JournalError) {
        let sequence = Int64(draft.lastSequence + 1)
        let boot = try bootRow(of: record, &draft)
        let span = record.body.monotonicSpan
        let insert = statements.insertRecord
        defer { insert.reset() }
        insert.bind(1, sequence)
        insert.bind(2, Int64(RecordKind(of: record.body).code))
        insert.bind(3, boot)
        insert.bind(4, span.start.nanoseconds)
        insert.bind(5, span.end.nanoseconds)
        insert.bind(6, body.withUnsafeBytes { JournalSchema.checksum(sequence: sequence, boot: boot, body: $0) })
        try insert.bind(7, body)
        _ = try insert.step()
        draft.lastSequence += 1
    }

    /// A new row whenever the boot differs from the previous record's, which keeps the ids ascending.
    private func bootRow(of record: Record, _ draft: inout Standing) throws(JournalError) -> Int64 {
        if let boot = draft.boot, boot.name == record.bootID { return boot.id }
        let id = (draft.boot?.id ?? 0) + 1
        defer { statements.insertBoot.reset() }
        statements.insertBoot.bind(1, id)
        try statements.insertBoot.bind(2, record.bootID.text)
        _ = try statements.insertBoot.step()
        draft.boot = (id, record.bootID)
        return id
    }
}

/// The statements of an append, prepared once.
struct WritingStatements {
    let insertRecord: Statement
    let insertBoot: Statement
    let setCounter: Statement
    let deleteThrough: Statement
    let deleteBoots: Statement
    let pageCount: Statement
    let freePages: Statement

    init(_ database: Database) throws(JournalError) {
        let verb = "append to"
        insertRecord = try Statement(database, "INSERT INTO record VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)", verb)
        insertBoot = try Statement(database, "INSERT INTO boot VALUES (?1, ?2)", verb)
        setCounter = try Statement(
            database,
            "INSERT INTO counter VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = excluded.value", verb)
        deleteThrough = try Statement(database, "DELETE FROM record WHERE sequence <= ?1", verb)
        deleteBoots = try Statement(
            database, "DELETE FROM boot WHERE id < (SELECT boot FROM record ORDER BY sequence LIMIT 1)", verb)
        pageCount = try Statement(database, "PRAGMA page_count", verb)
        freePages = try Statement(database, "PRAGMA freelist_count", verb)
    }
}

/// The bodies of one append in one buffer, so that their size is known before the first is written.
struct EncodedBodies {
    private var writer = FieldWriter()
    private(set) var ranges: [Range<Int>] = []

    init(_ records: [Record]) {
        ranges.reserveCapacity(records.count)
        for record in records {
            let start = writer.bytes.count
            RecordCodec.encode(record.body, into: &writer)
            ranges.append(start..<writer.bytes.count)
        }
    }

    subscript(index: Int) -> ArraySlice<UInt8> { writer.bytes[ranges[index]] }
}
