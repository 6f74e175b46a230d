import SensorCore

/// One message a record; the status, retained, at birth, as the will and at the end.
struct NativeSession: FormatSession {
    let format: NativeFormat

    var subscriptions: [String] { format.receiptTopic.map { [$0] } ?? [] }
    /// Early enough that one that is late does no harm.
    var renewalPause: TimeSpan? { .seconds(Int64(NativeFormat.onlineExpirySeconds) / 3) }

    func will(_ status: NodeStatus) -> OutgoingMessage? { format.statusMessage(status) }
    func birth(_ status: NodeStatus) -> [OutgoingMessage] { [format.statusMessage(status)] }
    func farewell(_ status: NodeStatus) -> [OutgoingMessage] { [format.statusMessage(status)] }

    func messages(for batch: RecordBatch) -> [RecordMessage] {
        if batch.records.isEmpty {
            if batch.withheld.isEmpty { return [] }
            return [RecordMessage(format.withheldMessage(batch.withheld, epoch: batch.epoch), carries: [], tellsWithheld: true)]
        }
        var messages: [RecordMessage] = []
        messages.reserveCapacity(batch.records.count)
        for record in batch.records {
            let withheld = messages.isEmpty ? batch.withheld : []
            messages.append(
                RecordMessage(
                    format.message(for: record, epoch: batch.epoch, isHistorical: batch.isHistorical, withheld: withheld),
                    carries: [record.sequence], tellsWithheld: !withheld.isEmpty))
        }
        return messages
    }

    func received(_ payload: [UInt8], from address: String) -> InboundMessage {
        NativeFormat.receipt(from: payload).map { .receipt($0) } ?? .unreadable
    }
}
