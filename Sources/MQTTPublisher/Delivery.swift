import SensorCore

/// Carries out what the delivery session decides: the publisher's thread, and only it, uses this.
final class Delivery {
    var status = MQTTStatus()

    let settings: MQTTSettings
    let encoder: any RecordEncoder
    let outbox: any RecordOutbox
    let clock: any NodeClock
    let wake: WakeEvent
    let log: any EventLog
    let resolve: (String) throws(ConnectionFault) -> [BrokerAddress]
    let reports: Reports
    private let version: String

    var session: DeliverySession
    var generator: SplitMix64
    var connection: MosquittoConnection?
    /// Brokers and addresses that this try has not been to.
    var brokers: ArraySlice<BrokerEndpoint> = []
    var addresses: ArraySlice<BrokerAddress> = []
    /// What went wrong with those it has been to.
    var faultsOfTry: [String] = []
    var news = ConnectionNews()
    var records = LaneReading()
    var birthID: UInt16?
    var receiveMaximum: UInt16?
    /// When `online` is to be said again, since what was said before expires.
    private var statusDue = MonotonicInstant.distantFuture
    /// What was last said in the log, so that it is said once and not with each try.
    var saidRefusal: String?
    var saidJournalFault: String?

    /// Where it tells how it fares, while it works.
    struct Reports {
        var status: (MQTTStatus) -> Void = { _ in }
        /// Records that are set aside, and why.
        var setAside: ([UInt64], String) -> Void = { _, _ in }
    }

    init(
        settings: MQTTSettings, encoder: any RecordEncoder, outbox: any RecordOutbox, version: String,
        clock: any NodeClock, seed: UInt64, wake: WakeEvent, log: any EventLog,
        resolve: @escaping (String) throws(ConnectionFault) -> [BrokerAddress] = BrokerAddress.addresses(of:),
        reports: Reports = Reports()
    ) {
        self.reports = reports
        self.resolve = resolve
        self.settings = settings
        self.encoder = encoder
        self.outbox = outbox
        self.version = version
        self.clock = clock
        self.wake = wake
        self.log = log
        session = DeliverySession(
            window: settings.window, timing: settings.timing, backfillRate: settings.backfillRate,
            needsReceipts: settings.receiptTopic != nil)
        generator = SplitMix64(seed: seed)
    }

    /// One decision and what follows from it, or one wait of at most a second. False when the work is over: a stop was
    /// asked for and everything was sent, `stop` has come, or there is no broker to send to.
    func step(stoppingAt stop: MonotonicInstant?) -> Bool {
        let now = clock.now()
        session.recordsAvailable(through: outbox.lastOwed, hasRoomForLane: outbox.hasRoomForLane)
        if let stop, mayStop(at: now, deadline: stop) {
            farewell()
            return false
        }
        if news.isOfFault, session.isStable(at: now), let line = news.isStable(connection?.broker) { log.log(.notice, line) }
        if now >= statusDue { sayOnlineAgain(at: now) }
        switch session.next(at: now) {
        case .connect: beginConnection(at: now)
        case .publish(let lane, let sequence, let last, let limit):
            publish(lane, after: sequence, through: last, limit: limit)
        case .publishAgain(let lane, let sequence): publishAgain(sequence, on: lane)
        case .abandon:
            if let connection { connectionEnded(.tooLate(connection.broker, phase: connection.phase)) }
        case .wait(let until): wait(until: min(until, stop ?? .distantFuture, statusDue), from: now)
        }
        status.inFlight = session.outstandingCount
        status.unconfirmed = session.unconfirmedCount
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

    func wait(until: MonotonicInstant, from now: MonotonicInstant) {
        let milliseconds = millisecondsUntil(until, from: now, longest: 1000)
        guard let connection else {
            _ = waitForInput(wake: wake, socket: -1, alsoWrite: false, milliseconds: milliseconds)
            return
        }
        connection.wait(wake: wake, milliseconds: milliseconds)
        takeEvents(of: connection)
    }

    func takeEvents(of connection: MosquittoConnection) {
        var arrived = AcknowledgedRun()
        var end: ConnectionFault?
        for event in connection.takeEvents() {
            switch event {
            case .accepted(let maximum):
                receiveMaximum = maximum
                if let topic = settings.receiptTopic { connection.subscribe(topic) }
                do { birthID = try connection.publish(statusMessage(.online)) } catch {
                    end = ConnectionFault(.refused, "the status can't be published: \(error.reason)")
                }
            case .acknowledged(let messageID, let reasonCode) where messageID == birthID:
                birthAcknowledged(reasonCode: reasonCode, by: connection.broker)
            case .acknowledged(let messageID, let reasonCode):
                if let sequence = acknowledged(messageID, reasonCode: reasonCode), let run = arrived.add(sequence) {
                    settle(run)
                }
            case .subscribed(let isGranted): if !isGranted { receiptsRefused(by: connection.broker) }
            case .received(_, let payload): takeReceipt(payload)
            case .ended(let fault): end = fault
            }
        }
        if let run = arrived.run { settle(run) }
        if let end { connectionEnded(end) }
    }

    private func birthAcknowledged(reasonCode: UInt8, by broker: String) {
        let now = clock.now()
        birthID = nil
        planStatus(at: now)
        if status.isConnected { return }
        session.connected(receiveMaximum: receiveMaximum, at: now)
        status.isConnected = true
        status.since = now
        status.broker = broker
        status.lastError = nil
        if let line = news.connected(to: broker) { log.log(.notice, line) }
        if reasonCode >= 0x80 {
            let text =
                "\(broker) refused the status message (\(reasonName(Int32(reasonCode)))): check its access list for "
                + "\(statusMessage(.online).topic)"
            status.lastError = text
            log.log(.warning, "MQTT: \(text)")
        }
    }

    // MARK: Status

    func statusMessage(_ state: NodeStatus.State) -> OutgoingMessage {
        let clock = state == .lost ? nil : clock.reading()
        return encoder.statusMessage(
            NodeStatus(state: state, bootID: self.clock.bootID, version: version, clock: clock), epoch: outbox.epoch)
    }

    /// Early enough that one that is late does no harm.
    private func planStatus(at now: MonotonicInstant) {
        let expiry = settings.version == .mqtt5 ? statusMessage(.online).expirySeconds : nil
        statusDue = expiry.map { now + .seconds(Int64($0) / 3) } ?? .distantFuture
    }

    private func sayOnlineAgain(at now: MonotonicInstant) {
        statusDue = .distantFuture
        guard let connection, status.isConnected, birthID == nil else { return }
        do { birthID = try connection.publish(statusMessage(.online)) } catch {
            log.log(.warning, "MQTT: the status can't be published: \(error.reason)")
        }
        takeEvents(of: connection)
    }
}

/// Acknowledged numbers that follow each other, so that the journal hears of them together.
struct AcknowledgedRun {
    private(set) var run: ClosedRange<UInt64>?

    /// The run that ends where this one does not continue it.
    mutating func add(_ sequence: UInt64) -> ClosedRange<UInt64>? {
        guard let run else {
            self.run = sequence...sequence
            return nil
        }
        if run.upperBound < sequence, run.upperBound + 1 == sequence {
            self.run = run.lowerBound...sequence
            return nil
        }
        self.run = sequence...sequence
        return run
    }
}
