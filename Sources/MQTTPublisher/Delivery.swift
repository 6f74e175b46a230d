import SensorCore

/// Carries out what the delivery session decides: the publisher's thread, and only it, uses this.
final class Delivery {
    private(set) var status = MQTTStatus()

    private let settings: MQTTSettings
    private let encoder: any RecordEncoder
    private let outbox: any RecordOutbox
    private let version: String
    private let clock: any NodeClock
    private let wake: WakeEvent
    private let log: any EventLog
    private let resolve: (String) throws(ConnectionFault) -> [BrokerAddress]
    private let report: (MQTTStatus) -> Void

    private var session: DeliverySession
    private var generator: SplitMix64
    private var connection: MosquittoConnection?
    /// Addresses of the broker that this try has not been to.
    private var addresses: ArraySlice<BrokerAddress> = []
    /// Read from the journal and not yet sent: at most a window, so that the journal isn't asked for every record.
    private var readAhead: ArraySlice<JournalledRecord> = []
    private var birthID: UInt16?
    private var receiveMaximum: UInt16?
    /// What was last said in the log, so that it is said once and not with each try.
    private var saidFault: String?
    /// The connection comes and goes for a reason that was said: neither is said again before one is stable.
    private var isFlapping = false
    private var saidRefusal: String?
    private var saidJournalFault: String?

    /// How long saying `stopped` and DISCONNECT may take.
    static let farewellLimit = TimeSpan.seconds(2)

    init(
        settings: MQTTSettings, encoder: any RecordEncoder, outbox: any RecordOutbox, version: String,
        clock: any NodeClock, seed: UInt64, wake: WakeEvent, log: any EventLog,
        resolve: @escaping (String) throws(ConnectionFault) -> [BrokerAddress] = BrokerAddress.addresses(of:),
        report: @escaping (MQTTStatus) -> Void = { _ in }
    ) {
        self.report = report
        self.resolve = resolve
        self.settings = settings
        self.encoder = encoder
        self.outbox = outbox
        self.version = version
        self.clock = clock
        self.wake = wake
        self.log = log
        session = DeliverySession(cursor: outbox.acknowledgedThrough, window: settings.window, timing: settings.timing)
        generator = SplitMix64(seed: seed)
    }

    /// One decision and what follows from it, or one wait of at most a second. False when the work is over: a stop was
    /// asked for and everything was sent, `stop` has come, or there is no broker to send to.
    func step(stoppingAt stop: MonotonicInstant?) -> Bool {
        let now = clock.now()
        session.recordsAvailable(through: outbox.lastOwed)
        if let stop, mayStop(at: now, deadline: stop) {
            farewell()
            return false
        }
        if saidFault != nil, session.isStable(at: now) { connectionIsStable() }
        switch session.next(at: now) {
        case .connect: beginConnection(at: now)
        case .publish(let sequence, let limit): publish(after: sequence, limit: limit)
        case .publishAgain(let sequence): publishAgain(sequence)
        case .abandon:
            if let connection { connectionEnded(.tooLate(connection.broker, phase: connection.phase)) }
        case .wait(let until): wait(until: min(until, stop ?? .distantFuture), from: now)
        }
        status.inFlight = session.outstandingCount
        status.unexpectedAcknowledgements = session.unexpectedAcknowledgements
        return true
    }

    private func mayStop(at now: MonotonicInstant, deadline: MonotonicInstant) -> Bool {
        switch session.state {
        case .backingOff: true
        case .connected: session.isDrained || now >= deadline
        case .idle, .connecting: now >= deadline
        }
    }

    private func wait(until: MonotonicInstant, from now: MonotonicInstant) {
        let milliseconds = millisecondsUntil(until, from: now, longest: 1000)
        guard let connection else {
            _ = waitForInput(wake: wake, socket: -1, alsoWrite: false, milliseconds: milliseconds)
            return
        }
        connection.wait(wake: wake, milliseconds: milliseconds)
        takeEvents(of: connection)
    }

    // MARK: Connecting

    private func beginConnection(at now: MonotonicInstant) {
        session.connecting(at: now)
        do {
            addresses = try resolve(settings.host)[...]
        } catch {
            return giveUp(error)
        }
        tryNextAddress(after: nil)
    }

