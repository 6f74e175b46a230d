public import SensorCore

/// One broker's place.
public struct BrokerEndpoint: Hashable, Sendable {
    /// Name or address.
    public var host: String
    public var port: UInt16

    public init(host: String, port: UInt16) {
        self.host = host
        self.port = port
    }
}

/// Where a broker is and how to log in there. Already validated: the configuration says what is wrong with it. Files are named here
/// and read where the connection is made, so no secret is in it.
public struct MQTTSettings: Hashable, Sendable {
    public enum ProtocolVersion: String, Hashable, Sendable {
        case mqtt5 = "5"
        case mqtt311 = "3.1.1"
    }

    /// What TLS needs. Host name and certificate chain are always checked.
    public struct TLS: Hashable, Sendable {
        /// PEM file of trusted authorities; nil trusts those of the system, `/etc/ssl/certs`.
        public var authorityFile: String?
        /// PEM files of the node's own certificate and key, if the broker asks for one: both or none.
        public var certificateFile: String?
        public var keyFile: String?
        /// PEM file with the authorities' list of revoked certificates; nil asks nobody.
        public var revocationFile: String?

        public init(
            authorityFile: String? = nil, certificateFile: String? = nil, keyFile: String? = nil, revocationFile: String? = nil
        ) {
            self.revocationFile = revocationFile
            self.authorityFile = authorityFile
            self.certificateFile = certificateFile
            self.keyFile = keyFile
        }
    }

    /// Tried in this order with each connection, the first that is there is used; at least one.
    public var brokers: [BrokerEndpoint]
    public var version = ProtocolVersion.mqtt5
    /// Unique at the broker: a second client of the same id throws the first one out.
    public var clientID: String
    public var username: String?
    /// A file that holds nothing but the password, or `credential:NAME` for what systemd hands the process under that name; so are
    /// the files of `tls`.
    public var passwordFile: String?
    public var tls: TLS?
    /// How often the connection is tried when nothing else is sent; 5 s to 65,535 s.
    public var keepAlive = TimeSpan.seconds(30)
    /// Messages sent and unanswered at most, 1 to 1000; fewer where the broker takes fewer.
    public var unansweredAtMost = 20
    /// Takes whatever the broker sends, since it has asked for it; one that publishes hangs up when it is flooded.
    public var isListener = false

    /// Messages that a transport process is handed beyond the window and holds ready: two windows, 100 at most, and none in a window of
    /// one, whose owner wants one after the other.
    public var ahead: Int { unansweredAtMost > 1 ? min(2 * unansweredAtMost, 100) : 0 }

    public init(host: String, port: UInt16, clientID: String) {
        brokers = [BrokerEndpoint(host: host, port: port)]
        self.clientID = clientID
    }
}
