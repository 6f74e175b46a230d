import SensorCore

extension DestinationSender {
    /// Withheld numbers are told with the next record, or by themselves when there are so many.
    private static let withheldUntold: UInt64 = 500
    /// Numbers looked at in one turn for records that may be shown.
    private static let looksPerTurn = 2000

    func publish(_ lane: DeliverySession.Lane, after sequence: UInt64, through last: UInt64, limit: Int) {
        var position = sequence
        var found: [ViewFilter.ShownRecord] = []
        var looks = 0
        while found.count < limit, looks < Self.looksPerTurn {
            var record = records.next(lane, after: position)
            if record == nil {
                guard let read = read(after: position, through: last, limit: max(settings.window + transport.ahead, limit)) else { break }
                if read.isEmpty {
                    session.exhausted(lane, through: last)
                    break
                }
                records.keep(read, of: lane, after: position)
                record = records.next(lane, after: position)
            }
            guard let record, record.sequence <= last else {
                session.exhausted(lane, through: last)
                break
            }
            position = record.sequence
            looks += 1
            // The window's count of the lane moves when it is published.
            if session.holds(record.sequence) || withheld.contains(record.sequence) {
                session.exhausted(lane, through: record.sequence)
                continue
            }
            if !joinedParts.isEmpty, joinedParts.contains(record.sequence) {
                if let shown = joined[record.sequence] {
                    found.append(shown)
                } else {
                    session.exhausted(lane, through: record.sequence)
                }
                continue
            }
            let outcome = filter.take(record, epoch: outbox.epoch(of: record.sequence))
            if outcome.isWithheld {
                status.withheld += 1
                withheld.insert(record.sequence...record.sequence)
            }
            found += outcome.shown
            if !outcome.shown.contains(where: { $0.record.sequence == record.sequence }) {
                session.exhausted(lane, through: record.sequence)
            }
        }
        if looks == Self.looksPerTurn {
            // A long way without anything to show: the connection must not be forgotten over it.
            transport.wait(milliseconds: 0)
            takeEvents()
            guard status.isConnected else { return }
        }
        if found.isEmpty {
            if withheld.total >= Self.withheldUntold { tellWithheld(lane) }
        } else {
            send(found, on: lane)
        }
    }

    func publishAgain(_ sequence: UInt64, on lane: DeliverySession.Lane) {
        if let shown = joined[sequence] { return send([shown], on: lane, isTry: true) }
        guard let found = read(after: sequence - 1, through: sequence, limit: 1) else { return }
        guard let record = found.first else { return session.gone(sequence) }
        send([ViewFilter.ShownRecord(record: record, parts: SequenceRanges(sequence...sequence))], on: lane, isTry: true)
    }

    /// This destination takes no backlog.
    func passOver(after sequence: UInt64, through last: UInt64) {
        let owed = outbox.settled.missing(in: sequence + 1...last)
        status.passedOver += owed.total
        if !saidPassedOver {
            saidPassedOver = true
            say(.notice, "\(owed.total) records of the backlog are passed over: it is sent only what is new")
        }
        for range in owed.ranges { outbox.acknowledge(range) }
        session.exhausted(.backfill, through: last)
    }

    /// One batch for each epoch, each with the withheld numbers of that epoch.
    private func send(_ shown: [ViewFilter.ShownRecord], on lane: DeliverySession.Lane, isTry: Bool = false) {
        var rest = shown[...]
        var messages: [TransportMessage] = []
        while let first = rest.first {
            let epoch = outbox.epoch(of: first.record.sequence)
            let batch = rest.prefix { outbox.epoch(of: $0.record.sequence) == epoch }
            rest = rest.dropFirst(batch.count)
            for record in batch where record.parts.total > 1 {
                joined[record.record.sequence] = record
                joinedParts.insert(record.parts)
                if settings.needsReceipts { sentNumbers.insert(record.parts) }
            }
            messages += encode(batch.map(\.record), epoch, lane, isTry: isTry)
        }
        send(messages)
    }

    private func tellWithheld(_ lane: DeliverySession.Lane) {
        guard let first = withheld.ranges.first else { return }
        send(encode([], outbox.epoch(of: first.lowerBound), lane))
    }

