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
/// - Each lane ascends on a connection, but for records that are offered again after a refusal.
/// - Only a record that was acknowledged, or confirmed by its receiver where that is asked for, counts as delivered.
/// - What is not when a connection ends is offered again on the next one.
/// - A record the broker refuses is offered again after a back-off. One that stays refused while others pass is set
///   aside, said, and offered again from time to time: it is never counted as delivered. When everything is refused,
///   nothing is set aside, and everything waits.
public struct DeliverySession: Sendable {
    public enum State: Hashable, Sendable {
        case idle
        case connecting(since: MonotonicInstant)
        case connected(since: MonotonicInstant)
        case backingOff(until: MonotonicInstant)
    }

    public enum Lane: Hashable, Sendable, CaseIterable {
        case live, backfill
    }

    public enum Action: Hashable, Sendable {
        /// Begin a connection, and say so with `connecting(at:)`.
        case connect
        /// Send up to `limit` unacknowledged records of `after + 1 ... through`; report each with `published` or
        /// `refused`, or the lack of any with `exhausted`. Pass over those that `holds` names.
        case publish(Lane, after: UInt64, through: UInt64, limit: Int)
        /// Send this record again; report `published`, `refused`, or `gone` when the journal no longer keeps it.
        case publishAgain(Lane, sequence: UInt64)
        /// Give up what is owed of `after + 1 ... through`, since this destination takes no backlog; report `exhausted`.
        case passOver(after: UInt64, through: UInt64)
        /// End this connection: the broker did not do its part in time. Report `connectionEnded`.
        case abandon
        /// Nothing to do before `until`, unless something is reported.
        case wait(until: MonotonicInstant)
    }

    /// What an answer meant.
    public enum Acknowledgement: Hashable, Sendable {
        /// These records are wholly there now. Nothing more is to be waited for unless their receiver is to confirm them.
        case arrived([UInt64])
        /// These records will not be taken as they are.
        case refused([UInt64])
        /// The message was waited for, and no record by it alone.
        case noted
        /// Nothing was waiting for it: answered twice, or never sent.
        case unexpected
    }

    public let timing: DeliveryTiming
    public private(set) var state = State.idle
    /// Acknowledgements that nothing was waiting for.
    public private(set) var unexpectedAcknowledgements: UInt64 = 0
    /// What stays refused.
    public private(set) var refusals: RefusalRegister

