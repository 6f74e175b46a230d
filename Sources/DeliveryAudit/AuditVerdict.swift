public import SensorCore

/// What an audit says of one node's journal.
public struct AuditVerdict: Hashable, Sendable {
    /// Numbers that are not there, and what is known of the time and the counts they held.
    public struct Gap: Hashable, Sendable {
        public var numbers: ClosedRange<UInt64>
        /// The end of the record before, and the start of the one after.
        public var from: WallClockTime?
        public var to: WallClockTime?
    }

    /// Records that contradict each other.
    public struct Contradiction: Hashable, Sendable {
        public enum Kind: String, Hashable, Sendable, CaseIterable {
            /// One number with two contents.
            case content = "one number, two contents"
            /// Two intervals of one series share time.
            case overlap = "overlapping intervals"
            /// A total did not grow by what was counted, though nothing is missing between.
            case total = "total and counts disagree"
            /// A sum is not the sum of its parts.
            case sum = "sum and its parts disagree"
        }
        public var kind: Kind
        public var sequence: UInt64
        public var detail: String
    }

    public var node: String
    public var epoch: String
    /// Different numbers received within `numbers`.
    public var records: UInt64
    /// What was looked at: from the first to the last received, or as asked.
    public var numbers: ClosedRange<UInt64>
    /// Ascending, without what other records replace or name.
    public var missing: [Gap]
    /// Not received, since the node had dropped them and says so.
    public var dropped: [Gap]
    /// Not received, since the broker refuses them and the node says so; the node still keeps them.
    public var refused: [Gap]
    /// Those of `missing` that the broker of a destination refuses which these messages were not said to come from; by its name.
    public var refusedElsewhere: [String: [Gap]]
    /// Numbers not received that a coarser record stands for.
    public var replaced: UInt64
    /// Numbers that are not for this receiver, as the node told it.
    public var withheld: UInt64
    /// Received, and replaced by a coarser record that was received too: count only the latter.
    public var superseded: UInt64
    /// Received more than once: the same record again.
    public var duplicated: UInt64
    /// Sent from the backlog.
    public var late: UInt64
    /// Came after a higher number of the same lane, as after a broken connection.
    public var reordered: UInt64
    /// Notices that records were lost before they had a number.
    public var lossNotices: Int
    /// Notices that a damaged journal was set aside, and that what it still held is only there: nobody knows how much.
    public var setAsideNotices: Int
    /// Counts that totals tell of and no record holds, by channel: within gaps and losses.
    public var hiddenCounts: [String: UInt64]
    public var contradictions: [Contradiction]
    /// It was said which numbers are to be there. Else nobody knows what came before the first and after the last.
    package var endsAreKnown = false

    /// Within `numbers` nothing is missing, dropped, refused or set aside, and nothing contradicts: duplicates, lateness and
    /// coarser records are no loss.
    public var hasNoGap: Bool {
        missing.isEmpty && dropped.isEmpty && refused.isEmpty && lossNotices == 0 && setAsideNotices == 0 && contradictions.isEmpty
    }

    /// Everything that is to be there is there.
    public var isComplete: Bool { endsAreKnown && hasNoGap }

    public var missingCount: UInt64 { missing.reduce(0) { $0 + ($1.numbers.upperBound - $1.numbers.lowerBound + 1) } }
}
