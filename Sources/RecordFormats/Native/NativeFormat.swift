import JSONText
public import SensorCore

/// The node's own format: one JSON object per record, described in `docs/native-format.md`.
///
/// It carries counts and readings only, never anything that tells one road user from another. A record always gives the
/// same bytes.
public struct NativeFormat: RecordFormat {
    public static let schema = "reallabor-node/1"
    public static let contentType = "application/json"
    /// `online` is retained only for so long, and said again in time: what a broker still says of a node that ended while
    /// the broker was off does not stand for ever.
    package static let onlineExpirySeconds: UInt32 = 3600

    public let node: String
    public let baseTopic: String
    /// Where receivers say what they have stored; nil when nobody is asked.
    public let receiptTopic: String?
    /// Told with the status.
    public let site: SiteDescription?

    /// `baseTopic` is a valid MQTT topic without wildcards and without a trailing slash: "reallabor/node-7".
    public init(node: String, baseTopic: String, receiptTopic: String? = nil, site: SiteDescription? = nil) {
        self.site = site
        self.node = node
        self.baseTopic = baseTopic
        self.receiptTopic = receiptTopic
    }

    public func session() -> any FormatSession { NativeSession(format: self) }

    /// - Parameter withheld: numbers that the receiver is told will not come to it.
    public func message(
        for record: JournalledRecord, epoch: JournalEpoch, isHistorical: Bool, withheld: [ClosedRange<UInt64>] = []
    ) -> OutgoingMessage {
        let body = record.record.body
        let payload = JSONWriter.object { json in
            json.field("schema", Self.schema)
            json.field("kind", body.name)
            json.field("node", node)
            json.field("epoch", epoch.text)
            json.field("sequence", record.sequence)
            json.field("boot", record.record.bootID.text)
            json.time(body.span)
            json.ranges("replaces", record.record.replaces)
            json.ranges("withheld", withheld)
            json.field("historical", isHistorical)
            json.content(of: body)
            if record.record.verbatim != nil { json.field("unread", true) }
        }
        return message(topic: topic(of: body), payload: payload, isRetained: false)
    }

    /// Tells numbers that will not come to this receiver, while there is no record to tell them with.
    func withheldMessage(_ numbers: [ClosedRange<UInt64>], epoch: JournalEpoch) -> OutgoingMessage {
        let payload = JSONWriter.object { json in
            json.field("schema", Self.schema)
            json.field("kind", "withheld")
            json.field("node", node)
            json.field("epoch", epoch.text)
            json.ranges("withheld", numbers)
        }
        return message(topic: baseTopic + "/withheld", payload: payload, isRetained: false)
    }

    func statusMessage(_ status: NodeStatus) -> OutgoingMessage {
        let payload = JSONWriter.object { json in
            json.field("schema", Self.schema)
            json.field("kind", "status")
            json.field("node", node)
            json.field("epoch", status.epoch.text)
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
            if let site {
                json.objectField("site") { json in
                    json.field("name", site.name)
                    json.field("latitude", site.latitude)
                    json.field("longitude", site.longitude)
                    json.field("height_m", site.heightMetres)
                }
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
            address: topic, payload: payload, isRetained: isRetained, contentType: Self.contentType, schema: Self.schema)
    }
}

extension TimeSpan {
    /// "15min", or "90s" where it is no whole minutes.
    fileprivate var topicLevel: String {
        let seconds = nanoseconds / 1_000_000_000
        return seconds % 60 == 0 ? "\(seconds / 60)min" : "\(seconds)s"
    }
}
