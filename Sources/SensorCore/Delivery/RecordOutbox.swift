/// The journal as one destination sees it. Where storing and sending meet: neither knows the other.
///
/// Called from the destination's own thread while others append. A number is *settled* when this destination is owed
/// nothing for it any more: its record was acknowledged; or it was replaced by a coarser one or dropped, and a record
/// with a higher number says so (`Record.replaces`) and is owed in its place; or it was for other destinations only.
///
/// What a lane that reads ascending may rely on: a number that it passed over was settled, and new numbers appear only
/// above `lastSequence`. So when all records it read from one number through another have arrived, it may acknowledge the
/// whole range. A record that was in flight while it was replaced may still arrive and be acknowledged: its receiver
/// then has it and, later, the record that takes its place and says so.
public protocol RecordOutbox: AnyObject, Sendable {
    /// Of what is numbered from now on.
    var epoch: JournalEpoch { get }
    /// Of the record with this number. Differs from `epoch` for records kept from before the journal took a new one.
    func epoch(of sequence: UInt64) -> JournalEpoch
    /// The highest sequence committed; 0 when nothing is.
    var lastSequence: UInt64 { get }
    var settled: SequenceRanges { get }
    /// The set of settled numbers has room for a second lane. When it has not, live records wait their turn.
    var hasRoomForLane: Bool { get }
    /// Up to `limit` committed records after `sequence`, none after `last`, ascending, without the settled ones.
    func records(after sequence: UInt64, through last: UInt64, limit: Int) throws(OutboxError) -> [JournalledRecord]
    /// These have arrived. Kept in memory at once, made durable with the next commit; a crash in between only means
    /// sending twice. What was never committed is left out. A range that the full set has no room for is not kept: its
    /// records are owed still.
    func acknowledge(_ range: ClosedRange<UInt64>)
    /// The receiver says that it holds records of the present epoch up to this number. One above `lastSequence` proves
    /// that this journal is an older copy (a restored backup) of the one that sent them: it takes a new epoch.
    func receiverHolds(through sequence: UInt64)
}

extension RecordOutbox {
    /// Everything up to here is settled; 0 when nothing is.
    public var acknowledgedThrough: UInt64 { settled.gapFreeEnd }

    /// The highest number that is not settled; 0 when all are.
    public var lastOwed: UInt64 {
        let last = lastSequence
        return last == 0 ? 0 : settled.highestMissing(through: last)
    }

    public func records(after sequence: UInt64, limit: Int) throws(OutboxError) -> [JournalledRecord] {
        try records(after: sequence, through: lastSequence, limit: limit)
    }

    /// Everything up to and including `sequence` has arrived, or is settled otherwise.
    public func acknowledge(through sequence: UInt64) {
        if sequence > 0 { acknowledge(1...sequence) }
    }
}

/// The journal could not be read.
public struct OutboxError: Error, Hashable, Sendable, SentenceConvertible {
    public var operation: Sentence
    /// The store's own extended error code.
    public var code: Int32
    public var detail: Sentence

    public init(operation: Sentence, code: Int32, detail: Sentence) {
        self.operation = operation
        self.code = code
        self.detail = detail
    }

    public var sentence: Sentence { "\(operation): \(detail) (code \(code))" }
}
