public import SensorCore

/// One place that records go to.
public struct DestinationConfiguration: Hashable, Sendable {
    /// What a destination begins with that the journal does not know yet.
    public enum Beginning: String, Hashable, Sendable, CaseIterable {
        case oldest, next
    }

    /// Unique among the node's destinations: the journal keeps its place under this name.
    public let name: String
    /// Written as `mqtt:`, the short form for a single one.
    public let isShortForm: Bool
    public let format: FormatDescription
    /// Its name before, whose place in the journal it takes over.
    public let formerly: String?
    public let beginning: Beginning
    public let lanes: DeliveryLanes
    public let view: DestinationView
    /// The one kind there is.
    public let mqtt: MQTTConfiguration
}

extension DestinationConfiguration {
    /// The same place for another node of many: client id, topic and receipt topic get its number.
    public func numbered(_ number: Int) -> DestinationConfiguration {
        DestinationConfiguration(
            name: name, isShortForm: isShortForm, format: format, formerly: formerly, beginning: beginning, lanes: lanes, view: view,
            mqtt: mqtt.numbered(number))
    }
}

extension MQTTConfiguration {
    fileprivate func numbered(_ number: Int) -> MQTTConfiguration {
        let newTopic = "\(topic)-\(number)"
        // The usual receipt topic follows the node's own.
        let receipts = receiptTopic.map { $0 == "\(topic)/receipt" ? "\(newTopic)/receipt" : "\($0)-\(number)" }
        return MQTTConfiguration(
            host: host, port: port, fallbacks: fallbacks, protocolVersion: protocolVersion, clientID: "\(clientID)-\(number)",
            topic: newTopic,
            keepalive: keepalive, window: window, backfillRate: backfillRate, receiptTopic: receipts, username: username,
            passwordFile: passwordFile, tls: tls)
    }
}
