package import Delivery
package import HostFiles
package import MQTTTransport
package import NodeConfiguration
import RecordFormats
package import SensorCore
import StoreForward

extension DestinationPlan {
    /// Reads the password file. Throws when it can't be used.
    ///
    /// - Parameters:
    ///   - clock: the destination's: brokers live in real time.
    ///   - seed: of the jitter in its waits.
    package init(
        _ configuration: DestinationConfiguration, node: NodeDescription, clock: any NodeClock, seed: UInt64, log: any EventLog
    ) throws(CredentialError) {
        let mqtt: MQTTSettings
        do throws(FileError) {
            mqtt = try MQTTSettings(configuration.mqtt)
        } catch {
            throw CredentialError(
                option: configuration.isShortForm ? "mqtt.password-file" : "destination \(configuration.name): password-file", fault: error)
        }
        let place = FormatPlace(node: node, baseTopic: configuration.mqtt.topic, receiptTopic: configuration.mqtt.receiptTopic)
        guard let format = RecordFormats.format(configuration.format.name, at: place) else {
            preconditionFailure("a checked configuration names a format that there is")
        }
        let settings = DeliverySettings(configuration)
        self.init(
            place: JournalDestination(
                configuration.name, formerly: configuration.formerly,
                beginning: configuration.beginning == .oldest ? .oldest : .next)
        ) { (outbox) throws(DestinationUnavailable) in
            try DestinationService(
                settings: settings, format: format, outbox: outbox, version: node.version, clock: clock, seed: seed, log: log,
                transport: { MosquittoTransport(settings: mqtt, wake: $0) })
        }
    }

    /// One for each destination of a configuration.
    package static func plans(
        _ destinations: [DestinationConfiguration], node: NodeDescription, clock: any NodeClock, log: any EventLog
    ) throws(CredentialError) -> [DestinationPlan] {
        var random = SystemRandomNumberGenerator()
        var plans: [DestinationPlan] = []
        for destination in destinations {
            plans.append(try DestinationPlan(destination, node: node, clock: clock, seed: random.next(), log: log))
        }
        return plans
    }
}

extension DeliverySettings {
    package init(_ configuration: DestinationConfiguration) {
        self.init(name: configuration.name)
        if configuration.isShortForm { logName = "MQTT" }
        window = configuration.mqtt.window
        backfillRate = configuration.mqtt.backfillRate
        needsReceipts = configuration.mqtt.receiptTopic != nil
        lanes = configuration.lanes
        view = configuration.view
    }
}

extension MQTTSettings {
    /// Reads the password file. Throws when it can't be read, is empty, or can't be a password: MQTT gives one a length of 16 bits.
    package init(_ configuration: MQTTConfiguration) throws(FileError) {
        self.init(host: configuration.host, port: configuration.port, clientID: configuration.clientID)
        switch configuration.protocolVersion {
        case .v5: version = .mqtt5
        case .v311: version = .mqtt311
        }
        brokers += configuration.fallbacks.map { BrokerEndpoint(host: $0.host, port: $0.port) }
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
    }
}
