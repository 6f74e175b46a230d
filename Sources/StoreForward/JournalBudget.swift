/// How much of the medium a journal may take, and how it is shared between database and log.
///
/// The log takes an eighth, at most 4 MiB: the longer it may grow, the more often a page that changes
/// with every commit is written to the log only and not to the database as well.
struct JournalBudget: Hashable {
    let bytes: Int64
    let pageBytes: Int64
    /// Pages of the database file.
    let databasePages: Int64
    /// Pages in the log after which it is copied into the database.
    let logPages: Int64

    private static let mostLogBytes: Int64 = 4 << 20

    /// - Parameter pageBytes: of the file: one begun by an older program has larger pages.
    init(bytes: Int64, pageBytes: Int64 = JournalSchema.pageBytes) {
        self.bytes = bytes
        self.pageBytes = pageBytes
        let pages = bytes / pageBytes
        logPages = min(Self.mostLogBytes / pageBytes, pages / 8)
        databasePages = pages - logPages
    }

    /// A log that grew beyond this under a slow reader is cut back when it starts over.
    var logLimitBytes: Int64 { 2 * logPages * pageBytes }

    /// How many of `kept` records are deleted at a time: several, so that one scarce page does not mean one notice per
    /// commit, but a small share of what there is.
    static func recordsPerStep(kept: UInt64) -> UInt64 { min(256, kept / 16 + 1) }

    /// Steps in one append. A budget that was lowered is reached over several appends, none of them long.
    static let stepsPerAppend = 32

    /// Records that one step joins at most: nearly four hours of a reference box as measured, days of hours.
    static let recordsPerJoin: UInt64 = 4096

    /// Ranges of numbers that one record says it replaces, at most (unless a single one it replaces said more).
    static let rangesPerReplacement = 64

    /// Free pages that are kept for reuse.
    var sparePages: Int64 { databasePages / 8 }

    /// Pages given back to the file system in one append: 4 MiB.
    var pagesReturnedPerAppend: Int64 { (4 << 20) / pageBytes }

    /// Pages that new rows may take, at the worst filling that rows appended in order reach.
    ///
    /// A row has up to 40 bytes of header and columns beside its body. A tenth is left empty at page ends; a body
    /// larger than a page has pages of its own. Four more for the tree above, counters, boots and a notice.
    func pages(for rows: RecordRows) -> Int64 {
        let bytes = rows.bodySize + rows.count * 40
        return Int64(bytes) * 11 / 10 / pageBytes + 4
    }
}
