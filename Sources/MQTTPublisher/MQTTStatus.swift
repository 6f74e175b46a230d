public import SensorCore

/// How the publisher fares, at one moment.
public struct MQTTStatus: Hashable, Sendable {
    /// The broker has accepted the node and acknowledged its birth.
    public var isConnected = false
    /// When `isConnected` last changed; nil before it first did.
    public var since: MonotonicInstant?
    /// Why there is no connection, or what is wrong with the last one, in plain words; nil when all is well.
    public var lastError: String?
    /// Connections the broker had accepted that ended without being asked to, since the start.
    public var connectionsLost: UInt64 = 0
    /// Records handed to the broker since the start, repeated ones counted each time.
    public var published: UInt64 = 0
    /// Records the broker has acknowledged since the start.
    public var acknowledged: UInt64 = 0
    /// Times the broker, or the protocol's limits, refused a record.
    public var refused: UInt64 = 0
    /// Acknowledgements for nothing that was sent.
    public var unexpectedAcknowledgements: UInt64 = 0
    /// Records sent and not yet acknowledged without a gap before them.
    public var inFlight = 0

    public init() {}
}
