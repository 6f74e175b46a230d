public import SensorCore

/// Decides what to send, when, and what counts as delivered. Does nothing itself.
///
/// States: `idle` (not begun), `connecting`, `connected`, `backingOff`. The owner asks `next(at:)` what to do and
/// reports what came of it. Which records are acknowledged is the journal's to know: the session only names the part of
/// the account to look in.
///
/// Records go in two lanes. What was committed before the connection is backlog (`backfill`); what comes after is
/// `live`. `split` parts them: the highest number of the backlog.
///
/// What holds at any moment:
/// - At most one window of records is sent and unanswered; the backlog never has all of it.
/// - Each lane ascends on a connection, but for records that were not taken before.
/// - Only a record that was acknowledged, or confirmed by its receiver where that is asked for, counts as delivered.
/// - What is not when a connection ends is offered again on the next one.
/// - A record that is not taken holds nobody up, whether it is refused, never answered, or the connection closes over it: it
///   waits outside the window, owed, and is tried again (`RefusalRegister`, `ClosingSuspects`).
public struct DeliverySession: Sendable {
    public let timing: DeliveryTiming
    public private(set) var state = State.idle
    /// Acknowledgements that nothing was waiting for.
    public private(set) var unexpectedAcknowledgements: UInt64 = 0
    /// What is not taken.
    public private(set) var refusals: RefusalRegister
    private var suspects = ClosingSuspects()
    /// Given up as never answered, by the message they were in: the answer may come all the same.
    private var overdue: [UInt64: OutstandingRecords.Entry] = [:]

    private struct Message: Hashable {
        var address: String
        /// Of its payload.
        var size: Int
    }

    private let configuredWindow: Int
    private let lanes: DeliveryLanes
    private var window: Int
    /// Messages unanswered at most, whatever is in them; nil for no limit.
    private var messageLimit: Int?
    private var unansweredMessages: [UInt64: Message] = [:]
    /// Of their payloads.
    public private(set) var unansweredBytes = 0
    /// The highest token that was answered on this connection; later messages have higher ones.
    private var latestAnswered: UInt64 = 0
    /// The record that the last answer on this connection refused. Some brokers close over that, too (mosquitto 2.0.11 with
    /// `message_size_limit`), which says nothing of what was sent behind it.
    private var justRefused: UInt64?
    private var outstanding = OutstandingRecords()
    /// The highest number that was taken from each lane on this connection.
    private var livePosition: UInt64 = 0
    private var backfillPosition: UInt64 = 0
    /// The highest number of the backlog.
    private var split: UInt64 = 0
    private var lastAvailable: UInt64 = 0
    private var pace: BackfillPace
    /// Where receivers confirm: sent and acknowledged, and not confirmed yet.
    private var unconfirmed: UnconfirmedRecords?
    private var lastProgress = MonotonicInstant(nanoseconds: 0)
    private var lostAt: MonotonicInstant?
    private var connectionBackOff: BackOff

    /// - Parameters:
    ///   - window: records sent and unanswered at most, at least 1.
    ///   - backfillRate: records of the backlog per second; nil for as fast as they go.
    ///   - needsReceipts: a receiver's receipts acknowledge, not the broker.
    public init(
        window: Int, timing: DeliveryTiming, backfillRate: Int? = nil, needsReceipts: Bool = false, lanes: DeliveryLanes = .both
    ) {
        precondition(window >= 1, "a window of no records sends nothing")
        self.lanes = lanes
        self.timing = timing
        configuredWindow = window
        self.window = window
        pace = BackfillPace(perSecond: backfillRate)
        refusals = RefusalRegister(timing: timing)
        unconfirmed = needsReceipts ? UnconfirmedRecords(timeout: timing.receiptTimeout) : nil
        connectionBackOff = BackOff(first: timing.firstBackOff, longest: timing.longestBackOff)
    }

    /// Records sent and unanswered.
    public var outstandingCount: Int { outstanding.count }
    /// What was unanswered when connections closed is being looked into.
    package var looksForCulprit: Bool { suspects.isOnTrack }
    /// Records the broker has and their receiver has not confirmed.
    public var unconfirmedCount: UInt64 { unconfirmed?.count ?? 0 }
    /// Everything available was sent and has arrived, but for what is not taken.
    public var isDrained: Bool {
        outstanding.isEmpty && unconfirmedCount == 0 && backfillPosition >= split && livePosition >= lastAvailable
            && !suspects.isSearching && !refusals.isHopeful
    }
    /// All of the backlog was read and sent, though maybe not answered yet.
    package var backlogIsSent: Bool { backfillPosition >= split }
    /// Messages that may be handed over now.
    public var messageRoom: Int {
        if unansweredBytes >= Self.mostBytes { return 0 }
        return messageLimit.map { max(0, $0 - unansweredMessages.count) } ?? .max
    }
    /// Bytes of payload after which no message is handed over before others are answered: what holds them has limits of its own.
    public static let mostBytes = 8 << 20
    /// Slots of the window that the backlog leaves to live records; none in a window of one, where they go first.
    package var liveReserve: Int { window == 1 ? 0 : max(1, window / 4) }