    /// Goes on with the next address, or gives up when there is none.
    private func tryNextAddress(after fault: ConnectionFault?) {
        connection = nil
        guard let address = addresses.popFirst() else {
            return giveUp(fault ?? .unresolved(settings.host, code: 0))
        }
        session.connecting(at: clock.now())
        do {
            let connection = try MosquittoConnection(settings: settings, will: statusMessage(.lost))
            self.connection = connection
            connection.begin(address)
            takeEvents(of: connection)
        } catch {
            giveUp(error)
        }
    }

    private func connectionEnded(_ fault: ConnectionFault) {
        if fault.kind == .unreachable, !addresses.isEmpty { return tryNextAddress(after: fault) }
        giveUp(fault)
    }

    private func giveUp(_ fault: ConnectionFault) {
        let now = clock.now()
        if connection?.wasAccepted == true { status.connectionsLost += 1 }
        connection = nil
        birthID = nil
        readAhead = []
        session.connectionEnded(at: now, using: &generator)
        let wasConnected = status.isConnected
        if wasConnected {
            status.isConnected = false
            status.since = now
        }
        // mosquitto 2.0.11 answers a forbidden topic with 0x87 and closes the connection over it.
        var text = fault.description
        if fault.kind == .lost, let saidRefusal { text += " after it had refused a record: \(saidRefusal)" }
        status.lastError = text
        if saidFault == text {
            isFlapping = isFlapping || wasConnected
        } else {
            log.log(.warning, "MQTT: \(text). Records wait in the journal")
            saidFault = text
            isFlapping = false
        }
    }

    private func connectionIsStable() {
        saidFault = nil
        if isFlapping { log.log(.notice, "MQTT: the connection to \(connection?.broker ?? "the broker") holds again") }
        isFlapping = false
    }

    private func takeEvents(of connection: MosquittoConnection) {
        var cursor: UInt64?
        var end: ConnectionFault?
        for event in connection.takeEvents() {
            switch event {
            case .accepted(let maximum):
                receiveMaximum = maximum
                do { birthID = try connection.publish(statusMessage(.online)) } catch {
                    end = ConnectionFault(.refused, "the status can't be published: \(error.reason)")
                }
            case .acknowledged(let messageID, let reasonCode) where messageID == birthID:
                birthAcknowledged(reasonCode: reasonCode, by: connection.broker)
            case .acknowledged(let messageID, let reasonCode):
                if let reached = acknowledged(messageID, reasonCode: reasonCode) { cursor = reached }
            case .ended(let fault): end = fault
            }
        }
        if let cursor {
            // Whoever sees the journal's cursor move sees the status that goes with it.
            report(status)
            outbox.acknowledge(through: cursor)
        }
        if let end { connectionEnded(end) }
    }

    private func birthAcknowledged(reasonCode: UInt8, by broker: String) {
        let now = clock.now()
        birthID = nil
        session.connected(receiveMaximum: receiveMaximum, at: now)
        status.isConnected = true
        status.since = now
        status.lastError = nil
        if !isFlapping { log.log(.notice, "MQTT: connected to \(broker)") }
        if reasonCode >= 0x80 {
            let text =
                "\(broker) refused the status message (\(reasonName(Int32(reasonCode)))): check its access list for "
                + "\(statusMessage(.online).topic)"
            status.lastError = text
            log.log(.warning, "MQTT: \(text)")
        }
    }

    // MARK: Records

    private func publish(after sequence: UInt64, limit: Int) {
        if readAhead.isEmpty {
            guard let records = records(after: sequence, limit: settings.window) else { return }
            if records.isEmpty { session.exhausted() }
            readAhead = records[...]
        }
        for _ in 0..<limit {
            guard let record = readAhead.popFirst(), publish(record) else { return }
        }
    }

    private func publishAgain(_ sequence: UInt64) {
        guard let records = records(after: sequence - 1, limit: 1) else { return }
        if let record = records.first, record.sequence == sequence {
            _ = publish(record)
        } else if let cursor = session.gone(sequence) {
            outbox.acknowledge(through: cursor)
        }
    }

