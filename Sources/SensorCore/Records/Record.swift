/// One line of the node's account: everything a receiver needs to judge it travels in it.
public struct Record: Hashable, Sendable {
    public var bootID: BootID
    public var body: Body
    /// Numbers whose place this record takes, ascending and disjoint; empty for a record that was measured. See
    /// `isReplacement`.
    public var replaces: [ClosedRange<UInt64>] = []

    public enum Body: Hashable, Sendable {
        case traffic(TrafficInterval)
        case climate(ClimateInterval)
        case node(NodeInterval)
        case timeFix(TimeFix)
        case notice(Notice)
    }

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

/// Something happened to the data itself, or to what it comes from, and must be said where the data is read.
public struct Notice: Hashable, Sendable {
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        /// The node began a journal of its own; what an older one held is not in it.
        case journalBegun = "journal_begun"
        /// A damaged journal was set aside under another name. A new one was begun, or goes on with what was sound in it.
        case journalSetAside = "journal_set_aside"
        /// Records were made but could not be kept (full disk, failing card).
        case recordsLost = "records_lost"
        /// Journalled records are gone unacknowledged, since the budget was full or the file was damaged; `Record.replaces`
        /// has their numbers.
        case recordsDropped = "records_dropped"
        /// The journal is an older copy of itself, or what was sound in a damaged one. It goes on under a new epoch, from this
        /// record's number; what was numbered from there on before is not in it. `previousEpoch` has the numbers below.
        case journalRestored = "journal_restored"
        /// Records that replace others for some destinations only; the others have those and are not owed these, which
        /// `Record.replaces` names.
        case recordsForOthers = "records_for_others"
        /// A sensor bus answers nobody any more; the text says which wire to look at.
        case busStuck = "bus_stuck"
        /// It answers again.
        case busFree = "bus_free"
        /// A broker refuses these records for good; they are kept here, and offered again from time to time.
        case recordsRefused = "records_refused"
    }

    public var kind: Kind
    public var instant: MonotonicInstant
    public var utc: WallClockTime?
    public var text: String
    /// How many records it concerns, where that is known.
    public var count: UInt64?
    /// The sequence numbers it concerns, where they had any.
    public var sequences: ClosedRange<UInt64>?
    /// Of `journalRestored`: the epoch that went before.
    public var previousEpoch: JournalEpoch?

    public init(
        kind: Kind, instant: MonotonicInstant, utc: WallClockTime?, text: String, count: UInt64? = nil,
        sequences: ClosedRange<UInt64>? = nil, previousEpoch: JournalEpoch? = nil
    ) {
        self.kind = kind
        self.instant = instant
        self.utc = utc
        self.text = text
        self.count = count
        self.sequences = sequences
        self.previousEpoch = previousEpoch
    }
}

/// How the node itself fared in an interval.
public struct NodeInterval: Hashable, Sendable {
    public var span: IntervalSpan
    /// Records journalled and not yet acknowledged by the (slowest) destination, at the end of the interval.
    public var backlog: UInt64
    /// Connections to the broker that ended without being asked to, in the interval.
    public var connectionsLost: UInt64
    /// Closed intervals that found no room on the way from the counting thread to the journal, in the interval.
    public var queueOverflows: UInt64
    /// Journal commits that failed, in the interval.
    public var journalFaults: UInt64

    public init(
        span: IntervalSpan, backlog: UInt64, connectionsLost: UInt64, queueOverflows: UInt64, journalFaults: UInt64
    ) {
        self.span = span
        self.backlog = backlog
        self.connectionsLost = connectionsLost
        self.queueOverflows = queueOverflows
        self.journalFaults = journalFaults
    }
}
