import Glibc
public import SensorCore

/// A journal looked at from outside: the file of a running node, or a copy of one. Nothing is written to it.
public final class JournalInspection {
    public let path: String
    /// The process that has the journal open; nil when none has.
    public let holder: Int32?
    let database: Database
    private let format: Int64
    private let reader: JournalReader

    /// Throws the kinds `foreign`, `newerVersion`, `corrupt` and those of a file that cannot be read. A journal of format 1
    /// is refused as `olderVersion`: the node brings it up to date when it opens it.
    public init(path: String) throws(JournalError) {
        self.path = path
        guard access(path, F_OK) == 0 else { throw JournalError("open \(path)", systemCode: errno) }
        database = try Self.open(path)
        // Only now: a node may have come or gone while it was waited for.
        holder = JournalLock.holder(journal: path)
        try JournalSchema.prepareReading(database)
        format = try JournalSchema.check(database)
        reader = try JournalReader(database)
    }

    /// Beside a writer SQLite shares its log. A copy without a log, in a place that cannot be written to, needs none.
    private static func open(_ path: String) throws(JournalError) -> Database {
        do throws(JournalError) {
            return try Database.visiting(path: path, access: .readOnly)
        } catch {
            // SQLite makes a file for the log's index, also to read. Where nobody has the journal it can do with memory.
            if error.kind == .full || error.kind == .readOnly, JournalLock.holder(journal: path) == nil, access(path, W_OK) == 0 {
                return try Database(path: path, access: .readWrite, sharing: .alone)
            }
            guard error.isOfTheMedium || error.kind == .cannotOpen, access(path + "-wal", F_OK) != 0 else { throw error }
            return try Database(path: path, access: .unchanging)
        }
    }

    /// What the journal says of itself, as of one moment.
    public func stats() throws(JournalError) -> JournalStats {
        try snapshot { () throws(JournalError) in
            let standing = try JournalStanding(database)
            return JournalStats(
                standing, path: path, holder: holder, format: format,
                pageBytes: UInt64(try database.pageBytes()),
                pages: UInt64(try database.integer("PRAGMA page_count", "read") ?? 0),
                freePages: UInt64(try database.integer("PRAGMA freelist_count", "read") ?? 0),
                oldest: try oldest(standing), newest: try newest(standing))
        }
    }

    /// The epoch of each number, as of now.
    public func epochs() throws(JournalError) -> (UInt64) -> JournalEpoch {
        let chain = try EpochChain.read(database)
        return { chain.link(of: $0).epoch }
    }

    /// The numbers given under each epoch, ascending; none of one under which none was.
    public func numbered() throws(JournalError) -> [(epoch: JournalEpoch, numbers: ClosedRange<UInt64>)] {
        let standing = try snapshot { () throws(JournalError) in try JournalStanding(database) }
        return standing.numbered
    }

    /// Whose it is, as its newest account of the node says; nil where none of those that are kept do.
    public func node() throws(JournalError) -> String? {
        let query = "SELECT sequence FROM record WHERE kind = \(RecordKind.node.code) ORDER BY sequence DESC LIMIT 1"
        guard let number = try database.integer(query, "read").flatMap({ UInt64(exactly: $0) }) else { return nil }
        guard case .node(let interval)? = try reader.records(in: number...number, limit: 1).first?.record.body else { return nil }
        return interval.node
    }

    /// Of what is kept; nil when nothing is.
    public func keptRange() throws(JournalError) -> ClosedRange<UInt64>? {
        guard let first = try database.integer("SELECT min(sequence) FROM record", "read"),
            let last = try database.integer("SELECT max(sequence) FROM record", "read"), first > 0
        else { return nil }
        return UInt64(first)...UInt64(last)
    }

    /// The first number of the newest `count` records.
    public func start(ofNewest count: Int) throws(JournalError) -> UInt64? {
        try database.integer(
            "SELECT min(sequence) FROM (SELECT sequence FROM record ORDER BY sequence DESC LIMIT \(count))", "read"
        ).flatMap { $0 > 0 ? UInt64($0) : nil }
    }

