import SensorCore

extension JournalWriter {
    /// Writes what differs from the last commit.
    func write(_ draft: inout JournalStanding) throws(JournalError) {
        if draft.lastSequence != standing.lastSequence {
            try set(JournalSchema.Counter.lastSequence, Int64(clamping: draft.lastSequence))
        }
        if let opening = draft.opening, opening != standing.opening {
            try set(JournalSchema.Counter.opening, Int64(bitPattern: opening))
        }
        for (channel, total) in draft.totals where standing.totals[channel] != total {
            try set(JournalSchema.Counter.total + channel, Int64(clamping: total))
        }
        if draft.named != standing.named {
            for name in draft.named.subtracting(standing.named) { try set(JournalSchema.Counter.named + name, 1) }
            for name in standing.named.subtracting(draft.named) { try remove(JournalSchema.Counter.named + name, 0) }
        }
        try replace(JournalSchema.Counter.gone, standing.gone, by: draft.gone)
        try replace(JournalSchema.Counter.lost, standing.lost, by: draft.lost)
        try replace(JournalSchema.Counter.unexplained, standing.unexplained, by: draft.unexplained)
        for (destination, ranges) in draft.acknowledged {
            var bridged = ranges
            bridged.bridge(draft.gone)
            draft.acknowledged[destination] = bridged
            try replace(
                JournalSchema.Counter.acknowledged + destination,
                standing.acknowledged[destination] ?? SequenceRanges(), by: bridged)
        }
        for level in CoarseLevel.allCases {
            try replace(
                "\(JournalSchema.Counter.level)\(level.rawValue)", standing.levels[level] ?? SequenceRanges(),
                by: draft.levels[level] ?? SequenceRanges())
        }
        if draft.epochs != standing.epochs { try replaceEpochs(by: draft.epochs) }
        try set(JournalSchema.Counter.checksum, Int64(draft.checksum))
    }

    /// Most commits only move the end of one range.
    private func replace(
        _ named: @autoclosure () -> String, _ old: SequenceRanges, by new: SequenceRanges
    ) throws(JournalError) {
        guard old != new else { return }
        let name = named()
        var start = 0
        while start < old.count, start < new.count, old.ranges[start] == new.ranges[start] { start += 1 }
        var oldEnd = old.count
        var newEnd = new.count
        while oldEnd > start, newEnd > start, old.ranges[oldEnd - 1] == new.ranges[newEnd - 1] {
            oldEnd -= 1
            newEnd -= 1
        }
        let firsts = Set(new.ranges[start..<newEnd].map(\.lowerBound))
        for range in old.ranges[start..<oldEnd] where !firsts.contains(range.lowerBound) {
            try remove(name, Int64(clamping: range.lowerBound))
        }
        for range in new.ranges[start..<newEnd] {
            try set(name, first: Int64(clamping: range.lowerBound), Int64(clamping: range.upperBound))
        }
    }

    private func set(_ name: String, first: Int64 = 0, _ value: Int64) throws(JournalError) {
        let statement = statements.setCounter
        defer { statement.reset() }
        try statement.bind(1, name)
        statement.bind(2, first)
        statement.bind(3, value)
        _ = try statement.step()
    }

    private func remove(_ name: String, _ first: Int64) throws(JournalError) {
        let statement = statements.removeCounter
        defer { statement.reset() }
        try statement.bind(1, name)
        statement.bind(2, first)
        _ = try statement.step()
    }

    private func replaceEpochs(by chain: EpochChain) throws(JournalError) {
        try database.execute("DELETE FROM epoch", "begin an epoch in")
        for link in chain.links {
            try database.execute(
                "INSERT INTO epoch VALUES (\(link.first), '\(link.epoch.text)')", "begin an epoch in")
        }
    }
}

/// The connection that writes, with what is prepared on it.
final class WritingConnection {
    let database: Database
    let statements: WritingStatements
    let reader: JournalReader

    init(_ database: Database, _ budget: JournalBudget) throws(JournalError) {
        self.database = database
        try database.execute(
            """
            PRAGMA wal_autocheckpoint = \(budget.logPages); PRAGMA journal_size_limit = \(budget.logLimitBytes)
            """, "open")
        statements = try WritingStatements(database)
        reader = try JournalReader(database)
    }
}

/// The statements of an append, prepared once.
struct WritingStatements {
    let begin: Statement
    let commit: Statement
    let insertRecord: Statement
    let insertBoot: Statement
    let setCounter: Statement
    let removeCounter: Statement
    let deleteRecords: Statement
    let deleteBoots: Statement
    let deleteNewestBoots: Statement
    let pageCount: Statement
    let freePages: Statement

    init(_ database: Database) throws(JournalError) {
        let verb = "append to"
        begin = try Statement(database, "BEGIN IMMEDIATE", verb)
        commit = try Statement(database, "COMMIT", verb)
        insertRecord = try Statement(database, "INSERT INTO record VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)", verb)
        insertBoot = try Statement(database, "INSERT INTO boot VALUES (?1, ?2)", verb)
        setCounter = try Statement(
            database,
            "INSERT INTO counter VALUES (?1, ?2, ?3) ON CONFLICT (name, first) DO UPDATE SET value = excluded.value",
            verb)
        removeCounter = try Statement(database, "DELETE FROM counter WHERE name = ?1 AND first = ?2", verb)
        deleteRecords = try Statement(database, "DELETE FROM record WHERE sequence BETWEEN ?1 AND ?2", verb)
        // Boot rows ascend with the sequences, so those between the neighbours of what was deleted have no records.
        deleteBoots = try Statement(
            database,
            """
            DELETE FROM boot WHERE id > coalesce((SELECT boot FROM record WHERE sequence < ?1 ORDER BY sequence DESC LIMIT 1), 0) \
            AND id < coalesce((SELECT boot FROM record WHERE sequence > ?2 ORDER BY sequence LIMIT 1), \
            (SELECT max(id) FROM boot))
            """, verb)
        deleteNewestBoots = try Statement(
            database,
            "DELETE FROM boot WHERE id > coalesce((SELECT boot FROM record ORDER BY sequence DESC LIMIT 1), 0)", verb)
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
        writer.bytes.reserveCapacity(records.count * 128)
        for record in records {
            let start = writer.bytes.count
            RecordCodec.encode(record, into: &writer)
            ranges.append(start..<writer.bytes.count)
        }
    }

    subscript(index: Int) -> ArraySlice<UInt8> { writer.bytes[ranges[index]] }
}
