public import SensorCore

/// How one destination fares, at one moment.
public struct DeliveryStatus: Hashable, Sendable {
    /// The broker has accepted the node and acknowledged its birth.
    public var isConnected = false
    /// Which of them: "broker a.example:8883"; nil while none is.
    public var broker: String?
    /// When `isConnected` last changed; nil before it first did.
    public var since: MonotonicInstant?
    /// Why there is no connection, or what is wrong with the last one; nil when all is well.
    public var trouble: Sentence?
    /// `trouble` in English.
    public var lastError: String? { trouble?.text(in: .english) }
    /// Connections the broker had accepted that ended without being asked to, since the start.
    public var connectionsLost: UInt64 = 0
    /// Records handed to the broker since the start, repeated ones counted each time.
    public var published: UInt64 = 0
    /// Records the broker has acknowledged since the start.
    public var acknowledged: UInt64 = 0
    /// Times the broker, or the protocol's limits, refused a record.
    public var refused: UInt64 = 0
    /// Records the broker does not take while it takes others: kept, and one of them offered again from time to time.
    public var setAside = 0
    /// Records it did not take, with those set aside and those that were not sent for that.
    public var waiting = 0
    /// Those of them that it threw away since nobody subscribes to their topics.
    public var unheard = 0
    /// Records the broker has and their receiver has not confirmed, where it is to.
    public var unconfirmed: UInt64 = 0
    /// Messages that came in and are none of the format.
    public var unreadableReceipts: UInt64 = 0
    /// Acknowledgements for nothing that was sent.
    public var unexpectedAcknowledgements: UInt64 = 0
    /// Records sent and unanswered.
    public var inFlight = 0

    /// Records that the destination is not shown, or only as part of a joined one, since the start.
    public var withheld: UInt64 = 0
    /// Records that have no form in the destination's format, since the start.
    public var formless: UInt64 = 0
    /// Records of a backlog that a destination for live records only did not get, since the start.
    public var passedOver: UInt64 = 0

    public init() {}
}