    /// The connection has lasted long enough to start the back-off afresh after it.
    package func isStable(at now: MonotonicInstant) -> Bool {
        if case .connected(let since) = state { now - since >= timing.stableAfter } else { false }
    }

    /// It is on its way or set aside: not to be sent, though the journal calls it unacknowledged.
    public func holds(_ sequence: UInt64) -> Bool {
        refusals.holds(sequence) || unconfirmed?.contains(sequence) == true || outstanding.contains(sequence)
            || suspects.contains(sequence)
    }

    // MARK: What to do

    public mutating func next(at now: MonotonicInstant) -> Action {
        switch state {
        case .idle: return .connect
        case .backingOff(let until): return now >= until ? .connect : .wait(until: until)
        case .connecting(let since):
            let limit = since + timing.connectTimeout
            return now >= limit ? .abandon : .wait(until: limit)
        case .connected: return nextWhenConnected(at: now)
        }
    }

    private mutating func nextWhenConnected(at now: MonotonicInstant) -> Action {
        var deadline = MonotonicInstant.distantFuture
        if let oldest = outstanding.oldest, !suspects.isSearching, latestAnswered > oldest.first {
            // What was sent after it is answered.
            let due = oldest.sentAt + timing.acknowledgementTimeout
            if now >= due { return .giveUp(sequence: oldest.sequence) }
            deadline = min(deadline, due)
        }
        if unansweredMessages.count > overdue.count {
            let limit = lastProgress + timing.acknowledgementTimeout
            if now >= limit { return .abandon }
            deadline = min(deadline, limit)
        }
        if let due = unconfirmed?.due {
            if now >= due { sendAgainUnconfirmed(at: now) } else { deadline = min(deadline, due) }
        }
        if suspects.isSearching { return nextAlone(at: now, deadline: deadline) }
        let room = unconfirmed?.isFull == true ? 0 : min(window - outstanding.count, messageRoom)
        guard room > 0 else { return .wait(until: deadline) }
        refusals.forgetTries { outstanding.contains($0) }
        let hasShare = window == 1 || outstanding.ofBacklog < window - liveReserve
        if hasShare, let sequence = refusals.next(at: now) { return .publishAgain(lane(ofTry: sequence, at: now), sequence: sequence) }
        if hasShare, let due = refusals.due { deadline = min(deadline, max(due, now + .milliseconds(1))) }
        keepLiveShort()
        if livePosition < lastAvailable {
            return .publish(.live, after: livePosition, through: lastAvailable, limit: room)
        }
        guard backfillPosition < split else { return .wait(until: deadline) }
        if lanes == .live { return .passOver(after: backfillPosition, through: split) }
        let share = min(room, window - liveReserve - outstanding.ofBacklog)
        guard share > 0 else { return .wait(until: deadline) }
        let allowed = pace.allowance(at: now)
        guard allowed > 0 else { return .wait(until: min(deadline, pace.nextAllowance)) }
        return .publish(.backfill, after: backfillPosition, through: split, limit: min(share, allowed))
    }

    /// One suspect after the other, and nothing beside it.
    private mutating func nextAlone(at now: MonotonicInstant, deadline: MonotonicInstant) -> Action {
        if let alone = suspects.alone {
            guard let entry = outstanding.entry(alone) else {
                // It could not be read.
                suspects.answered(alone)
                return .wait(until: now)
            }
            let due = entry.sentAt + timing.aloneTimeout
            return now >= due ? .giveUp(sequence: alone) : .wait(until: min(due, deadline))
        }
        guard outstanding.isEmpty, messageRoom > 0, let sequence = suspects.next() else { return .wait(until: deadline) }
        return .publishAgain(lane(ofTry: sequence, at: now), sequence: sequence)
    }

    /// What has waited for long is no longer of the present.
    private func lane(ofTry sequence: UInt64, at now: MonotonicInstant) -> Lane {
        sequence > split && refusals.isRecent(sequence, at: now) ?? true ? .live : .backfill
    }

    /// Live records that could not be sent while they were new join the backlog, all but the newest.
    private mutating func keepLiveShort() {
        let limit = UInt64(max(100, 4 * window))
        guard lastAvailable - livePosition > limit else { return }
        split = lastAvailable - limit / 2
        livePosition = split
    }

