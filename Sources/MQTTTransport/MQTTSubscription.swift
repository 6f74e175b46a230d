import HostFiles
public import SensorCore

/// One connection to a broker that only listens. Belongs to one thread.
public final class MQTTSubscription {
    /// There is no connection, or no longer.
    public struct Fault: Error, Hashable, Sendable, CustomStringConvertible {
        public let description: String
    }

    private let connection: MosquittoConnection
    private let wake: WakeEvent

    /// Connects to the first of the settings' brokers and subscribes with QoS 1. Blocks until the broker has agreed, at
    /// most for the settings' connect timeout.
    public init(settings: MQTTSettings, filter: String, clock: any NodeClock) throws(Fault) {
        do throws(WakeEventUnavailable) { wake = try WakeEvent() } catch {
            throw Fault(description: "the process has too many open files (errno \(error.code))")
        }
        let addresses: [BrokerAddress]
        do throws(ConnectionFault) {
            addresses = try BrokerAddress.addresses(of: settings.brokers[0].host)
            connection = try MosquittoConnection(settings: settings, will: nil)
        } catch {
            throw Fault(description: error.description)
        }
        connection.inbound.isLimited = false
        // The one address whose turn it is in the system's order of preference.
        connection.begin(addresses[0])
        let deadline = clock.now() + settings.subscriptionTimeout
        while true {
            for event in try turn(milliseconds: 100) {
                switch event {
                case .accepted: connection.subscribe(filter)
                case .subscribed(_, isGranted: true): return
                case .subscribed(_, isGranted: false):
                    throw Fault(description: "\(connection.broker) refuses the subscription to \(filter): check its access list")
                default: break
                }
            }
            if clock.now() >= deadline {
                throw Fault(description: ConnectionFault.tooLate(connection.broker, phase: connection.phase).description)
            }
        }
    }

    /// The payloads that came within `milliseconds`, retained ones too.
    public func receive(milliseconds: Int32) throws(Fault) -> [[UInt8]] {
        try turn(milliseconds: milliseconds).compactMap { event in
            if case .received(_, let payload) = event { payload } else { nil }
        }
    }

    private func turn(milliseconds: Int32) throws(Fault) -> [MosquittoConnection.Event] {
        connection.wait(wake: wake, milliseconds: milliseconds)
        let events = connection.takeEvents()
        for case .ended(let fault) in events { throw Fault(description: fault.description) }
        return events
    }
}
