package import Delivery
package import NodeConfiguration
import RecordFormats
package import SensorCore
import StoreForward
package import TransportProcess

extension DestinationPlan {
    /// - Parameters:
    ///   - transport: speaks with the broker.
    ///   - clock: the destination's: brokers live in real time.
    ///   - seed: of the jitter in its waits.
    package init(
        _ configuration: DestinationConfiguration, node: NodeDescription, transport: @escaping TransportMaker,
        timing: DeliveryTiming = DeliveryTiming(), clock: any NodeClock, seed: UInt64, log: any EventLog
    ) {
        let mqtt = MQTTSettings(configuration.mqtt)
        let place = FormatPlace(node: node, baseTopic: configuration.mqtt.topic, receiptTopic: configuration.mqtt.receiptTopic)
        guard let format = RecordFormats.format(configuration.format.name, at: place) else {
            preconditionFailure("a checked configuration names a format that there is")
        }
        var settings = DeliverySettings(configuration)
        settings.timing = timing
        let delivery = settings
        self.init(
            place: JournalDestination(
                configuration.name, formerly: configuration.formerly,
                beginning: configuration.beginning == .oldest ? .oldest : .next)
        ) { (outbox) throws(DestinationUnavailable) in
            try DestinationService(
                settings: delivery, format: format, outbox: outbox, version: node.version, clock: clock, seed: seed, log: log,
                transport: { transport(mqtt, $0) })
        }
    }

    /// One for each destination of a configuration.
    package static func plans(
        _ destinations: [DestinationConfiguration], node: NodeDescription, transport: @escaping TransportMaker,
        timing: DeliveryTiming = DeliveryTiming(), clock: any NodeClock, log: any EventLog
    ) -> [DestinationPlan] {
        var random = SystemRandomNumberGenerator()
        return destinations.map {
            DestinationPlan($0, node: node, transport: transport, timing: timing, clock: clock, seed: random.next(), log: log)
        }
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
    package init(_ configuration: MQTTConfiguration) {
        self.init(host: configuration.host, port: configuration.port, clientID: configuration.clientID)
        switch configuration.protocolVersion {
        case .v5: version = .mqtt5
        case .v311: version = .mqtt311
        }
        brokers += configuration.fallbacks.map { BrokerEndpoint(host: $0.host, port: $0.port) }
        username = configuration.username
        passwordFile = configuration.passwordFile
        tls = configuration.tls.map {
            TLS(
                authorityFile: $0.authorityFile, certificateFile: $0.client?.certificateFile, keyFile: $0.client?.keyFile,
                revocationFile: $0.revocationFile)
        }
        keepAlive = configuration.keepalive
        unansweredAtMost = configuration.window
    }
}
