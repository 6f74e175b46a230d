import SensorCore

extension MQTTConfiguration {
    static let keys = [
        "host", "port", "fallbacks", "protocol", "client-id", "topic", "keepalive", "window", "backfill-rate", "confirm",
        "receipt-topic", "username", "password-file", "ca-file", "certificate-file", "key-file",
        "revocation-file",
    ]

    /// `node` gives client id and topic their defaults; nil when it is at fault itself.
    static func read(_ node: YAMLNode, node id: String?, faults: FaultCollector) -> MQTTConfiguration? {
        guard
            let mqtt = MappingReader(
                node, title: "mqtt", keys: keys, example: "{host: broker.example.org}", faults: faults)
        else { return nil }
        return read(mqtt, node: id, clientID: "reallabor-\(id ?? "")")
    }

    /// As `read`, of keys that stand among others. `clientID` is the default.
    static func read(_ mqtt: MappingReader, node id: String?, clientID usualClientID: String) -> MQTTConfiguration? {
        let faults = mqtt.faults
        let host = mqtt.required("host", as: .host, example: "host: broker.example.org")
        let port = mqtt.optional("port", as: .integer(in: 1...65_535, example: "1883"), default: 1883)
        let version = mqtt.optional("protocol", as: .oneOf(called: "protocol versions"), default: MQTTProtocolVersion.v5)
        let clientID = mqtt.optional("client-id", as: .text, default: usualClientID)
        let topic = mqtt.optional("topic", as: .topic, default: "reallabor/\(id ?? "")")
        let keepalive = mqtt.optional("keepalive", as: .keepalive, default: .seconds(30))
        let window = mqtt.optional("window", as: .integer(in: 1...1000, example: "20"), default: 20)
        let fallbacks = mqtt.list("fallbacks", example: "'fallbacks: [{host: other.example.org}]'").compactMap {
            fallback($0, port: port ?? 1883, faults: faults)
        }
        let rate = mqtt.optional("backfill-rate", as: .backfillRate, default: .some(500))
        let confirmation = mqtt.optional("confirm", as: .oneOf(called: "ways to confirm"), default: DeliveryConfirmation.broker)
        let receipts = mqtt.optional("receipt-topic", as: .topic)
        if mqtt.has("receipt-topic"), confirmation == .broker {
            faults.add(
                at: mqtt.position, "\(mqtt.title) has a 'receipt-topic' that nobody listens to; write 'confirm: receiver' too, or remove it"
            )
        }
        let username = mqtt.optional("username", as: .text)
        let passwordFile = file("password-file", of: mqtt)
        if mqtt.has("password-file") { mqtt.demand("username", example: "username: node-7") }
        let tls = tls(mqtt)
        guard let host, let port, let version, let clientID, let topic, let keepalive, let window, let rate, let confirmation
        else { return nil }
        return MQTTConfiguration(
            host: host, port: UInt16(port), fallbacks: fallbacks, protocolVersion: version, clientID: clientID, topic: topic,
            keepalive: keepalive, window: window, backfillRate: rate,
            receiptTopic: confirmation == .receiver ? receipts ?? "\(topic)/receipt" : nil, username: username, passwordFile: passwordFile,
            tls: tls)
    }

    private static func fallback(_ node: YAMLNode, port: Int, faults: FaultCollector) -> BrokerPlace? {
        guard
            let place = MappingReader(
                node, title: "a fallback", keys: ["host", "port"], example: "{host: other.example.org}", faults: faults)
        else { return nil }
        let host = place.required("host", as: .host, example: "host: other.example.org")
        let port = place.optional("port", as: .integer(in: 1...65_535, example: "1883"), default: port)
        guard let host, let port else { return nil }
        return BrokerPlace(host: host, port: UInt16(port))
    }

    private static func tls(_ mqtt: MappingReader) -> TLSConfiguration? {
        let authority = file("ca-file", of: mqtt)
        let certificate = file("certificate-file", of: mqtt)
        let key = file("key-file", of: mqtt)
        let revocation = file("revocation-file", of: mqtt)
        if mqtt.has("revocation-file") { mqtt.demand("ca-file", example: "ca-file: ca.crt, whose revoked certificates are in the list") }
        if mqtt.has("certificate-file") || mqtt.has("key-file") {
            mqtt.demand("certificate-file", example: "certificate-file: node.crt, beside the 'key-file'")
            mqtt.demand("key-file", example: "key-file: node.key, beside the 'certificate-file'")
            mqtt.demand("ca-file", example: "ca-file: ca.crt, since client certificates need TLS")
        }
        var client: TLSConfiguration.Client?
        if let certificate, let key { client = .init(certificateFile: certificate, keyFile: key) }
        return authority.map { TLSConfiguration(authorityFile: $0, client: client, revocationFile: revocation) }
    }

