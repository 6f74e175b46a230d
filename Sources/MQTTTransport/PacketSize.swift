import SensorCore
import TransportProcess

/// How long MQTT packets are, fixed header included, in bytes: libmosquitto 2.0 checks its own count against the broker's Maximum
/// Packet Size, and that count is up to two bytes short. One byte beyond the limit it sends the packet all the same, two or
/// three beyond it aborts the process (before 2.0.18: eclipse/mosquitto issue 3515).
enum PacketSize {
    /// The longest that MQTT has (MQTT 5.0 §2.1.4): four bytes of length, with the five before what they count.
    static let most = 268_435_455 + 5

    /// Bytes of a variable byte integer (§1.5.5); its value is at most 268,435,455.
    static func variableLength(_ value: Int) -> Int { value < 128 ? 1 : value < 16_384 ? 2 : value < 2_097_152 ? 3 : 4 }

    /// PUBLISH with QoS 1 (§3.3).
    static func publish(_ message: OutgoingMessage, _ version: MQTTSettings.ProtocolVersion) -> Int {
        packet(string(message.address) + 2 + properties(of: message, version) + message.payload.count)
    }

    /// SUBSCRIBE to one filter (§3.8).
    static func subscribe(_ filter: String, _ version: MQTTSettings.ProtocolVersion) -> Int {
        packet(2 + (version == .mqtt5 ? 1 : 0) + string(filter) + 1)
    }

    /// CONNECT (§3.1). libmosquitto adds one property of its own, Receive Maximum.
    static func connect(_ settings: MQTTSettings, password: String?, will: OutgoingMessage?) -> Int {
        // Name of the protocol, version, flags, keep-alive.
        var remaining = 6 + 1 + 1 + 2 + (settings.version == .mqtt5 ? 1 + 3 : 0) + string(settings.clientID)
        if let will { remaining += properties(of: will, settings.version) + string(will.address) + 2 + will.payload.count }
        if let username = settings.username { remaining += string(username) }
        if let password { remaining += string(password) }
        return packet(remaining)
    }

    private static func packet(_ remaining: Int) -> Int { 1 + variableLength(remaining) + remaining }

    private static func string(_ text: String) -> Int { 2 + text.utf8.count }

    /// As `MessageProperties` makes them, with their own length before them.
    private static func properties(of message: OutgoingMessage, _ version: MQTTSettings.ProtocolVersion) -> Int {
        guard version == .mqtt5 else { return 0 }
        let length =
            1 + string(message.contentType) + 1 + string("schema") + string(message.schema) + (message.expirySeconds == nil ? 0 : 5)
        return variableLength(length) + length
    }
}
