package import SensorCore

/// Carries out what the delivery session decides: the destination's thread, and only it, uses this.
final class DestinationSender {
    var status = DeliveryStatus()

    let settings: DeliverySettings
    let format: any RecordFormat
    let outbox: any RecordOutbox
    let clock: any NodeClock
    let log: any EventLog
    let reports: Reports
    let transport: any DeliveryTransport
    let version: String

    var session: DeliverySession
    /// Of the present connection, or of the one being tried.
    var formatSession: any FormatSession
    var generator: SplitMix64
    var news = ConnectionNews()
    var records = LaneReading()
    var filter: ViewFilter
    /// Handed to nobody yet, since the other side takes no more at once.
    var unsent: [TransportMessage] = []
    /// Withheld numbers that the receiver was not told of, and those that messages on their way tell.
    var withheld = SequenceRanges()
    var toldWithheld: [UInt64: SequenceRanges] = [:]
    /// Joined records on their way, or waiting, by their numbers.
    var joined: [UInt64: ViewFilter.ShownRecord] = [:]
    /// The numbers of all that is in them.
    var joinedParts = SequenceRanges()
    /// What this destination was sent since the program started, in whatever form: all that a receipt can speak of.
    var sentNumbers = SequenceRanges()
    /// When a receipt that came too early is asked for again, and the wait before that.
    var receiptDue = MonotonicInstant.distantFuture
    var receiptPause = TimeSpan.zero
    var saidOlderCopy = false
    private var lastToken: UInt64 = 0
    /// The other side's name while it takes messages: "broker a.example:8883".
    var peer: String?
    var peerName: Sentence { peer.map { Sentence(verbatim: $0) } ?? "the other side" }
    var unansweredAtMost: Int?
    /// Messages of the birth, or the last words, that are unanswered, with their addresses.
    var births: [UInt64: String] = [:]
    /// Those that follow one by one, since a connection was closed over one of them.
    var waitingBirths: [TransportMessage] = []
    var birthTrial: BirthTrial
    /// When `online` is to be said again, since what was said before expires.
    var renewalDue = MonotonicInstant.distantFuture
    /// What was said in the log, so that it is said once and not with each try.
    var saidObstacles: Set<RefusalRegister.Obstacle> = []
    /// In the other side's latest words.
    var reasons: [RefusalRegister.Obstacle: Sentence] = [:]
    /// Why it refused a record on the present connection.
    var refusalOfConnection: Sentence?
    var saidJournalFault: Sentence?
    var saidPassedOver = false
    var saidFormless = false
    var saidRemarks: Set<Sentence> = []

    /// Where it tells how it fares, while it works.
    struct Reports {
        var status: (DeliveryStatus) -> Void = { _ in }
        var setAside: (SetAsideRecords) -> Void = { _ in }
    }

    init(
        settings: DeliverySettings, format: any RecordFormat, outbox: any RecordOutbox, transport: any DeliveryTransport,
        version: String, clock: any NodeClock, seed: UInt64, log: any EventLog, reports: Reports = Reports()
    ) {
        self.reports = reports
        self.settings = settings
        self.format = format
        self.outbox = outbox
        self.transport = transport
        self.version = version
        self.clock = clock
        self.log = log
        formatSession = format.session()
        filter = ViewFilter(settings.view)
        birthTrial = BirthTrial(first: settings.timing.firstOffer, longest: settings.timing.longestOffer)
        session = DeliverySession(
            window: settings.window + transport.ahead, timing: settings.timing, backfillRate: settings.backfillRate,
            needsReceipts: settings.needsReceipts, lanes: settings.lanes)
        generator = SplitMix64(seed: seed)
    }

