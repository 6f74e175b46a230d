public import SensorCore

/// How the node reaches its broker. Files are named here, not read: by a path, or as `credential:NAME` for what systemd
/// hands the service under that name.
public struct MQTTConfiguration: Hashable, Sendable {
    /// A host name or address.
    public let host: String
    public let port: UInt16
    /// Tried in this order when the first is not there.
    public let fallbacks: [BrokerPlace]
    public let protocolVersion: MQTTProtocolVersion
    public let clientID: String
    /// What all topics of the node begin with, without a slash at the end.
    public let topic: String
    /// 5 s to 18 h, whole seconds.
    public let keepalive: TimeSpan
    /// Messages on the way at once, 1 to 1000.
    public let window: Int
    /// Records of the backlog per second, 1 to 100,000; nil for as fast as they go.
    public let backfillRate: Int?
    /// Where the receiver confirms what it has stored; nil when the broker's acknowledgement is enough.
    public let receiptTopic: String?
    public let username: String?
    /// Never without a username.
    public let passwordFile: String?
    /// nil: no TLS.
    public let tls: TLSConfiguration?
}

/// Another broker, reached in the same way.
public struct BrokerPlace: Hashable, Sendable {
    public let host: String
    public let port: UInt16
}

/// Whose word counts a record as delivered.
public enum DeliveryConfirmation: String, Hashable, Sendable, CaseIterable {
    case broker, receiver
}

public enum MQTTProtocolVersion: String, Hashable, Sendable, CaseIterable {
    case v5 = "5"
    case v311 = "3.1.1"
}

public struct TLSConfiguration: Hashable, Sendable {
    /// Certificates of the authorities that may have signed the broker's, PEM.
    public let authorityFile: String
    /// The node's own identity; nil when the broker asks for none.
    public let client: Client?
    /// The authorities' list of revoked certificates, PEM; nil asks nobody.
    public let revocationFile: String?

    public struct Client: Hashable, Sendable {
        public let certificateFile: String
        public let keyFile: String
    }
}
