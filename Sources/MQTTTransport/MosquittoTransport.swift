import CMosquitto
public import Delivery
import Glibc
public import HostFiles
public import SensorCore
public import TransportProcess

/// A broker reached by libmosquitto in this process, each message with QoS 1. Of several brokers and addresses, the first
/// that takes the node is used.
///
/// Belongs to the thread that first calls `connect`, on which it blocks SIGPIPE: libmosquitto 2.0.11 writes to closed
/// sockets without MSG_NOSIGNAL. Names are resolved on that thread, which may block it for minutes.
public final class MosquittoTransport: DeliveryTransport {
    typealias Resolver = (String) throws(ConnectionFault) -> [BrokerAddress]

    private let settings: MQTTSettings
    private let wake: WakeEvent
    private let resolve: Resolver
    private let willResolve: () -> Void
    private var will: OutgoingMessage?
    private var connection: MosquittoConnection?
    /// Brokers and addresses that this try has not been to.
    private var brokers: ArraySlice<BrokerEndpoint> = []
    private var addresses: ArraySlice<BrokerAddress> = []
    /// The one that is being tried, or connected to.
    private var place: (broker: BrokerEndpoint, address: BrokerAddress)?
    /// A broker refused a will that it was to keep: it is given one that is not kept.
    private var willIsKept = true
    /// What went wrong with those it has been to.
    private var faultsOfTry: [Sentence] = []
    /// By message id.
    private var tokens: [UInt16: UInt64] = [:]
    private var events: [TransportEvent] = []

    /// - Parameter willResolve: called before what may block for minutes.
    public convenience init(settings: MQTTSettings, wake: WakeEvent, willResolve: @escaping () -> Void = {}) {
        self.init(settings: settings, wake: wake, willResolve: willResolve, resolve: BrokerAddress.addresses(of:))
    }

    init(settings: MQTTSettings, wake: WakeEvent, willResolve: @escaping () -> Void = {}, resolve: @escaping Resolver) {
        self.settings = settings
        self.wake = wake
        self.willResolve = willResolve
        self.resolve = resolve
    }

    /// "libmosquitto 2.0.11": the one that is loaded.
    public static var library: String {
        var (major, minor, revision): (Int32, Int32, Int32) = (0, 0, 0)
        _ = mosquitto_lib_version(&major, &minor, &revision)
        return "libmosquitto \(major).\(minor).\(revision)"
    }

    public func connect(will: OutgoingMessage?) {
        blockBrokenPipes()
        self.will = will
        connection = nil
        tokens = [:]
        brokers = settings.brokers[...]
        addresses = []
        faultsOfTry = []
        tryNextAddress()
    }

    public func publish(_ messages: [TransportMessage]) {
        guard let connection else { return }
        connection.publishTogether {
            for message in messages {
                do throws(MosquittoConnection.UnsendableMessage) {
                    guard let messageID = try connection.publish(message.message) else { return }
                    tokens[messageID] = message.token
                } catch {
                    events.append(.answered(token: message.token, .refused(error.refusal)))
                }
            }
        }
        collect()
    }

    public func subscribe(_ address: String) {
        connection?.subscribe(address)
        collect()
    }

    public func disconnect() {
        connection?.disconnect()
        collect()
    }

    public func abandon() {
        guard let connection else { return }
        ended(.tooLate(connection.broker, phase: connection.phase))
    }

    public func wait(milliseconds: Int32) {
        guard let connection else {
            _ = waitForInput(wake: wake, socket: -1, alsoWrite: false, milliseconds: events.isEmpty ? milliseconds : 0)
            return
        }
        connection.wait(wake: wake, milliseconds: events.isEmpty ? milliseconds : 0)
        collect()
    }

    public func takeEvents() -> [TransportEvent] {
        defer { events.removeAll(keepingCapacity: true) }
        return events
    }

    /// From what the connection has seen to what the sending side knows.
    private func collect() {
        guard let connection else { return }
        for event in connection.takeEvents() {
            switch event {
            case .accepted(let maximum):
                events.append(.connected(to: connection.broker, unansweredAtMost: maximum.map(Int.init)))
            case .acknowledged(let messageID, let reasonCode):
                events.append(.answered(token: tokens.removeValue(forKey: messageID), Self.answer(reasonCode)))
            case .subscribed(let filter, let isGranted): events.append(.subscribed(address: filter, isGranted: isGranted))
            case .received(let topic, let payload): events.append(.received(address: topic, payload: payload))
            case .remark(let words): events.append(.remark(words))
            case .ended(let fault): ended(fault)
            }
        }
    }

