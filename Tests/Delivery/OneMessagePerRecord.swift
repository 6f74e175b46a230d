import SensorCore

@testable import Delivery

/// The session as a format of one message a record uses it, with the message's number as its token.
extension DeliverySession {
    mutating func published(
        _ sequence: UInt64, on lane: Lane, messageID: UInt16, address: String = "a", size: Int = 100, at now: MonotonicInstant
    ) {
        published(sequence, on: lane, tokens: [UInt64(messageID)], address: address, size: size, at: now)
        handedOver(UInt64(messageID), address: address, size: size, at: now)
    }

    mutating func acknowledged(
        _ messageID: UInt16, reasonCode: UInt8, at now: MonotonicInstant, using generator: inout some RandomNumberGenerator
    ) -> Acknowledgement {
        let answer: TransportAnswer =
            switch reasonCode {
            case 0: .taken
            case 0x10: .refused(TransportRefusal(.nobodyListens, code: 0x10, reason: "nobody"))
            case 0x95: .refused(TransportRefusal(.tooLarge, code: 0x95, reason: "too large"))
            default: .refused(TransportRefusal(.unwanted, code: reasonCode, reason: "refused"))
            }
        return answered(UInt64(messageID), answer, at: now, using: &generator)
    }

    mutating func connected(receiveMaximum: UInt16?, at now: MonotonicInstant) {
        connected(unansweredAtMost: receiveMaximum.map(Int.init), at: now)
    }
}
