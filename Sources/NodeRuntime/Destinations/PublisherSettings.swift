import HostFiles
import MQTTPublisher
import NodeConfiguration
import SensorCore

extension MQTTSettings {
    /// Reads the password file. Throws when it can't be read, is empty, or can't be a password: MQTT gives one a length of 16 bits.
    init(_ configuration: MQTTConfiguration) throws(FileError) {
        self.init(host: configuration.host, port: configuration.port, clientID: configuration.clientID)
        switch configuration.protocolVersion {
        case .v5: version = .mqtt5
        case .v311: version = .mqtt311
        }
        brokers += configuration.fallbacks.map { BrokerEndpoint(host: $0.host, port: $0.port) }
        backfillRate = configuration.backfillRate
        receiptTopic = configuration.receiptTopic
        username = configuration.username
        if let file = configuration.passwordFile {
            password = try readPassword(credentialPath(file))
        }
        if let tls = configuration.tls {
            self.tls = try TLS(
                authorityFile: credentialPath(tls.authorityFile),
                certificateFile: tls.client.map { (client) throws(FileError) in try credentialPath(client.certificateFile) },
                keyFile: tls.client.map { (client) throws(FileError) in try credentialPath(client.keyFile) })
        }
        keepAlive = configuration.keepalive
        window = configuration.window
    }
}
