import SensorCore

extension DestinationSender {
    func connect(at now: MonotonicInstant) {
        session.connecting(at: now)
        formatSession = format.session()
        transport.connect(will: formatSession.will(nodeStatus(.lost)))
        takeEvents()
    }

    /// The clock of a status that is read much later is nil.
    func nodeStatus(_ state: NodeStatus.State) -> NodeStatus {
        NodeStatus(
            state: state, epoch: outbox.epoch, bootID: clock.bootID, version: version,
            clock: state == .lost ? nil : clock.reading())
    }

    func accepted(by peer: String, unansweredAtMost limit: Int?) {
        self.peer = peer
        unansweredAtMost = limit
        session.accepted(unansweredAtMost: limit)
        for address in formatSession.subscriptions { transport.subscribe(address) }
        announce(formatSession.birth(nodeStatus(.online)))
        if births.isEmpty { connected() }
    }

    /// Messages that say what the node is; none of them carries a record.
    private func announce(_ messages: [OutgoingMessage]) {
        let now = clock.now()
        let messages = messages.filter { birthTrial.admits($0.address, at: now) }.map {
            TransportMessage(token: nextToken(), message: $0)
        }
        let atOnce = birthTrial.isOneByOne ? messages.prefix(1) : messages[...]
        waitingBirths = Array(messages.dropFirst(atOnce.count))
        sendBirths(Array(atOnce))
    }

    private func sendBirths(_ messages: [TransportMessage]) {
        for message in messages { births[message.token] = message.message.address }
        send(messages)
    }

    func birthAnswered(_ token: UInt64, _ answer: TransportAnswer) {
        let address = births.removeValue(forKey: token) ?? ""
        if births.isEmpty, !waitingBirths.isEmpty { sendBirths([waitingBirths.removeFirst()]) }
        if births.isEmpty {
            birthTrial.passed(at: clock.now())
            if status.isConnected { planRenewal(at: clock.now()) } else { connected() }
        }
        // It is retained: who begins to listen later gets it.
        if case .refused(let refusal) = answer, refusal.kind != .nobodyListens {
            let trouble: Sentence = "\(peerName) refused what the node says of itself on \(address): \(refusal.reason)"
            status.trouble = trouble
            say(.warning, "\(trouble)")
        }
    }

    private func connected() {
        guard let peer else { return }
        let now = clock.now()
        planRenewal(at: now)
        session.connected(unansweredAtMost: unansweredAtMost, at: now)
        status.isConnected = true
        status.since = now
        status.broker = peer
        status.trouble = nil
        if let line = news.connected(to: peer) { say(.notice, line) }
    }

    private func planRenewal(at now: MonotonicInstant) {
        renewalDue = formatSession.renewalPause.map { now + $0 } ?? .distantFuture
    }

    func renew(at now: MonotonicInstant) {
        renewalDue = .distantFuture
        guard status.isConnected, births.isEmpty else { return }
        announce(formatSession.renewal(nodeStatus(.online)))
    }

    /// When what was left out is to be said after all.
    var birthDue: MonotonicInstant { status.isConnected && births.isEmpty ? birthTrial.due : .distantFuture }

    func announceAgain() {
        if status.isConnected, births.isEmpty { announce(formatSession.birth(nodeStatus(.online))) }
    }

    func closed(_ fault: TransportFault) {
        let now = clock.now()
        let wasConnected = status.isConnected
        // Whoever is thrown out by another client of its id mostly has nothing unanswered, and never the same twice.
        let wasShort = wasConnected && !session.isStable(at: now)
        let wasIdle = session.outstandingCount == 0 && !session.looksForCulprit
        if fault.wasConnected { status.connectionsLost += 1 }
        if fault.wasConnected, fault.mayBeOverAMessage {
            birthTrial.closed(unanswered: births.sorted { $0.key < $1.key }.map(\.value), at: now)
        }
        let name = peerName
        peer = nil
        births = [:]
        waitingBirths = []
        records = LaneReading()
        filter.reset()
        unsent = []
        withheld = SequenceRanges()
        toldWithheld = [:]
        renewalDue = .distantFuture
        receiptDue = .distantFuture
        session.connectionEnded(
            at: now, mayBeOverAMessage: fault.mayBeOverAMessage, isRefusal: fault.isRefusal, using: &generator)
        // Those that wait are tried again as they were, whatever else is read anew.
        joined = joined.filter { session.refusals.waits($0.key) }
        joinedParts = joined.values.reduce(into: SequenceRanges()) { $0.insert($1.parts) }
        if wasConnected {
            status.isConnected = false
            status.broker = nil
            status.since = now
        }
        var trouble = news.explained(fault, of: name, wasShort: wasShort && wasIdle)
        // mosquitto 2.0.11 answers a forbidden topic with 0x87 and closes the connection over it.
        if fault.wasConnected, fault.isUnexplained, let refusalOfConnection {
            trouble = "\(name) closed the connection after it had refused a record: \(refusalOfConnection)"
        }
        refusalOfConnection = nil
        status.trouble = trouble
        if let line = news.ended(trouble, code: fault.code, wasConnected: wasConnected) { say(.warning, line) }
    }

    /// Records go without it: what the node is may be unknown there, what it measured is not.
    func sayLeftOut(_ address: String) {
        say(
            .warning,
            "\(peerName) closes the connection over what the node says of itself on \(address): ask whoever runs it to allow that "
                + "topic and retained messages. Records are sent without it, and it is tried again from time to time")
    }

    // MARK: What comes in

    func subscriptionRefused(_ address: String) {
        let trouble: Sentence =
            settings.needsReceipts
            ? "\(peerName) refuses the subscription to \(address): check its access list. Without receipts nothing counts as delivered"
            : "\(peerName) refuses the subscription to \(address): check its access list."
        status.trouble = trouble
        say(.error, "\(trouble)")
    }

    func received(_ payload: [UInt8], from address: String) {
        switch formatSession.received(payload, from: address) {
        case .receipt(let receipt): take(receipt)
        case .announceAgain: announceAgain()
        case .ignored: break
        case .unreadable: status.unreadableReceipts += 1
        }
    }
}