    /// Up to `limit` records with these numbers, ascending. Each call sees the file as it is then, so that a long export
    /// keeps no writer from shortening its log. Records that were trimmed meanwhile are left out.
    public func records(in range: ClosedRange<UInt64>, limit: Int) throws(JournalError) -> [JournalledRecord] {
        try reader.records(in: range, limit: limit)
    }

    private func oldest(_ standing: JournalStanding) throws(JournalError) -> JournalledRecord? {
        guard let first = standing.everything.subtracting(standing.gone).ranges.first?.lowerBound else { return nil }
        return try reader.records(in: first...first, limit: 1).first
    }

    private func newest(_ standing: JournalStanding) throws(JournalError) -> JournalledRecord? {
        guard let last = standing.everything.subtracting(standing.gone).ranges.last?.upperBound else { return nil }
        return try reader.records(in: last...last, limit: 1).first
    }

    /// Everything that `body` reads is of one moment.
    func snapshot<T>(_ body: () throws(JournalError) -> T) throws(JournalError) -> T {
        try database.execute("BEGIN", "read")
        defer { database.rollBack() }
        return try body()
    }
}

/// A journal in numbers.
public struct JournalStats: Sendable {
    public struct Destination: Sendable {
        public var name: String
        /// Everything up to here is settled.
        public var settledThrough: UInt64
        /// Records that are owed to it.
        public var owed: UInt64
        /// Those of them that are older than one it has: refused, or on their way in another lane.
        public var passedOver: UInt64
        /// Ranges its acknowledgements are kept in.
        public var ranges: Int
        /// The last opening named it: what it is owed is held for it.
        public var isNamed: Bool
    }

    public struct Epoch: Sendable {
        public var first: UInt64
        public var epoch: JournalEpoch
    }

    public var path: String
    public var holder: Int32?
    public var format: Int64
    public var epochs: [Epoch]
    public var lastSequence: UInt64
    public var kept: UInt64
    /// Kept records that were joined to a quarter of an hour, to an hour, to a day (or cannot be joined).
    public var quarterHours: UInt64
    public var hours: UInt64
    public var days: UInt64
    public var destinations: [Destination]
    public var totals: [String: UInt64]
    /// In bytes.
    public var databaseSize: UInt64
    public var freeSize: UInt64
    public var logSize: UInt64
    public var oldest: JournalledRecord?
    public var newest: JournalledRecord?

    init(
        _ standing: JournalStanding, path: String, holder: Int32?, format: Int64, pageBytes: UInt64, pages: UInt64, freePages: UInt64,
        oldest: JournalledRecord?, newest: JournalledRecord?
    ) {
        self.path = path
        self.holder = holder
        self.oldest = oldest
        self.newest = newest
        self.format = format
        epochs = standing.epochs.links.map { Epoch(first: $0.first, epoch: $0.epoch) }
        lastSequence = standing.lastSequence
        kept = standing.kept
        quarterHours = standing.levels[.quarterHour]?.total ?? 0
        hours = standing.levels[.hour]?.total ?? 0
        days = standing.levels[.day]?.total ?? 0
        totals = standing.totals
        let names = standing.named.union(standing.acknowledged.keys)
        destinations = names.sorted().map { name in
            let settled = standing.settled(name)
            return Destination(
                name: name, settledThrough: settled.gapFreeEnd,
                owed: standing.everything.subtracting(settled).total,
                passedOver: standing.acknowledged[name]?.ranges.last.map { settled.missing(in: 1...$0.upperBound).total } ?? 0,
                ranges: standing.acknowledged[name]?.count ?? 0, isNamed: standing.named.contains(name))
        }
        databaseSize = pages * pageBytes
        freeSize = freePages * pageBytes
        var status = stat()
        logSize = stat(path + "-wal", &status) == 0 ? UInt64(max(0, status.st_size)) : 0
    }
}