    /// - Parameter isTry: sent though its address takes nothing, to see whether it does.
    private func encode(
        _ batch: [JournalledRecord], _ epoch: JournalEpoch, _ lane: DeliverySession.Lane, isTry: Bool = false
    ) -> [TransportMessage] {
        let told = numbers(of: epoch, in: withheld)
        let made = formatSession.messages(
            for: RecordBatch(records: batch, epoch: epoch, isHistorical: lane == .backfill, withheld: told.ranges))
        var tokens: [UInt64: [UInt64]] = [:]
        var places: [UInt64: OutgoingMessage] = [:]
        var keptBack: [UInt64: OutgoingMessage] = [:]
        var messages: [TransportMessage] = []
        messages.reserveCapacity(made.count)
        var tellsWithheld = false
        var isTold = false
        for message in made {
            if !isTry, session.refusals.isClosed(message.message.address) {
                for sequence in message.carries { keptBack[sequence] = message.message }
                // What it would have told goes with another.
                if message.tellsWithheld { tellsWithheld = true }
                continue
            }
            for sequence in message.carries where places[sequence] == nil { places[sequence] = message.message }
            let token = nextToken()
            messages.append(TransportMessage(token: token, message: message.message))
            for sequence in message.carries { tokens[sequence, default: []].append(token) }
            if message.tellsWithheld {
                tellsWithheld = true
                isTold = true
                toldWithheld[token] = told
            }
        }
        if !told.isEmpty, isTold || !tellsWithheld {
            withheld = withheld.subtracting(told)
            if settings.needsReceipts { sentNumbers.insert(told) }
            // The format's receivers check no numbers.
            if !tellsWithheld { acknowledge(told) }
        }
        let now = clock.now()
        for record in batch {
            if let message = keptBack[record.sequence] {
                session.keptBack(record.sequence, on: lane, address: message.address, size: message.payload.count)
            } else if let tokens = tokens[record.sequence], let message = places[record.sequence] {
                session.published(
                    record.sequence, on: lane, tokens: tokens, address: message.address, size: message.payload.count, at: now)
                status.published += 1
                if settings.needsReceipts { sentNumbers.insert(record.sequence...record.sequence) }
            } else {
                hasNoForm(record.sequence, on: lane)
            }
        }
        return messages
    }

    /// Those of the numbers that were given in an epoch.
    func numbers(of epoch: JournalEpoch, in all: SequenceRanges) -> SequenceRanges {
        var numbers = SequenceRanges()
        for range in all.ranges {
            if outbox.epoch(of: range.lowerBound) == epoch, outbox.epoch(of: range.upperBound) == epoch {
                numbers.insert(range)
            } else {
                for number in range where outbox.epoch(of: number) == epoch { numbers.insert(number...number) }
            }
        }
        return numbers
    }

    /// Nothing is owed for a record that the format can't say, but it is counted.
    private func hasNoForm(_ sequence: UInt64, on lane: DeliverySession.Lane) {
        status.formless += 1
        if !saidFormless {
            saidFormless = true
            say(.notice, "record \(sequence) has no form in the destination's format, like others that will be counted in the status")
        }
        session.gone(sequence)
        session.exhausted(lane, through: sequence)
        acknowledge(forgetJoined(sequence) ?? SequenceRanges(sequence...sequence))
    }

    /// Its parts, if it was one.
    func forgetJoined(_ sequence: UInt64) -> SequenceRanges? {
        guard let parts = joined.removeValue(forKey: sequence)?.parts else { return nil }
        joinedParts = joinedParts.subtracting(parts)
        return parts
    }

    func acknowledge(_ numbers: SequenceRanges) {
        for range in numbers.ranges { outbox.acknowledge(range) }
    }

    /// nil when the journal could not be read; it is tried again after a while.
    private func read(after sequence: UInt64, through last: UInt64, limit: Int) -> [JournalledRecord]? {
        do {
            let records = try outbox.records(after: sequence, through: last, limit: limit)
            saidJournalFault = nil
            return records
        } catch {
            let trouble: Sentence = "records can't be read from the journal: \(error)"
            status.trouble = trouble
            if saidJournalFault != trouble {
                say(.error, "\(trouble)")
                saidJournalFault = trouble
            }
            wait(until: .distantFuture, from: clock.now())
            return nil
        }
    }

    // MARK: What came of them

    /// The records that have arrived.
    func answered(_ token: UInt64?, _ answer: TransportAnswer) -> [UInt64] {
        if let token, let told = toldWithheld.removeValue(forKey: token) {
            if answer == .taken { acknowledge(told) } else { withheld.insert(told) }
        }
        switch session.answered(token, answer, at: clock.now(), using: &generator) {
        case .arrived(let sequences):
            status.acknowledged += UInt64(sequences.count)
            if session.refusals.isQuiet, !saidObstacles.isEmpty {
                saidObstacles = []
                status.trouble = nil
            }
            return sequences
        case .refused(let sequences):
            if case .refused(let refusal) = answer { refused(sequences, refusal) }
            return []
        case .noted, .unexpected: return []
        }
    }

    /// The other side has these; the journal need not keep them, unless their receiver is to confirm.
    func settle(_ run: ClosedRange<UInt64>) {
        // Whoever sees the journal move sees the status that goes with it.
        reports.status(status)
        guard !settings.needsReceipts else { return }
        outbox.acknowledge(run)
        if joined.isEmpty { return }
        for sequence in run {
            if let parts = forgetJoined(sequence) { acknowledge(parts) }
        }
    }

}