    /// One decision and what follows from it, or one wait of at most a second. False when the work is over: a stop was
    /// asked for and everything was sent, `stop` has come, or there is nobody to send to.
    func step(stoppingAt stop: MonotonicInstant?) -> Bool {
        let now = clock.now()
        session.recordsAvailable(
            through: outbox.lastOwed,
            hasRoomForLane: outbox.hasRoomForLane && (!filter.joins || session.backlogIsSent))
        if let stop, mayStop(at: now, deadline: stop) {
            farewell()
            return false
        }
        if news.isOfFault, session.isStable(at: now), let line = news.isStable(peer) { say(.notice, line) }
        if now >= renewalDue { renew(at: now) }
        if now >= birthDue { announceAgain() }
        if now >= receiptDue { askForReceipts() }
        if !unsent.isEmpty, session.messageRoom > 0 {
            sendUnsent()
        } else {
            switch session.next(at: now) {
            case .connect: connect(at: now)
            case .publish(let lane, let sequence, let last, let limit):
                publish(lane, after: sequence, through: last, limit: limit)
            case .publishAgain(let lane, let sequence): publishAgain(sequence, on: lane)
            case .passOver(let sequence, let last): passOver(after: sequence, through: last)
            case .giveUp(let sequence): giveUp(sequence)
            case .abandon:
                transport.abandon()
                takeEvents()
            case .wait(let until): wait(until: min(until, stop ?? .distantFuture, renewalDue, receiptDue, birthDue), from: now)
            }
        }
        noteSetAside()
        status.inFlight = session.outstandingCount
        status.unconfirmed = session.unconfirmedCount
        status.unexpectedAcknowledgements = session.unexpectedAcknowledgements
        return true
    }

    private func mayStop(at now: MonotonicInstant, deadline: MonotonicInstant) -> Bool {
        switch session.state {
        case .backingOff: true
        case .connected: (session.isDrained && unsent.isEmpty) || now >= deadline
        case .idle, .connecting: now >= deadline
        }
    }

    func wait(until: MonotonicInstant, from now: MonotonicInstant) {
        transport.wait(milliseconds: millisecondsUntil(until, from: now, longest: 1000))
        takeEvents()
    }

    func say(_ severity: LogSeverity, _ text: String) { log.log(severity, "\(settings.logName): \(text)") }

    /// Each once.
    private func remark(_ words: Sentence) {
        // A peer that finds ever new words is not listened to for ever.
        guard saidRemarks.count < 50, saidRemarks.insert(words).inserted else { return }
        say(.notice, "\(words)")
    }

    // MARK: Messages

    func nextToken() -> UInt64 {
        lastToken += 1
        return lastToken
    }

    /// Hands over what the other side has room for; the rest waits for answers.
    func send(_ messages: [TransportMessage]) {
        unsent += messages
        sendUnsent()
    }

    private func sendUnsent() {
        let now = clock.now()
        var batch: [TransportMessage] = []
        for message in unsent {
            guard session.messageRoom > 0 else { break }
            session.handedOver(message.token, address: message.message.address, size: message.message.payload.count, at: now)
            batch.append(message)
        }
        guard !batch.isEmpty else { return }
        unsent.removeFirst(batch.count)
        transport.publish(batch)
        takeEvents()
    }

    // MARK: Events

    func takeEvents() {
        var arrived = AcknowledgedRun()
        for event in transport.takeEvents() {
            switch event {
            case .trying: session.connecting(at: clock.now())
            case .connected(let peer, let limit): accepted(by: peer, unansweredAtMost: limit)
            case .answered(let token?, let answer) where births[token] != nil:
                session.noteAnswer(to: token, at: clock.now())
                birthAnswered(token, answer)
            case .answered(let token, let answer):
                if let address = birthTrial.answered() { sayLeftOut(address) }
                for sequence in answered(token, answer) {
                    if let run = arrived.add(sequence) { settle(run) }
                }
            case .subscribed(let address, let isGranted): if !isGranted { subscriptionRefused(address) }
            case .received(let address, let payload): received(payload, from: address)
            case .remark(let words): remark(words)
            case .closed(let fault):
                if let run = arrived.take() { settle(run) }
                closed(fault)
            }
        }
        if let run = arrived.take() { settle(run) }
    }
}

/// Whole milliseconds until `deadline`, rounded up so as not to wake too early, within 0 ... `longest`.
package func millisecondsUntil(_ deadline: MonotonicInstant, from now: MonotonicInstant, longest: Int32) -> Int32 {
    guard deadline > now else { return 0 }
    let (left, overflow) = deadline.nanoseconds.subtractingReportingOverflow(now.nanoseconds)
    guard !overflow, left < Int64(longest) * 1_000_000 else { return longest }
    return Int32((left + 999_999) / 1_000_000)
}

/// Acknowledged numbers that follow each other, so that the journal hears of them together.
struct AcknowledgedRun {
    private var run: ClosedRange<UInt64>?

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

    mutating func take() -> ClosedRange<UInt64>? {
        defer { run = nil }
        return run
    }
}