    private let configuredWindow: Int
    private let lanes: DeliveryLanes
    private var window: Int
    /// Messages unanswered at most, whatever is in them; nil for no limit.
    private var messageLimit: Int?
    private var unansweredMessages: Set<UInt64> = []
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
    private var pausedUntil: MonotonicInstant?

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
        unconfirmed = needsReceipts ? UnconfirmedRecords() : nil
        connectionBackOff = BackOff(first: timing.firstBackOff, longest: timing.longestBackOff)
    }

    /// Records sent and unanswered, or refused and to be sent again.
    public var outstandingCount: Int { outstanding.count }
    /// Records the broker has and their receiver has not confirmed.
    public var unconfirmedCount: UInt64 { unconfirmed?.count ?? 0 }
    /// Everything available was sent and has arrived, but for what is set aside.
    public var isDrained: Bool {
        outstanding.isEmpty && unconfirmedCount == 0 && backfillPosition >= split && livePosition >= lastAvailable
    }
    /// All of the backlog was read and sent, though maybe not answered yet.
    public var backlogIsSent: Bool { backfillPosition >= split }
    /// Messages that may be handed over now.
    public var messageRoom: Int { messageLimit.map { max(0, $0 - unansweredMessages.count) } ?? .max }
    /// Slots of the window that the backlog leaves to live records; none in a window of one, where they go first.
    public var liveReserve: Int { window == 1 ? 0 : max(1, window / 4) }

    /// The connection has lasted long enough to start the back-off afresh after it.
    public func isStable(at now: MonotonicInstant) -> Bool {
        if case .connected(let since) = state { now - since >= timing.stableAfter } else { false }
    }

    /// It is on its way or set aside: not to be sent, though the journal calls it unacknowledged.
    public func holds(_ sequence: UInt64) -> Bool {
        refusals.setsAside(sequence) || unconfirmed?.contains(sequence) == true
            || outstanding.contains(sequence)
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
        if !unansweredMessages.isEmpty {
            deadline = lastProgress + timing.acknowledgementTimeout
            if now >= deadline { return .abandon }
        }
        if let due = unconfirmed?.due(timeout: timing.receiptTimeout) {
            if now >= due { offerAllAgain() } else { deadline = min(deadline, due) }
        }
        if let pausedUntil {
            if now < pausedUntil { return .wait(until: min(pausedUntil, deadline)) }
            self.pausedUntil = nil
            offerAllAgain()
        }
        if let (entry, again) = outstanding.nextOffer {
            if again <= now { return .publishAgain(entry.lane, sequence: entry.sequence) }
            deadline = min(deadline, again)
        }
        let room = unconfirmed?.isFull == true ? 0 : min(window - outstanding.count, messageRoom)
        guard room > 0 else { return .wait(until: deadline) }
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
        refusals.beginConnection(at: now)
    }

    /// The connection was refused, could not be had, or was lost. Waits before the next.
    public mutating func connectionEnded(at now: MonotonicInstant, using generator: inout some RandomNumberGenerator) {
        if isStable(at: now) { connectionBackOff.reset() }
        if case .connected = state {
            lostAt = now
            // Live records that nobody acknowledged are sent once more, as live ones if the break is short.
            livePosition = min(livePosition, outstanding.lowestLive.map { $0 - 1 } ?? livePosition)
        }
        outstanding.removeAll()
        unansweredMessages.removeAll(keepingCapacity: true)
        unconfirmed?.removeAll()
        pausedUntil = nil
        state = .backingOff(until: now + connectionBackOff.nextWait(using: &generator))
    }

    /// A message is handed over. Tokens of unanswered messages differ.
    public mutating func handedOver(_ token: UInt64, at now: MonotonicInstant) {
        if unansweredMessages.isEmpty { lastProgress = now }
        unansweredMessages.insert(token)
    }

    /// A message that carries no record was answered.
    public mutating func noteAnswer(to token: UInt64, at now: MonotonicInstant) {
        if unansweredMessages.remove(token) != nil { lastProgress = now }
    }

    /// The record is on its way, or about to be: in the messages with these tokens, at least one.
    public mutating func published(_ sequence: UInt64, on lane: Lane, tokens: [UInt64]) {
        guard let first = tokens.first else { return }
        note(sequence, lane, .sent(waitingFor: first, more: Set(tokens.dropFirst())))
    }

    /// The record could not even be handed over: it is offered again after a back-off, as one that the broker refuses.
    public mutating func refused(
        _ sequence: UInt64, on lane: Lane, at now: MonotonicInstant, using generator: inout some RandomNumberGenerator
    ) {
        switch refusals.refused(sequence, limit: window, at: now, using: &generator) {
        case .offerAgain(let again): note(sequence, lane, .refused(again: again))
        case .passOver:
            note(sequence, lane, .refused(again: now))
            outstanding.remove(sequence)
        case .everythingIsRefused(let until):
            note(sequence, lane, .refused(again: until))
            pausedUntil = until
        }
    }

    /// The lane holds nothing more, though the journal had promised some.
    public mutating func exhausted(_ lane: Lane, through: UInt64) {
        switch lane {
        case .live: livePosition = max(livePosition, through)
        case .backfill: backfillPosition = max(backfillPosition, through)
        }
    }

    /// The journal no longer keeps this record.
    public mutating func gone(_ sequence: UInt64) { outstanding.remove(sequence) }

    /// The other side answered a message.
    public mutating func answered(
        _ token: UInt64?, isTaken: Bool, at now: MonotonicInstant, using generator: inout some RandomNumberGenerator
    ) -> Acknowledgement {
        guard let token, unansweredMessages.remove(token) != nil else {
            unexpectedAcknowledgements += 1
            return .unexpected
        }
        lastProgress = now
        let waiting = outstanding.waiting(for: token)
        if waiting.isEmpty { return .noted }
        var arrived: [UInt64] = []
        for entry in waiting {
            if !isTaken {
                refused(entry.sequence, on: entry.lane, at: now, using: &generator)
            } else if outstanding.settle(entry.sequence, token) {
                refusals.accepted(entry.sequence)
                unconfirmed?.insert(entry.sequence, at: now)
                arrived.append(entry.sequence)
            }
        }
        if !isTaken { return .refused(waiting.map(\.sequence)) }
        return arrived.isEmpty ? .noted : .arrived(arrived)
    }

    /// The receiver has stored these.
    public mutating func confirmed(_ numbers: ClosedRange<UInt64>, at now: MonotonicInstant) {
        unconfirmed?.confirm(numbers, at: now)
    }

    /// Set aside since the last call: the broker refuses these while it takes others.
    public mutating func takeSetAside() -> [UInt64] { refusals.takeSetAside() }

    private mutating func note(_ sequence: UInt64, _ lane: Lane, _ progress: OutstandingRecords.Progress) {
        guard outstanding.note(sequence, lane, progress) else { return }
        switch lane {
        case .live: livePosition = max(livePosition, sequence)
        case .backfill:
            backfillPosition = max(backfillPosition, sequence)
            pace.spend()
        }
    }

    /// From the oldest on, but for what is on its way.
    private mutating func offerAllAgain() {
        outstanding.removeRefused()
        unconfirmed?.removeAll()
        backfillPosition = 0
        split = max(split, livePosition)
    }
}
