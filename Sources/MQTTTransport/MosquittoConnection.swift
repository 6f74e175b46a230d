import CMosquitto
import Delivery
import Glibc
import HostFiles
import SensorCore
import TransportProcess

/// One connection to one address of the broker, for one use: libmosquitto keeps unacknowledged messages in its handle
/// and would send them again by itself, so the handle ends with the connection.
///
/// Used by one thread only; starts none. `begin` does not block: the header says that `mosquitto_connect_async` needs
/// `mosquitto_loop_start`, but in 2.0.11 and 2.0.21 it merely leaves a non-blocking socket whose CONNECT goes out when
/// it becomes writable, which a loop of one's own sees as well. libmosquitto calls back only from within its own calls
/// on the same thread, and the callbacks only note what happened.
final class MosquittoConnection {
    enum Event: Hashable {
        /// CONNACK with success. `receiveMaximum` is nil when the broker named none.
        case accepted(receiveMaximum: UInt16?)
        /// PUBACK; reason code 0 with MQTT 3.1.1.
        case acknowledged(messageID: UInt16, reasonCode: UInt8)
        /// SUBACK; false when the broker refuses the subscription.
        case subscribed(filter: String, isGranted: Bool)
        /// A message of a topic the node has subscribed to.
        case received(topic: String, payload: [UInt8])
        /// What the broker can't do.
        case remark(Sentence)
        /// Over; always the last event.
        case ended(ConnectionFault)
    }

    enum Phase: Hashable {
        /// TCP is being established.
        case reaching
        /// TCP stands; TLS and CONNACK are awaited.
        case greeting
        case accepted
        /// DISCONNECT was sent.
        case leaving
        case ended
    }

    /// Why a message can't be handed over on this connection while others can.
    struct UnsendableMessage: Error, Hashable {
        var refusal: TransportRefusal

        init(_ kind: TransportRefusal.Kind, _ reason: Sentence) { refusal = TransportRefusal(kind, reason: reason) }
    }

    private static let libraryStatus = mosquitto_lib_init()

    let broker: String
    private(set) var phase = Phase.reaching
    /// A CONNACK with success came at some time.
    private(set) var wasAccepted = false
    var events: [Event] = []
    let handle: OpaquePointer
    let settings: MQTTSettings
    private let host: String
    private let port: UInt16
    private var refusalCode: Int32?
    /// Where the broker sends the node instead, as it writes it.
    var serverReference: String?
    /// The longest packet the broker takes; nil for no limit.
    private var maximumPacketSize: UInt32?
    var disconnectCode: Int32 = 0
    var tlsFailure = TLSFailure()
    var inbound = InboundLimit()
    private var properties = MessageProperties()
    /// Filters asked for, by the message id of the question.
    private var filters: [Int32: String] = [:]

    /// - Parameters:
    ///   - endpoint: one of the settings' brokers; nil for the first.
    ///   - will: nil for one that only listens.
    init(settings: MQTTSettings, endpoint: BrokerEndpoint? = nil, will: OutgoingMessage?) throws(ConnectionFault) {
        let endpoint = endpoint ?? settings.brokers[0]
        host = endpoint.host
        port = endpoint.port
        broker = "broker \(endpoint.host):\(endpoint.port)"
        self.settings = settings
        guard Self.libraryStatus == 0, let handle = mosquitto_new(settings.clientID, true, nil) else {
            throw ConnectionFault(.settings, "libmosquitto can't make a client \"\(settings.clientID)\": \(systemText(errno))")
        }
        self.handle = handle
        inbound.isLimited = !settings.isListener
        try configure(will: will)
    }

    /// Without `disconnect` before, this is what a power cut is to the broker: it publishes the will.
    deinit { mosquitto_destroy(handle) }

    static func from(_ context: UnsafeMutableRawPointer?) -> MosquittoConnection? {
        context.map { Unmanaged<MosquittoConnection>.fromOpaque($0).takeUnretainedValue() }
    }