    // MARK: What came of it

    /// The journal holds records up to `sequence`. Without room for a second lane all of them are backlog.
    public mutating func recordsAvailable(through sequence: UInt64, hasRoomForLane: Bool = true) {
        lastAvailable = max(lastAvailable, sequence)
        if !hasRoomForLane {
            split = max(split, lastAvailable)
            livePosition = split
        }
    }

    /// A connection, or the next address of the same try, was begun.
    public mutating func connecting(at now: MonotonicInstant) { state = .connecting(since: now) }

    /// The other side accepted the connection, and takes so many unanswered messages; nil for any number. The births follow.
    public mutating func accepted(unansweredAtMost: Int?) { messageLimit = unansweredAtMost.map { max(1, $0) } }

    /// The births were answered, so records may follow.
    public mutating func connected(unansweredAtMost: Int?, at now: MonotonicInstant) {
        accepted(unansweredAtMost: unansweredAtMost)
        window = max(1, min(configuredWindow, messageLimit ?? configuredWindow))
        state = .connected(since: now)
        // What came in a short break is as good as live.
        let wasShort = lostAt.map { now - $0 <= timing.shortBreak } ?? false
        split = wasShort ? min(livePosition, lastAvailable) : lastAvailable
        livePosition = split
        backfillPosition = 0
    }

    /// The connection was refused, could not be had, or was lost. Waits before the next.
    ///
    /// - Parameters:
    ///   - mayBeOverAMessage: false when the other side named a reason that is about no message.
    ///   - isRefusal: the other side says the same until a person acts.
    public mutating func connectionEnded(
        at now: MonotonicInstant, mayBeOverAMessage: Bool = true, isRefusal: Bool = false,
        using generator: inout some RandomNumberGenerator
    ) {
        if isStable(at: now) { connectionBackOff.reset() }
        if case .connected = state {
            lostAt = now
            // Live records that nobody acknowledged are sent once more, as live ones if the break is short.
            livePosition = min(livePosition, outstanding.lowestLive.map { $0 - 1 } ?? livePosition)
            if !mayBeOverAMessage {
                suspects.forget()
            } else if let justRefused {
                refusals.costsAConnection(justRefused, at: now, using: &generator)
                connectionBackOff.reset()
            } else {
                blame(at: now, using: &generator)
            }
        }
        outstanding.removeAll()
        latestAnswered = 0
        justRefused = nil
        overdue = [:]
        unansweredMessages.removeAll(keepingCapacity: true)
        unansweredBytes = 0
        unconfirmed?.removeAll()
        refusals.forgetTries()
        connectionBackOff = connectionBackOff.bounded(
            first: timing.firstBackOff, longest: isRefusal ? timing.longestAfterRefusal : timing.longestBackOff)
        state = .backingOff(until: now + connectionBackOff.nextWait(using: &generator))
    }

    /// Finds the record that the connection closed over, if there is one.
    private mutating func blame(at now: MonotonicInstant, using generator: inout some RandomNumberGenerator) {
        let unanswered = outstanding.entries
        let tried = suspects.isSearching ? nil : unanswered.first { refusals.isTriedAtACost($0.sequence) }
        guard let culprit = tried ?? suspects.closed(unanswered: unanswered.map(\.sequence)).flatMap({ outstanding.entry($0) }) else {
            return
        }
        refusals.notTaken([culprit.sequence], address: culprit.address, size: culprit.size, .closing, at: now, using: &generator)
        // The next connection is without it.
        connectionBackOff.reset()
    }

    /// A message is handed over. Tokens of unanswered messages differ.
    ///
    /// - Parameter size: of its payload.
    public mutating func handedOver(_ token: UInt64, address: String, size: Int, at now: MonotonicInstant) {
        if unansweredMessages.count == overdue.count { lastProgress = now }
        unansweredMessages[token] = Message(address: address, size: size)
        unansweredBytes += size
    }

    /// A message that carries no record was answered.
    package mutating func noteAnswer(to token: UInt64, at now: MonotonicInstant) {
        if takeUnanswered(token) != nil { lastProgress = now }
        justRefused = nil
    }

    private mutating func takeUnanswered(_ token: UInt64) -> Message? {
        let message = unansweredMessages.removeValue(forKey: token)
        unansweredBytes -= message?.size ?? 0
        return message
    }

