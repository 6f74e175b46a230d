public import Delivery
public import HostFiles
import MQTTTransport
public import TransportProcess

/// The same transport in the calling process: for a fleet of simulated nodes, which count nothing that is real, and to measure what
/// the process costs.
public func transportInProcess(_ settings: MQTTSettings, _ wake: WakeEvent) -> any DeliveryTransport {
    MosquittoTransport(settings: settings, wake: wake)
}