    func noteConnack(_ code: Int32, _ properties: OpaquePointer?) {
        guard code == 0 else {
            refusalCode = code
            serverReference = Self.text(MQTT_PROP_SERVER_REFERENCE, properties)
            return
        }
        var size: UInt32 = 0
        if mosquitto_property_read_int32(properties, Int32(MQTT_PROP_MAXIMUM_PACKET_SIZE.rawValue), &size, false) != nil {
            maximumPacketSize = size
        }
        if Self.byte(MQTT_PROP_MAXIMUM_QOS, properties) == 0 { return end(.acknowledgesNothing(broker)) }
        if Self.byte(MQTT_PROP_RETAIN_AVAILABLE, properties) == 0 {
            events.append(
                .remark(
                    "\(broker) keeps no messages (retain not available): who subscribes later learns the node's status only when it changes"
                ))
        }
        var maximum: UInt16 = 0
        let found = mosquitto_property_read_int16(properties, Int32(MQTT_PROP_RECEIVE_MAXIMUM.rawValue), &maximum, false)
        phase = .accepted
        wasAccepted = true
        listenForNoTLSFailures()
        events.append(.accepted(receiveMaximum: found == nil ? nil : maximum))
    }

    private static func byte(_ property: mqtt5_property, _ properties: OpaquePointer?) -> UInt8? {
        var value: UInt8 = 0
        return mosquitto_property_read_byte(properties, Int32(property.rawValue), &value, false) == nil ? nil : value
    }

    /// At most 200 characters of it, none of which moves a terminal's cursor.
    static func text(_ property: mqtt5_property, _ properties: OpaquePointer?) -> String? {
        var value: UnsafeMutablePointer<CChar>?
        guard mosquitto_property_read_string(properties, Int32(property.rawValue), &value, false) != nil, let value else { return nil }
        defer { free(value) }
        return String(
            String(cString: value).unicodeScalars.filter { $0.value > 0x1F && !(0x7F...0x9F).contains($0.value) }.prefix(200).map(
                Character.init))
    }

    // MARK: Life

    /// Starts to connect. Does not block: the address is numeric, except with TLS, where libmosquitto needs the name to
    /// check the certificate and asks the resolver once more.
    func begin(_ address: BrokerAddress) {
        let name = settings.tls == nil ? address.numeric : host
        let keepAlive = Int32(clamping: settings.keepAlive.nanoseconds / 1_000_000_000)
        errno = 0
        let code = mosquitto_connect_bind_async(
            handle, name, Int32(port), keepAlive, settings.tls == nil ? nil : address.sameFamilyWildcard)
        if code != MOSQ_ERR_SUCCESS.rawValue { return end(code, errno) }
        // libmosquitto leaves it open to child processes, which would keep the connection alive when it is closed here.
        _ = fcntl(mosquitto_socket(handle), F_SETFD, FD_CLOEXEC)
    }

    /// Waits for the broker, for `wake` to be signalled or for `milliseconds` to pass, then lets libmosquitto work.
    /// At most a second: libmosquitto's keep-alive is checked here.
    func wait(wake: WakeEvent, milliseconds: Int32) {
        let socket = mosquitto_socket(handle)
        guard socket >= 0, phase != .ended else { return }
        // libmosquitto 2.0.21 asks to write all through the TLS handshake, though only the broker's answer helps.
        let isHandshaking = settings.tls != nil && phase == .greeting
        let wantsWrite = phase == .reaching || (!isHandshaking && mosquitto_want_write(handle))
        let readiness = waitForInput(
            wake: wake, socket: socket, alsoWrite: wantsWrite,
            milliseconds: isHandshaking ? min(milliseconds, 20) : milliseconds)

        if phase == .reaching {
            guard readiness != 0 else { return }
            var code: Int32 = 0
            var size = socklen_t(MemoryLayout<Int32>.size)
            guard getsockopt(socket, SOL_SOCKET, SO_ERROR, &code, &size) == 0, code == 0 || code == ECONNRESET else {
                return end(.unreachable(broker, errno: code))
            }
            phase = .greeting
            // It was there, and disliked the first bytes, which libmosquitto may have sent already.
            if code == ECONNRESET { return end(MOSQ_ERR_CONN_LOST.rawValue, code) }
        }
        errno = 0
        if readiness & ~Int32(POLLOUT) != 0 || settings.tls != nil {
            guard perform(mosquitto_loop_read(handle, 1)) else { return }
        }
        if mosquitto_want_write(handle), readiness & Int32(POLLOUT) != 0 || isHandshaking {
            guard perform(mosquitto_loop_write(handle, 1)) else { return }
        }
        guard perform(mosquitto_loop_misc(handle)) else { return }
        // libmosquitto 2.0.11 takes a connection closed within the handshake for one that is still to come.
        if isHandshaking, phase == .greeting, readiness & Int32(hangUp) != 0 {
            end(.refusedHandshake(broker, tlsFailure))
        }
        if inbound.isExceeded(onSocket: socket) { end(.flooded(broker)) }
    }

