public import SensorCore

/// Decides what to send, when, and what counts as delivered. Does nothing itself.
///
/// States: `idle` (not begun), `connecting`, `connected`, `backingOff`. The owner asks `next(at:)` what to do and
/// reports what came of it.
///
/// What holds at any moment:
/// - At most one window of records is sent and not yet covered by the cursor.
/// - The cursor only moves over records that were acknowledged, or that the journal no longer keeps, without a gap.
/// - What is not covered by the cursor when a connection ends is sent again on the next one, from the cursor on.
/// - A record the broker refuses is offered again after a back-off, for ever: it is never left out.
public struct DeliverySession: Sendable {
    public enum State: Hashable, Sendable {
        case idle
        case connecting(since: MonotonicInstant)
        case connected(since: MonotonicInstant)
        case backingOff(until: MonotonicInstant)
    }

    public enum Action: Hashable, Sendable {
        /// Begin a connection, and say so with `connecting(at:)`.
        case connect
        /// Send up to `limit` records that follow `sequence`; report each with `published` or `refused`, or the lack of
        /// any with `exhausted`.
        case publish(after: UInt64, limit: Int)
        /// Send this record again; report `published`, `refused`, or `gone` when the journal no longer keeps it.
        case publishAgain(sequence: UInt64)
        /// End this connection: the broker did not do its part in time. Report `connectionEnded`.
        case abandon
        /// Nothing to do before `until`, unless something is reported.
        case wait(until: MonotonicInstant)
    }

    /// What an acknowledgement meant.
    public enum Acknowledgement: Hashable, Sendable {
        /// The record has arrived. `cursor` is set when everything up to and including it has.
        case arrived(cursor: UInt64?)
        /// The broker said no (MQTT 5.0 §3.4.2.1, reason code 0x80 and above).
        case refused(sequence: UInt64)
        /// Nothing was waiting for it: acknowledged twice, or never sent.
        case unexpected
    }

    private enum Progress: Hashable, Sendable {
        case sent(messageID: UInt16)
        case arrived
        case refused
    }

    private struct Outstanding: Hashable, Sendable {
        var sequence: UInt64
        var progress: Progress

        var isUnanswered: Bool {
            if case .sent = progress { true } else { false }
        }
    }

    public let timing: DeliveryTiming
    public private(set) var state = State.idle
    /// Everything up to here has arrived.
    public private(set) var cursor: UInt64
    /// Acknowledgements that nothing was waiting for.
    public private(set) var unexpectedAcknowledgements: UInt64 = 0

    private let configuredWindow: Int
    private var window: Int
    /// Sent and not yet covered by the cursor, ascending.
    private var outstanding: [Outstanding] = []
    /// The highest sequence that was taken from the journal on this connection.
    private var position: UInt64
    private var lastAvailable: UInt64 = 0
    private var lastProgress = MonotonicInstant(nanoseconds: 0)
    private var connectionBackOff: BackOff
    private var refusalBackOff: BackOff
    private var pausedUntil: MonotonicInstant?

    /// `cursor` is the journal's: everything up to it was acknowledged in earlier lives. `window` is at least 1.
    public init(cursor: UInt64, window: Int, timing: DeliveryTiming) {
        precondition(window >= 1, "a window of no records sends nothing")
        self.cursor = cursor
        self.timing = timing
        configuredWindow = window
        self.window = window
        position = cursor
        connectionBackOff = BackOff(first: timing.firstBackOff, longest: timing.longestBackOff)
        refusalBackOff = BackOff(first: timing.firstBackOff, longest: timing.longestBackOff)
    }

    /// Records sent and not yet covered by the cursor.
    public var outstandingCount: Int { outstanding.count }
    /// Everything available was sent and has arrived.
    public var isDrained: Bool { outstanding.isEmpty && position >= lastAvailable }

    /// The connection has lasted long enough to start the back-off afresh after it.
    public func isStable(at now: MonotonicInstant) -> Bool {
        if case .connected(let since) = state { now - since >= timing.stableAfter } else { false }
    }

    // MARK: What to do

    public func next(at now: MonotonicInstant) -> Action {
        switch state {
        case .idle: return .connect
        case .backingOff(let until): return now >= until ? .connect : .wait(until: until)
        case .connecting(let since):
            let limit = since + timing.connectTimeout
            return now >= limit ? .abandon : .wait(until: limit)
        case .connected: return nextWhenConnected(at: now)
        }
    }

