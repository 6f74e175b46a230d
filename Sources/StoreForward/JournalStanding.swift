import SensorCore

extension JournalWriter.Standing {
    /// Reads what the last commit left, and the ends of the account with it. Never more than that: opening must not
    /// take longer with a longer history.
    init(_ database: Database) throws(JournalError) {
        var counters: [String: UInt64] = [:]
        let select = try Statement(database, "SELECT name, value FROM counter", "read")
        while try select.step() {
            guard let name = select.text(0), select.integer(1) >= 0 else {
                throw JournalSchema.corrupt(database, "a counter is not readable")
            }
            counters[name] = UInt64(select.integer(1))
        }
        guard let last = counters[JournalSchema.Counter.lastSequence] else {
            throw JournalSchema.corrupt(database, "\(JournalSchema.Counter.lastSequence) is missing")
        }
        lastSequence = last
        totals = Self.named(JournalSchema.Counter.total, in: counters)
        cursors = Self.named(JournalSchema.Counter.acknowledged, in: counters)
        guard cursors.values.allSatisfy({ $0 <= last }) else {
            throw JournalSchema.corrupt(database, "more is acknowledged than the \(last) records there were")
        }
        oldestSequence = try Self.checkEnds(database, last: last)
        let newestBoot = try Statement(database, "SELECT id, name FROM boot ORDER BY id DESC LIMIT 1", "read")
        if try newestBoot.step(), let name = newestBoot.text(1) {
            boot = (newestBoot.integer(0), BootID(name))
        }
    }

    /// The oldest and the newest record must be readable, and the newest the last one numbered.
    private static func checkEnds(_ database: Database, last: UInt64) throws(JournalError) -> UInt64 {
        let reader = try JournalReader(database)
        guard let oldest = try reader.oldest() else { return last + 1 }
        let newest = try database.integer("SELECT max(sequence) FROM record", "read")
        guard newest == Int64(last) else {
            throw JournalSchema.corrupt(
                database, "the newest record is \(newest ?? 0), but \(last) were numbered")
        }
        _ = try reader.records(after: oldest - 1, through: oldest, limit: 1)
        _ = try reader.records(after: last - 1, through: last, limit: 1)
        return oldest
    }

    private static func named(_ prefix: String, in counters: [String: UInt64]) -> [String: UInt64] {
        var named: [String: UInt64] = [:]
        for (name, value) in counters where name.hasPrefix(prefix) {
            named[String(name.dropFirst(prefix.count))] = value
        }
        return named
    }
}