    /// What happened since the last call, oldest first.
    func takeEvents() -> [Event] {
        defer { events.removeAll(keepingCapacity: true) }
        return events
    }

    /// Hands a message over with QoS 1 and returns its message id, which the acknowledgement will carry; nil when the
    /// connection has ended.
    func publish(_ message: OutgoingMessage) throws(UnsendableMessage) -> UInt16? {
        guard phase == .accepted else { return nil }
        // libmosquitto's own count is wrong at the limit.
        let size = PacketSize.publish(message, settings.version)
        let limit = min(maximumPacketSize.map(Int.init) ?? PacketSize.most, PacketSize.most)
        guard size <= limit else {
            throw UnsendableMessage(.tooLarge, "its packet has \(size) bytes, and the broker takes \(limit)")
        }
        var messageID: Int32 = 0
        errno = 0
        let code = mosquitto_publish_v5(
            handle, &messageID, message.address, Int32(clamping: message.payload.count), message.payload, 1,
            message.isRetained, settings.version == .mqtt5 ? properties.list(for: message) : nil)
        let number = errno
        switch mosq_err_t(rawValue: code) {
        case MOSQ_ERR_SUCCESS:
            inbound.expectAnswer()
            return UInt16(truncatingIfNeeded: messageID)
        case MOSQ_ERR_OVERSIZE_PACKET, MOSQ_ERR_PAYLOAD_SIZE:
            throw UnsendableMessage(.tooLarge, "\(size) bytes are more than the broker takes")
        case MOSQ_ERR_INVAL, MOSQ_ERR_MALFORMED_UTF8:
            throw UnsendableMessage(.unsendable, "the topic \(message.address) is not valid in MQTT: check mqtt.topic")
        case MOSQ_ERR_QOS_NOT_SUPPORTED:
            throw UnsendableMessage(.unsendable, "the broker acknowledges nothing (it offers QoS 0 only)")
        default:
            end(code, number)
            return nil
        }
    }

    /// What `body` publishes leaves in as few segments as it fits into, once `body` is through: each segment of its own costs
    /// node and broker more than the message in it (tcp(7), TCP_CORK).
    func publishTogether(_ body: () -> Void) {
        let socket = mosquitto_socket(handle)
        Self.cork(socket, 1)
        body()
        // A connection that ended meanwhile has closed it.
        if mosquitto_socket(handle) == socket { Self.cork(socket, 0) }
    }

    /// Where it can't be set everything leaves as it comes.
    private static func cork(_ socket: Int32, _ value: Int32) {
        var value = value
        _ = setsockopt(socket, Int32(IPPROTO_TCP), TCP_CORK, &value, socklen_t(MemoryLayout<Int32>.size))
    }

    /// Asks for messages of a topic filter with QoS 1; `subscribed` tells what came of it.
    func subscribe(_ filter: String) {
        guard phase == .accepted else { return }
        guard PacketSize.subscribe(filter, settings.version) <= maximumPacketSize.map(Int.init) ?? PacketSize.most else {
            events.append(.subscribed(filter: filter, isGranted: false))
            return
        }
        errno = 0
        var messageID: Int32 = 0
        let code = mosquitto_subscribe(handle, &messageID, filter, 1)
        filters[messageID] = filter
        _ = perform(code)
    }

    func noteSubscription(_ messageID: Int32, isGranted: Bool) {
        events.append(.subscribed(filter: filters.removeValue(forKey: messageID) ?? "", isGranted: isGranted))
    }

    /// Sends DISCONNECT, so that the broker drops the will.
    func disconnect() {
        guard phase == .accepted else { return }
        phase = .leaving
        _ = perform(mosquitto_disconnect(handle))
    }

    // MARK: Ends

    /// False when the connection is over.
    private func perform(_ code: Int32) -> Bool {
        let number = errno
        if code != MOSQ_ERR_SUCCESS.rawValue {
            end(code, number)
        } else if mosquitto_socket(handle) < 0 {
            end(.disconnected(broker, reasonCode: disconnectCode, reference: serverReference))
        }
        return phase != .ended
    }

    private func end(_ code: Int32, _ number: Int32) {
        if let refusalCode { return end(.refusal(broker, code: refusalCode, reference: serverReference)) }
        end(.ended(broker, code: code, errno: number, phase: phase, tls: settings.tls == nil ? nil : tlsFailure))
    }

    private func end(_ fault: ConnectionFault) {
        guard phase != .ended else { return }
        phase = .ended
        events.append(.ended(fault))
    }
}
