public import SensorCore

// What a session is in, asks for, and makes of answers.
extension DeliverySession {
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
        /// Send this record by itself; report `published`, `refused`, or `gone` when the journal no longer keeps it.
        case publishAgain(Lane, sequence: UInt64)
        /// Give up what is owed of `after + 1 ... through`, since this destination takes no backlog; report `exhausted`.
        case passOver(after: UInt64, through: UInt64)
        /// This record is not answered while others are: say so with `neverAnswered`.
        case giveUp(sequence: UInt64)
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
}