    private static func file(_ key: String, of mqtt: MappingReader) -> String? {
        mqtt.optional(key, as: .credentialOrPath).map {
            $0.hasPrefix(credentialPrefix) ? $0 : resolve($0, besideFile: mqtt.faults.file)
        }
    }
}

/// What names one of systemd's credentials rather than a file.
public let credentialPrefix = "credential:"

extension ScalarForm where Value == Int? {
    /// 1 to 100,000, or `unlimited`.
    static var backfillRate: Self {
        Self { text throws(ScalarFault) in
            if text == "unlimited" { return nil }
            guard let rate = Int(text), (1...100_000).contains(rate) else {
                throw ScalarFault("\(quoted(text)) is no rate; write records per second from 1 to 100000, for example 500, or unlimited")
            }
            return rate
        }
    }
}

extension ScalarForm where Value == String {
    /// A path, or `credential:` and a name as systemd.exec(5) has them: no slash, not `.` or `..`.
    static var credentialOrPath: Self {
        Self { text throws(ScalarFault) in
            try checkText(text)
            guard text.hasPrefix(credentialPrefix) else { return text }
            let name = text.dropFirst(credentialPrefix.count)
            guard !name.isEmpty, !name.contains("/"), name != ".", name != ".." else {
                throw ScalarFault("\(quoted(text)) names no credential; write for example credential:mqtt-password")
            }
            return text
        }
    }

    /// A bare host name or address.
    static var host: Self {
        Self { text throws(ScalarFault) in
            try checkText(text)
            if text.contains("/") || text.contains(" ") {
                throw ScalarFault("\(quoted(text)) is not a host name; write only the name, as in broker.example.org")
            }
            // As in a URL (RFC 3986 §3.2.2), where brackets keep an IPv6 address apart from a port.
            if text.hasPrefix("["), let end = text.lastIndex(of: "]") {
                let address = String(text[text.index(after: text.startIndex)..<end])
                let rest = text[text.index(after: end)...]
                guard rest.isEmpty else {
                    let port = String(rest.drop { $0 == ":" })
                    throw ScalarFault(
                        "\(quoted(text)) has a port in it; write \(quoted(address)) as the host, and the port as 'port: \(port)'")
                }
                return address
            }
            // An IPv6 address has more than one colon.
            if text.filter({ $0 == ":" }).count == 1 {
                throw ScalarFault("\(quoted(text)) has a port in it; write the port as 'port: 1883'")
            }
            return text
        }
    }

    /// A topic to publish below (MQTT 5.0 §4.7): no wildcards; `$` at the start is the broker's own.
    static var topic: Self {
        Self { text throws(ScalarFault) in
            try checkText(text)
            if text.contains("+") || text.contains("#") {
                throw ScalarFault(
                    "\(quoted(text)) has a wildcard in it; write a topic without + and #, for example reallabor/main-street-2")
            }
            if text.hasPrefix("$") {
                throw ScalarFault(
                    "\(quoted(text)) begins with $, which is the broker's own; write another, for example reallabor/main-street-2")
            }
            if text.hasSuffix("/") {
                throw ScalarFault("\(quoted(text)) ends with a slash, which the node adds itself; leave it out")
            }
            return text
        }
    }
}

extension ScalarForm where Value == TimeSpan {
    /// MQTT carries whole seconds in 16 bits (5.0 §3.1.2.10); libmosquitto takes no less than 5.
    static var keepalive: Self {
        Self { text throws(ScalarFault) in
            let span = try ScalarForm.time(in: .seconds(5)...(.seconds(18 * 3600))).read(text)
            guard span.nanoseconds % 1_000_000_000 == 0 else {
                throw ScalarFault("\(quoted(text)) is not in whole seconds; write for example 30s")
            }
            return span
        }
    }
}
