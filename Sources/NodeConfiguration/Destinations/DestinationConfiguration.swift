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
