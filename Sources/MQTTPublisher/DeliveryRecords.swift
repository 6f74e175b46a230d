import SensorCore

/// Read from the journal and not yet sent: at most a window per lane, so that the journal isn't asked for every record.
struct LaneReading {
    private var live: ArraySlice<JournalledRecord> = []
    private var backfill: ArraySlice<JournalledRecord> = []
    private var liveBase: UInt64 = 0
    private var backfillBase: UInt64 = 0

    /// The next record after `sequence`, if it was read already.
    mutating func next(_ lane: DeliverySession.Lane, after sequence: UInt64) -> JournalledRecord? {
        switch lane {
        case .live:
            guard liveBase == sequence, let record = live.popFirst() else { return nil }
            liveBase = record.sequence
            return record
        case .backfill:
            guard backfillBase == sequence, let record = backfill.popFirst() else { return nil }
            backfillBase = record.sequence
            return record
        }
    }

    mutating func keep(_ records: [JournalledRecord], of lane: DeliverySession.Lane, after sequence: UInt64) {
        switch lane {
        case .live: (live, liveBase) = (records[...], sequence)
        case .backfill: (backfill, backfillBase) = (records[...], sequence)
        }
    }
}

extension Delivery {
    func publish(_ lane: DeliverySession.Lane, after sequence: UInt64, through last: UInt64, limit: Int) {
        connection?.publishTogether { publishEach(lane, after: sequence, through: last, limit: limit) }
    }

    private func publishEach(_ lane: DeliverySession.Lane, after sequence: UInt64, through last: UInt64, limit: Int) {
        var position = sequence
        for _ in 0..<limit {
            var record = records.next(lane, after: position)
            if record == nil {
                guard let found = read(after: position, through: last, limit: settings.window) else { return }
                if found.isEmpty { return session.exhausted(lane, through: last) }
                records.keep(found, of: lane, after: position)
                record = records.next(lane, after: position)
            }
            guard let record, record.sequence <= last else { return session.exhausted(lane, through: last) }
            position = record.sequence
            if session.holds(record.sequence) {
                session.exhausted(lane, through: record.sequence)
            } else if !publish(record, on: lane) {
                return
            }
        }
    }

    func publishAgain(_ sequence: UInt64, on lane: DeliverySession.Lane) {
        guard let found = read(after: sequence - 1, through: sequence, limit: 1) else { return }
        if let record = found.first { _ = publish(record, on: lane) } else { session.gone(sequence) }
    }

    /// False when the connection ended over it, or the record was refused.
    private func publish(_ record: JournalledRecord, on lane: DeliverySession.Lane) -> Bool {
        guard let connection else { return false }
        let message = encoder.message(
            for: record, epoch: outbox.epoch(of: record.sequence), isHistorical: lane == .backfill)
        do {
            guard let messageID = try connection.publish(message) else {
                takeEvents(of: connection)
                return false
            }
            session.published(record.sequence, on: lane, messageID: messageID, at: clock.now())
            status.published += 1
            return true
        } catch {
            session.refused(record.sequence, on: lane, at: clock.now(), using: &generator)
            refused(record.sequence, by: connection.broker, reason: error.reason)
            return false
        }
    }

    /// nil when the journal could not be read; it is tried again after a while.
    private func read(after sequence: UInt64, through last: UInt64, limit: Int) -> [JournalledRecord]? {
        do {
            let records = try outbox.records(after: sequence, through: last, limit: limit)
            saidJournalFault = nil
            return records
        } catch {
            let text = "records can't be read from the journal: \(error)"
            status.lastError = text
            if saidJournalFault != text {
                log.log(.error, "MQTT: \(text)")
                saidJournalFault = text
            }
            wait(until: .distantFuture, from: clock.now())
            return nil
        }
    }

    // MARK: What came of them

    /// The record that has arrived, if one has.
    func acknowledged(_ messageID: UInt16, reasonCode: UInt8) -> UInt64? {
        switch session.acknowledged(messageID, reasonCode: reasonCode, at: clock.now(), using: &generator) {
        case .arrived(let sequence):
            status.acknowledged += 1
            noteSetAside()
            if saidRefusal != nil, session.refusals.isQuiet {
                saidRefusal = nil
                status.lastError = nil
            }
            return sequence
        case .refused(let sequence):
            refused(sequence, by: connection?.broker ?? "broker", reason: refusalAdvice(reasonCode))
            return nil
        case .unexpected: return nil
        }
    }

    /// The broker has these; the journal need not keep them, unless their receiver is to confirm.
    func settle(_ run: ClosedRange<UInt64>) {
        // Whoever sees the journal move sees the status that goes with it.
        reports.status(status)
        if settings.receiptTopic == nil { outbox.acknowledge(run) }
    }

    /// Said once for each reason, until a record has passed.
    private func refused(_ sequence: UInt64, by broker: String, reason: String) {
        status.refused += 1
        let text = "\(broker) refused record \(sequence): \(reason)"
        status.lastError = text
        if saidRefusal != reason { log.log(.error, "MQTT: \(text). It is offered again") }
        saidRefusal = reason
    }

    /// The broker takes others: those that it keeps refusing are kept here, and said where the data is read.
    private func noteSetAside() {
        let sequences = session.takeSetAside()
        guard let first = sequences.first else { return }
        let reason = saidRefusal ?? "no reason given"
        status.setAside = session.refusals.setAsideCount
        let which = sequences.count == 1 ? "record \(first) is" : "\(sequences.count) records from \(first) on are"
        log.log(.error, "MQTT: \(which) set aside, since the broker refuses them and takes others: \(reason). The journal keeps them")
        reports.setAside(sequences, reason)
    }

    private func refusalAdvice(_ code: UInt8) -> String {
        let name = reasonName(Int32(code))
        return switch code {
        case 0x87: "\(name): check the broker's access list for mqtt.topic"
        case 0x90: "\(name): check mqtt.topic and the broker's rules for topics"
        case 0x97: "\(name): the broker is full; ask whoever runs it"
        case 0x99: "\(name): the broker refuses JSON in this format: its administrator must allow it"
        default: name
        }
    }

    // MARK: Receipts

    func takeReceipt(_ payload: [UInt8]) {
        let now = clock.now()
        guard let receipt = encoder.receipt(from: payload) else {
            status.unreadableReceipts += 1
            return
        }
        // Of another journal: kept by the broker from before.
        guard receipt.epoch == outbox.epoch else { return }
        for range in receipt.stored {
            outbox.acknowledge(range)
            session.confirmed(range, at: now)
        }
        if let highest = receipt.stored.map(\.upperBound).max() { outbox.receiverHolds(through: highest) }
        reports.status(status)
    }

    func receiptsRefused(by broker: String) {
        let text = "\(broker) refuses the subscription to \(settings.receiptTopic ?? "receipts"): check its access list. Without "
            + "receipts nothing counts as delivered"
        status.lastError = text
        log.log(.error, "MQTT: \(text)")
    }
}