    /// Only 0 means that the broker has it (MQTT 5.0 §3.4.2.1). With 0x10 it has thrown it away, and whatever else lies below
    /// 0x80 is none of PUBACK's.
    static func answer(_ code: UInt8) -> TransportAnswer {
        let name = reasonName(Int32(code))
        return switch code {
        case 0: .taken
        case 0x10:
            .refused(
                TransportRefusal(
                    .nobodyListens, code: code, reason: "nobody subscribes to its topic, so the broker throws it away (\(name))"))
        case 0x87: refused(code, "\(name): check the broker's access list for mqtt.topic")
        case 0x90: refused(code, "\(name): check mqtt.topic and the broker's rules for topics")
        case 0x95: .refused(TransportRefusal(.tooLarge, code: code, reason: "\(name): its administrator must allow more"))
        case 0x97: refused(code, "\(name): the broker is full; ask whoever runs it")
        case 0x99: refused(code, "\(name): the broker refuses JSON in this format: its administrator must allow it")
        default: refused(code, name)
        }
    }

    private static func refused(_ code: UInt8, _ reason: Sentence) -> TransportAnswer {
        .refused(TransportRefusal(.unwanted, code: code, reason: reason))
    }

    private func blockBrokenPipes() {
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGPIPE)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
    }

    // MARK: Brokers and addresses

    /// Goes on with the next address, then with the next broker, or gives up when there is none.
    private func tryNextAddress() {
        connection = nil
        willResolve()
        while addresses.isEmpty {
            guard let broker = brokers.first else { return giveUp(.several(faultsOfTry)) }
            do throws(ConnectionFault) {
                addresses = try resolve(broker.host)[...]
            } catch {
                faultsOfTry.append(error.sentence)
                brokers.removeFirst()
            }
        }
        guard let broker = brokers.first, let address = addresses.popFirst() else { return giveUp(.several(faultsOfTry)) }
        if addresses.isEmpty { brokers.removeFirst() }
        place = (broker, address)
        begin(broker, address)
    }

    private func begin(_ broker: BrokerEndpoint, _ address: BrokerAddress) {
        events.append(.trying)
        do throws(ConnectionFault) {
            var will = will
            if !willIsKept { will?.isRetained = false }
            let connection = try MosquittoConnection(settings: settings, endpoint: broker, will: will)
            self.connection = connection
            connection.begin(address)
            collect()
        } catch {
            giveUp(error)
        }
    }

    private func ended(_ fault: ConnectionFault) {
        if fault.reasonCode == 0x9A, willIsKept, will?.isRetained == true, let place {
            willIsKept = false
            let name: Sentence = connection.map { Sentence(verbatim: $0.broker) } ?? "the broker"
            events.append(
                .remark(
                    """
                    \(name) keeps no messages (retain not supported): who subscribes later learns neither the node's status nor its last \
                    will
                    """))
            return begin(place.broker, place.address)
        }
        guard connection?.wasAccepted != true, fault.kind != .settings else { return giveUp(fault) }
        if fault.kind != .unreachable, !addresses.isEmpty {
            // It was there; its other addresses would say the same.
            addresses = []
            brokers.removeFirst()
        }
        if !addresses.isEmpty { return tryNextAddress() }
        if !faultsOfTry.contains(fault.sentence) { faultsOfTry.append(fault.sentence) }
        if brokers.isEmpty { return giveUp(faultsOfTry.count == 1 ? fault : .several(faultsOfTry)) }
        tryNextAddress()
    }

    private func giveUp(_ fault: ConnectionFault) {
        let wasAccepted = connection?.wasAccepted == true
        connection = nil
        tokens = [:]
        events.append(
            .closed(
                TransportFault(
                    fault.sentence, wasConnected: wasAccepted, isUnexplained: fault.isUnexplained,
                    mayBeOverAMessage: fault.mayBeOverAMessage, isRefusal: fault.isRefusal, code: fault.code,
                    adviceWhenRepeated: "does another client use the client id \"\(settings.clientID)\"? Give each node its own")))
    }
}
