/// Identifies one journal file for its life: a receiver that sees a new epoch starts counting sequences anew.
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
/// Called from the destination's own thread while others append.
public protocol RecordOutbox: AnyObject, Sendable {
    var epoch: JournalEpoch { get }
    /// Everything up to here is acknowledged; 0 when nothing is.
    var acknowledgedThrough: UInt64 { get }
    /// The highest sequence committed; 0 when nothing is.
    var lastSequence: UInt64 { get }
    /// Up to `limit` committed records after `sequence`, ascending. A sequence that is no longer kept is skipped.
    func records(after sequence: UInt64, limit: Int) throws(OutboxError) -> [JournalledRecord]
    /// Everything up to and including `sequence` has arrived. Kept in memory at once, made durable with the next
    /// commit; a crash in between only means sending twice.
    func acknowledge(through sequence: UInt64)
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
