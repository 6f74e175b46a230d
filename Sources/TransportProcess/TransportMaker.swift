public import Delivery
public import HostFiles

/// What makes the transport of a destination, on its thread.
public typealias TransportMaker = @Sendable (MQTTSettings, WakeEvent) -> any DeliveryTransport

extension TransportWay {
    /// A process of its own for each destination.
    public var maker: TransportMaker {
        let way = self
        return { ProcessTransport(settings: $0, wake: $1, way: way) }
    }
}
