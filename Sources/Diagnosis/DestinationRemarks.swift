package import NodeConfiguration
package import SensorCore

extension DestinationConfiguration {
    /// What a person should know of it though nothing is wrong with the file.
    package var remarks: [Sentence] {
        var remarks: [Sentence] = []
        let hosts = [mqtt.host] + mqtt.fallbacks.map(\.host)
        if mqtt.tls == nil, mqtt.passwordFile != nil, let host = hosts.first(where: { !isLoopback($0) }) {
            remarks.append(
                "warning: the password goes to \(host) without TLS, for everybody on the way to read; set ca-file, and the port, mostly 8883"
            )
        }
        if mqtt.protocolVersion == .v311, mqtt.receiptTopic == nil {
            remarks.append(
                """
                note: with protocol 3.1.1 a broker can't say that it threw a record away, since nobody subscribes or an access list forbids \
                it; use protocol 5, or confirm: receiver
                """)
        }
        if let topic = mqtt.receiptTopic {
            remarks.append(
                """
                note: the broker's access list must let the node read \(topic) and its receiver write there, and nobody else write; in \
                mosquitto's: topic read \(topic), topic write \(topic), each under its user
                """)
        }
        if let character = mqtt.topic.unicodeScalars.first(where: { " .*>$".unicodeScalars.contains($0) }) {
            remarks.append(
                "note: the topic has \(quoted(String(character))) in it, which mosquitto takes and NATS, RabbitMQ and others misread")
        }
        return remarks
    }
}

private func quoted(_ text: String) -> String { "'\(text)'" }

/// The node itself, by name or number.
private func isLoopback(_ host: String) -> Bool {
    host == "localhost" || host.hasSuffix(".localhost") || host == "::1" || host.hasPrefix("127.")
}
