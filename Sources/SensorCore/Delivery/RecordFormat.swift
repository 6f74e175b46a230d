/// A form in which records leave the node, made for one node and one destination.
public protocol RecordFormat: Sendable {
    /// What is kept from the beginning of a connection to its end.
    func session() -> any FormatSession
}

/// One connection's worth of a format. Does no I/O: what it gives is sent by its owner, in the order given.
///
/// It may have state: births, aliases, numbers of its own. Used by one thread. The order of calls is `will`, `birth`, then
/// any number of the others, then `farewell` when the node ends the connection itself.
public protocol FormatSession {
    /// Addresses whose messages the session wants to see.
    var subscriptions: [String] { get }
    /// How long after a birth or renewal `renewal` is to be sent again; nil for never.
    var renewalPause: TimeSpan? { get }

    /// What the other side is to say in the node's name when the connection breaks; nil for nothing. The clock of
    /// `status` is nil: it is written long before it is read.
    mutating func will(_ status: NodeStatus) -> OutgoingMessage?
    /// Sent, and waited for, before the first record.
    mutating func birth(_ status: NodeStatus) -> [OutgoingMessage]
    /// Says again what would otherwise expire.
    mutating func renewal(_ status: NodeStatus) -> [OutgoingMessage]
    /// Sent last when the node ends the connection itself.
    mutating func farewell(_ status: NodeStatus) -> [OutgoingMessage]

    /// The messages that carry a batch, in the order in which they are to be sent.
    ///
    /// A record that several messages carry counts as delivered when all of them have arrived; a message that carries several
    /// delivers them together. A record that no message carries has no form in this format: nothing is owed for it.
    mutating func messages(for batch: RecordBatch) -> [RecordMessage]

    /// A message from one of `subscriptions`.
    mutating func received(_ payload: [UInt8], from address: String) -> InboundMessage
}

extension FormatSession {
    public var subscriptions: [String] { [] }
    public var renewalPause: TimeSpan? { nil }
    public mutating func will(_ status: NodeStatus) -> OutgoingMessage? { nil }
    public mutating func birth(_ status: NodeStatus) -> [OutgoingMessage] { [] }
    public mutating func renewal(_ status: NodeStatus) -> [OutgoingMessage] { birth(status) }
    public mutating func farewell(_ status: NodeStatus) -> [OutgoingMessage] { [] }
    public mutating func received(_ payload: [UInt8], from address: String) -> InboundMessage { .ignored }
}

/// Records that are sent together: of one epoch and one lane, ascending.
public struct RecordBatch: Hashable, Sendable {
    /// Those that were committed together where they are new; empty when there is only `withheld` to tell.
    public var records: [JournalledRecord]
    public var epoch: JournalEpoch
    /// Sent from the backlog, not while they were new: a display of the present passes them over.
    public var isHistorical: Bool
    /// Numbers of this epoch that this destination is not shown, or is shown as part of a joined record, and that it was
    /// not told of yet. A format whose receivers check numbers tells them, so that no gap is taken for a loss.
    public var withheld: [ClosedRange<UInt64>]

    public init(
        records: [JournalledRecord], epoch: JournalEpoch, isHistorical: Bool, withheld: [ClosedRange<UInt64>] = []
    ) {
        self.records = records
        self.epoch = epoch
        self.isHistorical = isHistorical
        self.withheld = withheld
    }
}

/// What a format makes of a message that came in. No format lets a message command the node.
public enum InboundMessage: Hashable, Sendable {
    /// A receiver says what it has stored.
    case receipt(DeliveryReceipt)
    /// A receiver begins anew: `birth` is to be sent again.
    case announceAgain
    /// Well-formed, and of no interest.
    case ignored
    /// No message of this format.
    case unreadable
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

/// What a node says of itself while it delivers.
public struct NodeStatus: Hashable, Sendable {
    public enum State: String, Hashable, Sendable {
        /// Connected and sending.
        case online
        /// Said by the other side in the node's name: the connection was lost.
        case lost
        /// The node was stopped on purpose.
        case stopped
    }

    public var state: State
    public var epoch: JournalEpoch
    public var bootID: BootID
    public var version: String
    /// The moment of writing, with UTC if known; nil in a will, which is written long before it is read.
    public var clock: ClockReading?

    public init(state: State, epoch: JournalEpoch, bootID: BootID, version: String, clock: ClockReading?) {
        self.state = state
        self.epoch = epoch
        self.bootID = bootID
        self.version = version
        self.clock = clock
    }
}

/// A format as a configuration names it, and what a configuration must know of it.
public struct FormatDescription: Hashable, Sendable {
    /// "native".
    public var name: String
    /// Receivers can confirm what they have stored.
    public var hasReceipts: Bool

    public init(name: String, hasReceipts: Bool) {
        self.name = name
        self.hasReceipts = hasReceipts
    }
}