    private func nextWhenConnected(at now: MonotonicInstant) -> Action {
        var deadline = MonotonicInstant.distantFuture
        if outstanding.contains(where: \.isUnanswered) {
            deadline = lastProgress + timing.acknowledgementTimeout
            if now >= deadline { return .abandon }
        }
        if let pausedUntil, now < pausedUntil { return .wait(until: min(pausedUntil, deadline)) }
        if let refused = outstanding.first(where: { $0.progress == .refused }) {
            return .publishAgain(sequence: refused.sequence)
        }
        let room = window - outstanding.count
        if room > 0, position < lastAvailable { return .publish(after: position, limit: room) }
        return .wait(until: deadline)
    }

    // MARK: What came of it

    /// The journal holds records up to `sequence`.
    public mutating func recordsAvailable(through sequence: UInt64) { lastAvailable = sequence }

    /// A connection, or the next address of the same try, was begun.
    public mutating func connecting(at now: MonotonicInstant) { state = .connecting(since: now) }

    /// The broker accepted the node. `receiveMaximum` is what its CONNACK allows (MQTT 5.0 §3.2.2.3.3), nil if it
    /// names none.
    public mutating func connected(receiveMaximum: UInt16?, at now: MonotonicInstant) {
        window = max(1, min(configuredWindow, receiveMaximum.map(Int.init) ?? configuredWindow))
        state = .connected(since: now)
    }

    /// The connection was refused, could not be had, or was lost. Waits before the next.
    public mutating func connectionEnded(at now: MonotonicInstant, using generator: inout some RandomNumberGenerator) {
        if isStable(at: now) { connectionBackOff.reset() }
        outstanding.removeAll(keepingCapacity: true)
        position = cursor
        pausedUntil = nil
        state = .backingOff(until: now + connectionBackOff.nextWait(using: &generator))
    }

    /// The record is on its way. Message ids of unanswered records differ.
    public mutating func published(_ sequence: UInt64, messageID: UInt16, at now: MonotonicInstant) {
        if !outstanding.contains(where: \.isUnanswered) { lastProgress = now }
        note(sequence, .sent(messageID: messageID))
    }

    /// The record could not even be handed over: it is offered again after a back-off.
    public mutating func refused(
        _ sequence: UInt64, at now: MonotonicInstant, using generator: inout some RandomNumberGenerator
    ) {
        note(sequence, .refused)
        pausedUntil = now + refusalBackOff.nextWait(using: &generator)
    }

    /// The journal holds nothing after the position it was asked for, though it had promised some.
    public mutating func exhausted() { lastAvailable = position }

    /// The journal no longer keeps this record. Returns the cursor if that moved it.
    public mutating func gone(_ sequence: UInt64) -> UInt64? {
        note(sequence, .arrived)
        return advanceCursor()
    }

    /// A PUBACK came. `reasonCode` is 0 with MQTT 3.1.1.
    public mutating func acknowledged(
        _ messageID: UInt16, reasonCode: UInt8, at now: MonotonicInstant,
        using generator: inout some RandomNumberGenerator
    ) -> Acknowledgement {
        guard let index = outstanding.firstIndex(where: { $0.progress == .sent(messageID: messageID) }) else {
            unexpectedAcknowledgements += 1
            return .unexpected
        }
        lastProgress = now
        let sequence = outstanding[index].sequence
        if reasonCode >= 0x80 {
            refused(sequence, at: now, using: &generator)
            return .refused(sequence: sequence)
        }
        outstanding[index].progress = .arrived
        return .arrived(cursor: advanceCursor())
    }

    private mutating func note(_ sequence: UInt64, _ progress: Progress) {
        if sequence > position {
            outstanding.append(Outstanding(sequence: sequence, progress: progress))
            position = sequence
        } else if let index = outstanding.firstIndex(where: { $0.sequence == sequence }) {
            outstanding[index].progress = progress
        }
    }

    private mutating func advanceCursor() -> UInt64? {
        let arrived = outstanding.prefix { $0.progress == .arrived }
        guard let last = arrived.last else { return nil }
        cursor = last.sequence
        outstanding.removeFirst(arrived.count)
        // Only the head of the line tells that refusals are over: others may pass while one record keeps failing.
        refusalBackOff.reset()
        return cursor
    }
}
