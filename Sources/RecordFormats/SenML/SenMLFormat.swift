public import SensorCore

/// SenML (RFC 8428) as JSON: the records of one batch in one pack, one value a SenML record, on the topic `…/senml`.
///
/// Names are those of the node, then of the channel or sensor, then of the value: "main-street-2/gate/count". Times are the
/// ends of the intervals, and only ever from a clock that was set. Where UTC is not known a fresh record goes without a
/// time, which means "now" (§4.5.3); one from the backlog has no form, since it would lie. Neither have time fixes.
/// It carries no journal numbers, so a receiver can't see gaps: where that matters the native format is for it.
public struct SenMLFormat: RecordFormat {
    public static let schema = "senml/1"
    public static let contentType = "application/senml+json"

    public let node: NodeDescription
    public let baseTopic: String

    /// `baseTopic` is a valid MQTT topic without wildcards and without a trailing slash.
    public init(node: NodeDescription, baseTopic: String) {
        self.node = node
        self.baseTopic = baseTopic
    }

    public func session() -> any FormatSession { SenMLSession(format: self) }
}

struct SenMLSession: FormatSession {
    let format: SenMLFormat

    func messages(for batch: RecordBatch) -> [RecordMessage] {
        var timed = SenMLPack(baseName: format.baseName)
        var untimed = SenMLPack(baseName: format.baseName)
        for record in batch.records {
            if record.record.endUTC != nil {
                timed.add(record)
            } else if !batch.isHistorical {
                untimed.add(record)
            }
        }
        return [timed, untimed].compactMap { pack in
            guard !pack.sequences.isEmpty else { return nil }
            return RecordMessage(
                OutgoingMessage(
                    address: format.baseTopic + "/senml", payload: pack.payload, isRetained: false,
                    contentType: SenMLFormat.contentType, schema: SenMLFormat.schema),
                carries: pack.sequences)
        }
    }
}

extension SenMLFormat {
    /// With the slash that parts it from the names.
    var baseName: String { node.id.senMLName + "/" }
}

extension Record {
    /// nil while UTC was not known.
    fileprivate var endUTC: WallClockTime? {
        body.span.utc?.end
    }
}
