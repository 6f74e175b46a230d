import Delivery
import HostFiles
import SensorCore
import TransportProcess

/// One connection to a broker that only listens. Belongs to one thread.
final class BrokerSubscription {
    /// There is no connection, or no longer.
    struct Fault: Error, Hashable, SentenceConvertible {
        let sentence: Sentence
    }

    /// Until the broker has agreed.
    private static let patience = TimeSpan.seconds(15)

    private let transport: ProcessTransport

    /// Connects to the first of the settings' brokers that is there and subscribes with QoS 1. Blocks until the broker has agreed, at most
    /// 15 s for each that is tried.
    init(settings: MQTTSettings, filter: String, way: any TransportWay, clock: any NodeClock) throws(Fault) {
        let wake: WakeEvent
        do throws(WakeEventUnavailable) { wake = try WakeEvent() } catch {
            throw Fault(sentence: "the process has too many open files (errno \(error.code))")
        }
        transport = ProcessTransport(settings: settings, wake: wake, way: way)
        transport.connect(will: nil)
        var deadline = clock.now() + Self.patience
        while true {
            for event in try turn(milliseconds: 100) {
                switch event {
                case .trying: deadline = clock.now() + Self.patience
                case .connected: transport.subscribe(filter)
                case .subscribed(_, isGranted: true): return
                case .subscribed(_, isGranted: false):
                    throw Fault(sentence: "the broker refuses the subscription to \(filter): check its access list")
                default: break
                }
            }
            if clock.now() >= deadline {
                deadline = clock.now() + Self.patience
                transport.abandon()
            }
        }
    }

    /// The payloads that came within `milliseconds`, retained ones too.
    func receive(milliseconds: Int32) throws(Fault) -> [[UInt8]] {
        try turn(milliseconds: milliseconds).compactMap { event in
            if case .received(_, let payload) = event { payload } else { nil }
        }
    }

    private func turn(milliseconds: Int32) throws(Fault) -> [TransportEvent] {
        transport.wait(milliseconds: milliseconds)
        let events = transport.takeEvents()
        for case .closed(let fault) in events { throw Fault(sentence: fault.sentence) }
        return events
    }
}
