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
        /// Of a kind that a newer program knows. Only read, never made.
        case unknown
    }

    public var kind: Kind
    public var instant: MonotonicInstant
    public var utc: WallClockTime?
    /// For people, in English.
    public var text: String
    /// The same as data; nil in notices of before there were codes.
    public var message: CodedMessage?
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

    public init(
        _ kind: Kind, at instant: MonotonicInstant, utc: WallClockTime?, saying message: some CatalogueMessage,
        count: UInt64? = nil, sequences: ClosedRange<UInt64>? = nil, previousEpoch: JournalEpoch? = nil
    ) {
        self.init(
            kind: kind, instant: instant, utc: utc, text: message.text(in: .english), count: count, sequences: sequences,
            previousEpoch: previousEpoch)
        self.message = message.coded
    }
}