    /// False when the connection ended over it.
    private func publish(_ record: JournalledRecord) -> Bool {
        guard let connection else { return false }
        let message = encoder.message(for: record, epoch: outbox.epoch(of: record.sequence))
        do {
            guard let messageID = try connection.publish(message) else {
                takeEvents(of: connection)
                return false
            }
            session.published(record.sequence, messageID: messageID, at: clock.now())
            status.published += 1
        } catch {
            session.refused(record.sequence, at: clock.now(), using: &generator)
            refused(record.sequence, by: connection.broker, reason: error.reason)
        }
        return true
    }

    /// nil when the journal could not be read; it is tried again after a while.
    private func records(after sequence: UInt64, limit: Int) -> [JournalledRecord]? {
        do {
            let records = try outbox.records(after: sequence, limit: limit)
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

    /// The cursor, if that moved.
    private func acknowledged(_ messageID: UInt16, reasonCode: UInt8) -> UInt64? {
        switch session.acknowledged(messageID, reasonCode: reasonCode, at: clock.now(), using: &generator) {
        case .arrived(let cursor):
            status.acknowledged += 1
            if cursor != nil, saidRefusal != nil {
                saidRefusal = nil
                status.lastError = nil
            }
            return cursor
        case .refused(let sequence):
            refused(sequence, by: connection?.broker ?? "broker", reason: refusalAdvice(reasonCode))
            return nil
        case .unexpected: return nil
        }
    }

    /// Said once for each reason, until a record has passed.
    private func refused(_ sequence: UInt64, by broker: String, reason: String) {
        status.refused += 1
        let text = "\(broker) refused record \(sequence): \(reason)"
        status.lastError = text
        if saidRefusal != reason { log.log(.error, "MQTT: \(text). It is offered again") }
        saidRefusal = reason
    }

    private func refusalAdvice(_ code: UInt8) -> String {
        let name = reasonName(Int32(code))
        return switch code {
        case 0x87: "\(name): check the broker's access list for mqtt.topic"
        case 0x90: "\(name): check mqtt.topic and the broker's rules for topics"
        case 0x97: "\(name): ask whoever runs the broker"
        case 0x99: "\(name): the broker refuses JSON in this format: its administrator must allow it"
        default: name
        }
    }

    // MARK: Birth and farewell

    private func statusMessage(_ state: NodeStatus.State) -> OutgoingMessage {
        let clock = state == .lost ? nil : clock.reading()
        return encoder.statusMessage(
            NodeStatus(state: state, bootID: self.clock.bootID, version: version, clock: clock),
            epoch: outbox.epoch)
    }

    /// Says `stopped`, waits for its acknowledgement and takes those of records that come meanwhile, then DISCONNECT.
    private func farewell() {
        let limit = clock.now() + Self.farewellLimit
        if let connection, case .connected = session.state {
            sayStopped(on: connection, until: limit)
            connection.disconnect()
            while connection.phase == .leaving, clock.now() < limit { service(connection, until: limit) }
        }
        connection = nil
        if status.isConnected {
            status.isConnected = false
            status.since = clock.now()
        }
        status.inFlight = session.outstandingCount
    }

    private func sayStopped(on connection: MosquittoConnection, until limit: MonotonicInstant) {
        let message = statusMessage(.stopped)
        let stoppedID: UInt16?
        do { stoppedID = try connection.publish(message) } catch {
            log.log(.warning, "MQTT: the status can't be published: \(error.reason)")
            return
        }
        var isSaid = false
        while !isSaid, connection.phase == .accepted, clock.now() < limit {
            isSaid = service(connection, until: limit).contains(stoppedID)
        }
    }

    /// Waits once; returns the ids of acknowledgements.
    @discardableResult
    private func service(_ connection: MosquittoConnection, until limit: MonotonicInstant) -> [UInt16?] {
        connection.wait(wake: wake, milliseconds: millisecondsUntil(limit, from: clock.now(), longest: 1000))
        var messageIDs: [UInt16?] = []
        var cursor: UInt64?
        for case .acknowledged(let messageID, let reasonCode) in connection.takeEvents() {
            messageIDs.append(messageID)
            if let reached = acknowledged(messageID, reasonCode: reasonCode) { cursor = reached }
        }
        if let cursor { outbox.acknowledge(through: cursor) }
        return messageIDs
    }
}
