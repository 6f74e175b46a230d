/// Under which numbers are unique: a record is known by epoch and sequence. A journal takes a new one when it begins, and
/// when it turns out to be an older copy of itself, so that what it numbers now is never taken for what the lost one had.
public struct JournalEpoch: Hashable, Sendable {
    public var rawValue: UInt64
    public init(rawValue: UInt64) { self.rawValue = rawValue }
    /// 16 lower-case hexadecimal digits.
    public var text: String {
        let digits = String(rawValue, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}

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
        return last == 0 ? 0 : settled.missing(in: 1...last).ranges.last?.upperBound ?? 0
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
public struct OutboxError: Error, Hashable, Sendable, CustomStringConvertible {
    public var operation: String
    /// The store's own extended error code.
    public var code: Int32
    public var detail: String

    public init(operation: String, code: Int32, detail: String) {
        self.operation = operation
        self.code = code
        self.detail = detail
    }

    public var description: String { "\(operation): \(detail) (code \(code))" }
}

/// One message as it goes on the wire.
public struct OutgoingMessage: Hashable, Sendable {
    public var topic: String
    public var payload: [UInt8]
    public var isRetained: Bool
    /// MIME type, sent as an MQTT 5 property.
    public var contentType: String
    /// Sent as MQTT 5 user property `schema`.
    public var schema: String
    /// Whole seconds after which the broker need not hand it on (MQTT 5.0 §3.3.2.3.3); nil for all that is to arrive
    /// however late.
    public var expirySeconds: UInt32?

    public init(
        topic: String, payload: [UInt8], isRetained: Bool, contentType: String, schema: String, expirySeconds: UInt32? = nil
    ) {
        self.topic = topic
        self.payload = payload
        self.isRetained = isRetained
        self.contentType = contentType
        self.schema = schema
        self.expirySeconds = expirySeconds
    }
}

/// Turns records into messages of one format. Pure: the same record always gives the same bytes.
public protocol RecordEncoder: Sendable {
    /// - Parameter isHistorical: sent from the backlog, not while it was new: a display of the present passes it over.
    func message(for record: JournalledRecord, epoch: JournalEpoch, isHistorical: Bool) -> OutgoingMessage
    /// The retained status message: at birth, and as the broker's last will.
    func statusMessage(_ status: NodeStatus, epoch: JournalEpoch) -> OutgoingMessage
    /// What a receiver says it has stored; nil for what is no receipt of this format.
    func receipt(from payload: [UInt8]) -> DeliveryReceipt?
}

/// A receiver has stored these records.
public struct DeliveryReceipt: Hashable, Sendable {
    public var epoch: JournalEpoch
    public var stored: [ClosedRange<UInt64>]

    public init(epoch: JournalEpoch, stored: [ClosedRange<UInt64>]) {
        self.epoch = epoch
        self.stored = stored
    }
}

/// What the retained status topic says.
public struct NodeStatus: Hashable, Sendable {
    public enum State: String, Hashable, Sendable {
        /// Connected and sending.
        case online
        /// Said by the broker in the node's name: the connection was lost.
        case lost
        /// The node was stopped on purpose.
        case stopped
    }

    public var state: State
    public var bootID: BootID
    public var version: String
    /// The moment of writing, with UTC if known; nil in a will, which is written long before it is read.
    public var clock: ClockReading?

    public init(state: State, bootID: BootID, version: String, clock: ClockReading?) {
        self.state = state
        self.bootID = bootID
        self.version = version
        self.clock = clock
    }
}
