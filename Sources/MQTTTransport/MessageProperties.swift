import CMosquitto
import SensorCore

/// The MQTT 5 properties of the last message, kept since the next one mostly has the same. libmosquitto copies them
/// with each publish.
struct MessageProperties: ~Copyable {
    private var contentType = ""
    private var schema = ""
    private var expiry: UInt32?
    private var properties: OpaquePointer?

    deinit {
        var properties = properties
        mosquitto_property_free_all(&properties)
    }

    /// Valid until the next call.
    mutating func list(for message: OutgoingMessage) -> OpaquePointer? {
        if properties == nil || message.expirySeconds != expiry || message.contentType != contentType || message.schema != schema {
            mosquitto_property_free_all(&properties)
            properties = Self.make(for: message)
            contentType = message.contentType
            schema = message.schema
            expiry = message.expirySeconds
        }
        return properties
    }

    /// A new list that the caller frees: content type, user property `schema`, and expiry where
    /// there is one (MQTT 5.0 §3.3.2.3). What can't be
    /// added, for want of memory, is left out.
    static func make(for message: OutgoingMessage) -> OpaquePointer? {
        var properties: OpaquePointer?
        _ = mosquitto_property_add_string(&properties, Int32(MQTT_PROP_CONTENT_TYPE.rawValue), message.contentType)
        _ = mosquitto_property_add_string_pair(
            &properties, Int32(MQTT_PROP_USER_PROPERTY.rawValue), "schema", message.schema)
        if let expiry = message.expirySeconds {
            _ = mosquitto_property_add_int32(&properties, Int32(MQTT_PROP_MESSAGE_EXPIRY_INTERVAL.rawValue), expiry)
        }
        return properties
    }
}
