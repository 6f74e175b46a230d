public import Delivery
public import SensorCore

/// What the node and its transport process say to each other over a stream of bytes. Both sides write and read it here.
///
/// On the wire: the length of what follows (UInt32, little-endian), a byte for the kind, its fields.
public enum TransportFrame: Hashable, Sendable {
    // From the node.
    case settings(MQTTSettings)
    /// Begins connection `number`, and ends the one before.
    case connect(number: UInt32, will: OutgoingMessage?)
    case publish(TransportMessage)
    case subscribe(String)
    case disconnect
    case abandon
    /// To be answered by `present`.
    case areYouThere

    // From the process.
    /// The first frame.
    ///
    /// - Parameters:
    ///   - version: of these frames.
    ///   - library: what the process talks MQTT with: "libmosquitto 2.0.11".
    case ready(version: UInt32, library: String)
    /// It is about to resolve a name, and may be silent for minutes.
    case resolving
    case present
    /// What came of connection `number`.
    case event(connection: UInt32, TransportEvent)
    /// It dies of this signal.
    case dying(signal: UInt8)

    /// Raised with each change of what is on the wire.
    public static let version: UInt32 = 3
    /// Of one frame, in bytes without its length. Neither side keeps more of an unread one.
    public static let longest = 1 << 20
    /// Bytes of the length.
    static let head = 4

    /// Appends the frame as bytes. False, and nothing is appended, when it would be longer than `longest`.
    public func write(to bytes: inout [UInt8]) -> Bool {
        let start = bytes.count
        var writer = FrameWriter(bytes: [])
        swap(&writer.bytes, &bytes)
        defer { swap(&writer.bytes, &bytes) }
        writer.number(UInt32(0))
        write(&writer)
        let length = writer.bytes.count - start - Self.head
        guard length <= Self.longest else {
            writer.bytes.removeLast(writer.bytes.count - start)
            return false
        }
        for place in 0..<Self.head { writer.bytes[start + place] = UInt8(truncatingIfNeeded: length >> (8 * place)) }
        return true
    }

    /// A frame without its length; nil when it is none.
    public init?(_ bytes: UnsafeRawBufferPointer) {
        var reader = FrameReader(bytes)
        guard let frame = Self.read(&reader), reader.isWhole else { return nil }
        self = frame
    }

    private enum Kind: UInt8 {
        case settings = 1
        case connect, publish, subscribe, disconnect, abandon, areYouThere
        case ready = 65
        case resolving, present, dying
        case trying = 97
        case connected, taken, refused, subscribed, received, remark, closed
    }

    private func write(_ writer: inout FrameWriter) {
        func kind(_ kind: Kind) { writer.bytes.append(kind.rawValue) }
        switch self {
        case .settings(let settings):
            kind(.settings)
            writer.settings(settings)
        case .connect(let number, let will):
            kind(.connect)
            writer.number(number)
            writer.optional(will) { $0.message($1) }
        case .publish(let message):
            kind(.publish)
            writer.number(message.token)
            writer.message(message.message)
        case .subscribe(let address):
            kind(.subscribe)
            writer.text(address)
        case .disconnect: kind(.disconnect)
        case .abandon: kind(.abandon)
        case .areYouThere: kind(.areYouThere)
        case .ready(let version, let library):
            kind(.ready)
            writer.number(version)
            writer.text(library)
        case .resolving: kind(.resolving)
        case .present: kind(.present)
        case .dying(let signal):
            kind(.dying)
            writer.number(signal)
        case .event(let connection, let event): write(event, of: connection, &writer)
        }
    }

    private func write(_ event: TransportEvent, of connection: UInt32, _ writer: inout FrameWriter) {
        func kind(_ kind: Kind) {
            writer.bytes.append(kind.rawValue)
            writer.number(connection)
        }
        switch event {
        case .trying: kind(.trying)
        case .connected(let peer, let limit):
            kind(.connected)
            writer.text(peer)
            writer.optional(limit) { $0.number(UInt32(clamping: $1)) }
        case .answered(let token, .taken):
            kind(.taken)
            writer.optional(token) { $0.number($1) }
        case .answered(let token, .refused(let refusal)):
            kind(.refused)
            writer.optional(token) { $0.number($1) }
            writer.number(refusal.kind.rawValue)
            writer.number(refusal.code)
            writer.sentence(refusal.reason)
        case .subscribed(let address, let isGranted):
            kind(.subscribed)
            writer.text(address)
            writer.flag(isGranted)
        case .received(let address, let payload):
            kind(.received)
            writer.text(address)
            writer.list(payload)
        case .remark(let words):
            kind(.remark)
            writer.sentence(words)
        case .closed(let fault):
            kind(.closed)
            writer.sentence(fault.sentence)
            writer.flag(fault.wasConnected)
            writer.flag(fault.isUnexplained)
            writer.flag(fault.mayBeOverAMessage)
            writer.flag(fault.isRefusal)
            writer.number(fault.code)
            writer.optional(fault.adviceWhenRepeated) { $0.sentence($1) }
        }
    }

