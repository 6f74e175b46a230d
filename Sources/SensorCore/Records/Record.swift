/// One line of the node's account: everything a receiver needs to judge it travels in it.
public struct Record: Hashable, Sendable {
    public var bootID: BootID
    public var body: Body
    /// Numbers whose place this record takes, ascending and disjoint; empty for a record that was measured. See
    /// `isReplacement`.
    public var replaces: [ClosedRange<UInt64>] = []

    /// The stored form of a record in which something stands that only a newer program can read; nil for all others. What
    /// is stored again is stored like this, byte for byte. Such a record is never joined with others.
    package var verbatim: [UInt8]?

    public init(bootID: BootID, body: Body, replaces: [ClosedRange<UInt64>] = []) {
        self.bootID = bootID
        self.body = body
        self.replaces = replaces
    }

    /// Made later, of older records: the journal joined them to keep within its budget, or had to drop them.
    ///
    /// Records that replace the same ranges are numbered in a row and belong together: one per channel, sensor and longer
    /// interval. A receiver that already has some of the replaced ones leaves them out from then on. Only a notice takes
    /// nothing away: it says what will not come.
    public var isReplacement: Bool { !replaces.isEmpty }
}

/// A record with the number the journal gave it when it was committed.
public struct JournalledRecord: Hashable, Sendable {
    /// Starts at 1, without gaps for the life of the journal.
    public var sequence: UInt64
    public var record: Record

    public init(sequence: UInt64, record: Record) {
        self.sequence = sequence
        self.record = record
    }
}

/// Ties a boot's monotonic time to UTC: lets a receiver place records that were made before the clock was
/// synchronised.
public struct TimeFix: Hashable, Sendable {
    public var instant: MonotonicInstant
    public var utc: WallClockTime

    public init(instant: MonotonicInstant, utc: WallClockTime) {
        self.instant = instant
        self.utc = utc
    }
}