    /// The record is on its way, or about to be.
    ///
    /// - Parameters:
    ///   - tokens: of the messages that carry it, at least one.
    ///   - address: where the first of them goes.
    ///   - size: of its payload.
    public mutating func published(
        _ sequence: UInt64, on lane: Lane, tokens: [UInt64], address: String, size: Int, at now: MonotonicInstant
    ) {
        guard let first = tokens.first else { return }
        let isAgain = suspects.alone == sequence || refusals.tries(sequence) || outstanding.contains(sequence)
        outstanding.add(
            OutstandingRecords.Entry(
                lane: lane, sequence: sequence, address: address, size: size, sentAt: now, first: first, more: Set(tokens.dropFirst())))
        if isAgain { return }
        move(lane, through: sequence)
        if lane == .backfill { pace.spend() }
    }

    /// The record goes to an address that takes nothing at present: it was not sent, and waits.
    public mutating func keptBack(_ sequence: UInt64, on lane: Lane, address: String, size: Int) {
        refusals.keep(sequence, address: address, size: size)
        move(lane, through: sequence)
    }

    /// It was waited for long enough.
    public mutating func neverAnswered(
        _ sequence: UInt64, at now: MonotonicInstant, using generator: inout some RandomNumberGenerator
    ) {
        guard let entry = outstanding.entry(sequence) else { return }
        for token in entry.more.union([entry.first]) where unansweredMessages[token] != nil { overdue[token] = entry }
        outstanding.remove(sequence)
        suspects.answered(sequence)
        refusals.notTaken([sequence], address: entry.address, size: entry.size, .silence, at: now, using: &generator)
    }

    /// The lane holds nothing more, though the journal had promised some.
    public mutating func exhausted(_ lane: Lane, through: UInt64) { move(lane, through: through) }

    private mutating func move(_ lane: Lane, through sequence: UInt64) {
        switch lane {
        case .live: livePosition = max(livePosition, sequence)
        case .backfill: backfillPosition = max(backfillPosition, sequence)
        }
    }

    /// The journal no longer keeps this record.
    public mutating func gone(_ sequence: UInt64) {
        outstanding.remove(sequence)
        suspects.answered(sequence)
        refusals.gone(sequence)
    }

    /// The other side answered a message.
    public mutating func answered(
        _ token: UInt64?, _ answer: TransportAnswer, at now: MonotonicInstant, using generator: inout some RandomNumberGenerator
    ) -> Acknowledgement {
        guard let token, let message = takeUnanswered(token) else {
            unexpectedAcknowledgements += 1
            return .unexpected
        }
        lastProgress = now
        latestAnswered = max(latestAnswered, token)
        justRefused = nil
        if let entry = overdue.removeValue(forKey: token) {
            guard answer == .taken, entry.more.isEmpty else { return .noted }
            arrived(entry.sequence, entry.address, at: now)
            return .arrived([entry.sequence])
        }
        let waiting = outstanding.waiting(for: token)
        if waiting.isEmpty { return .noted }
        let numbers = waiting.map(\.sequence)
        if case .refused(let refusal) = answer {
            if refusal.kind != .nobodyListens { justRefused = numbers.first }
            for number in numbers {
                outstanding.remove(number)
                suspects.answered(number)
            }
            refusals.notTaken(
                numbers, address: message.address, size: message.size, .refusal(refusal.kind, code: refusal.code), at: now,
                using: &generator)
            return .refused(numbers)
        }
        var there: [UInt64] = []
        for entry in waiting where outstanding.settle(entry.sequence, token) {
            arrived(entry.sequence, entry.address, at: now)
            there.append(entry.sequence)
        }
        return there.isEmpty ? .noted : .arrived(there)
    }

    private mutating func arrived(_ sequence: UInt64, _ address: String, at now: MonotonicInstant) {
        suspects.answered(sequence)
        let released = refusals.taken(sequence, address: address, at: now)
        if let lowest = released.ranges.first?.lowerBound { sendAgain(from: lowest) }
        unconfirmed?.insert(sequence, at: now)
    }

    /// The receiver has stored these.
    public mutating func confirmed(_ numbers: ClosedRange<UInt64>, at now: MonotonicInstant) {
        unconfirmed?.confirm(numbers, at: now)
    }

    /// What a person is to be told of what is not taken, since the last call.
    public mutating func takeNews() -> [RefusalRegister.News] { refusals.takeNews() }

    /// The backlog begins anew there, but for what is on its way or waits.
    private mutating func sendAgain(from lowest: UInt64) {
        backfillPosition = min(backfillPosition, lowest - 1)
        split = max(split, livePosition)
    }

    private mutating func sendAgainUnconfirmed(at now: MonotonicInstant) {
        guard let lowest = unconfirmed?.takeDue(at: now).ranges.first?.lowerBound else { return }
        sendAgain(from: lowest)
    }
}
