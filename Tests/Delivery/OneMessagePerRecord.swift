import SensorCore

@testable import Delivery

/// The session as a format of one message a record uses it, with the message's number as its token.
extension DeliverySession {
    mutating func published(_ sequence: UInt64, on lane: Lane, messageID: UInt16, at now: MonotonicInstant) {
        published(sequence, on: lane, tokens: [UInt64(messageID)])
        handedOver(UInt64(messageID), at: now)
    }

    mutating func acknowledged(
        _ messageID: UInt16, reasonCode: UInt8, at now: MonotonicInstant, using generator: inout some RandomNumberGenerator
    ) -> Acknowledgement {
        answered(UInt64(messageID), isTaken: reasonCode < 0x80, at: now, using: &generator)
    }

    mutating func connected(receiveMaximum: UInt16?, at now: MonotonicInstant) {
        connected(unansweredAtMost: receiveMaximum.map(Int.init), at: now)
    }
}