    private static func read(_ reader: inout FrameReader) -> TransportFrame? {
        guard let kind = Kind(rawValue: reader.number()) else { return nil }
        switch kind {
        case .settings: return .settings(reader.settings())
        case .connect: return .connect(number: reader.number(), will: reader.optional { $0.message() })
        case .publish: return .publish(TransportMessage(token: reader.number(), message: reader.message()))
        case .subscribe: return .subscribe(reader.text())
        case .disconnect: return .disconnect
        case .abandon: return .abandon
        case .areYouThere: return .areYouThere
        case .ready: return .ready(version: reader.number(), library: reader.line())
        case .resolving: return .resolving
        case .present: return .present
        case .dying: return .dying(signal: reader.number())
        case .trying, .connected, .taken, .refused, .subscribed, .received, .remark, .closed:
            let connection: UInt32 = reader.number()
            return event(kind, &reader).map { .event(connection: connection, $0) }
        }
    }

    private static func event(_ kind: Kind, _ reader: inout FrameReader) -> TransportEvent? {
        switch kind {
        case .trying: .trying
        case .connected: .connected(to: reader.line(), unansweredAtMost: reader.optional { Int($0.number(UInt32.self)) })
        case .taken: .answered(token: reader.optional { $0.number() }, .taken)
        case .refused: .answered(token: reader.optional { $0.number() }, .refused(reader.refusal()))
        case .remark: .remark(reader.sentence())
        case .subscribed: .subscribed(address: reader.text(), isGranted: reader.flag())
        case .received: .received(address: reader.text(), payload: reader.list())
        case .closed:
            .closed(
                TransportFault(
                    reader.sentence(), wasConnected: reader.flag(), isUnexplained: reader.flag(),
                    mayBeOverAMessage: reader.flag(), isRefusal: reader.flag(), code: reader.number(),
                    adviceWhenRepeated: reader.optional { $0.sentence() }))
        default: nil
        }
    }
}

extension FrameWriter {
    fileprivate mutating func message(_ message: OutgoingMessage) {
        text(message.address)
        list(message.payload)
        flag(message.isRetained)
        text(message.contentType)
        text(message.schema)
        optional(message.expirySeconds) { $0.number($1) }
    }

    fileprivate mutating func settings(_ settings: MQTTSettings) {
        number(UInt16(clamping: settings.brokers.count))
        for broker in settings.brokers.prefix(Int(UInt16.max)) {
            text(broker.host)
            number(broker.port)
        }
        text(settings.version.rawValue)
        text(settings.clientID)
        text(settings.username)
        text(settings.passwordFile)
        optional(settings.tls) {
            $0.text($1.authorityFile)
            $0.text($1.certificateFile)
            $0.text($1.keyFile)
            $0.text($1.revocationFile)
        }
        number(settings.keepAlive.nanoseconds)
        number(UInt16(clamping: settings.unansweredAtMost))
        flag(settings.isListener)
    }
}

extension FrameReader {
    fileprivate mutating func message() -> OutgoingMessage {
        OutgoingMessage(
            address: text(), payload: list(), isRetained: flag(), contentType: text(), schema: text(),
            expirySeconds: optional { $0.number() })
    }

    fileprivate mutating func refusal() -> TransportRefusal {
        TransportRefusal(
            known(TransportRefusal.Kind(rawValue: number()), or: .unwanted), code: number(), reason: sentence())
    }

    fileprivate mutating func settings() -> MQTTSettings {
        var brokers: [BrokerEndpoint] = []
        for _ in 0..<number(UInt16.self) where !isOver { brokers.append(BrokerEndpoint(host: text(), port: number())) }
        var settings = MQTTSettings(host: "", port: 0, clientID: "")
        settings.brokers = known(brokers.isEmpty ? nil : brokers, or: settings.brokers)
        settings.version = known(MQTTSettings.ProtocolVersion(rawValue: text()), or: .mqtt5)
        settings.clientID = text()
        settings.username = optionalText()
        settings.passwordFile = optionalText()
        settings.tls = optional {
            MQTTSettings.TLS(
                authorityFile: $0.optionalText(), certificateFile: $0.optionalText(), keyFile: $0.optionalText(),
                revocationFile: $0.optionalText())
        }
        settings.keepAlive = TimeSpan(nanoseconds: number())
        settings.unansweredAtMost = Int(number(UInt16.self))
        settings.isListener = flag()
        return settings
    }
}
