import JSONText
public import SensorCore

/// The node's own format: one JSON object per record, described in `docs/native-format.md`.
///
/// It carries counts and readings only, never anything that tells one road user from another.
public struct NativeJSONEncoder: RecordEncoder {
    public static let schema = "reallabor-node/1"
    public static let contentType = "application/json"
    /// `online` is retained only for so long, and said again in time: what a broker still says of a node that ended while
    /// the broker was off does not stand for ever.
    public static let onlineExpirySeconds: UInt32 = 3600

    public let node: String
    public let baseTopic: String

    /// `baseTopic` is a valid MQTT topic without wildcards and without a trailing slash: "reallabor/node-7".
    public init(node: String, baseTopic: String) {
        self.node = node
        self.baseTopic = baseTopic
    }

    public func message(for record: JournalledRecord, epoch: JournalEpoch, isHistorical: Bool) -> OutgoingMessage {
        let body = record.record.body
        let payload = JSONWriter.object { json in
            json.field("schema", Self.schema)
            json.field("kind", body.name)
            json.field("node", node)
            json.field("epoch", epoch.text)
            json.field("sequence", record.sequence)
            json.field("boot", record.record.bootID.text)
            json.time(body.span)
            json.replaces(record.record.replaces)
            json.field("historical", isHistorical)
            json.content(of: body)
            if record.record.verbatim != nil { json.field("unread", true) }
        }
        return message(topic: topic(of: body), payload: payload, isRetained: false)
    }

    public func statusMessage(_ status: NodeStatus, epoch: JournalEpoch) -> OutgoingMessage {
        let payload = JSONWriter.object { json in
            json.field("schema", Self.schema)
            json.field("kind", "status")
            json.field("node", node)
            json.field("epoch", epoch.text)
            json.field("boot", status.bootID.text)
            json.field("state", status.state.rawValue)
            json.field("version", status.version)
            if let clock = status.clock {
                json.objectField("clock") { json in
                    json.field("utc", clock.utc)
                    json.field("monotonic_ns", clock.instant.nanoseconds)
                }
            } else {
                json.nullField("clock")
            }
        }
        var message = message(topic: baseTopic + "/status", payload: payload, isRetained: true)
        message.expirySeconds = status.state == .online ? Self.onlineExpirySeconds : nil
        return message
    }

    private func topic(of body: Record.Body) -> String {
        ([baseTopic, body.kind.name] + [body.subject?.topicLevel, body.summedOver?.topicLevel].compactMap(\.self))
            .joined(separator: "/")
    }

    private func message(topic: String, payload: [UInt8], isRetained: Bool) -> OutgoingMessage {
        OutgoingMessage(
            topic: topic, payload: payload, isRetained: isRetained, contentType: Self.contentType, schema: Self.schema)
    }
}

extension TimeSpan {
    /// "15min", or "90s" where it is no whole minutes.
    fileprivate var topicLevel: String {
        let seconds = nanoseconds / 1_000_000_000
        return seconds % 60 == 0 ? "\(seconds / 60)min" : "\(seconds)s"
    }
}
