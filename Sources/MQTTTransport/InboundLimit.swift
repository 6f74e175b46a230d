import CMosquitto
import Glibc

/// How much a broker may send to one that only publishes: libmosquitto takes any packet into memory, whole.
struct InboundLimit {
    /// For the handshake, CONNACK, keep-alive and whatever else is small.
    static let base: UInt64 = 64 << 10
    /// A PUBACK with a reason string fits.
    static let perAnswer: UInt64 = 256
    /// Receipts, and answers to keep-alives.
    static let perSecond: UInt64 = 1 << 10

    /// False for those who asked for messages.
    var isLimited = true
    private var answers: UInt64 = 0
    private let began = Self.seconds()

    /// A message was sent, which the broker may answer.
    mutating func expectAnswer() { answers += 1 }

    func isExceeded(onSocket socket: Int32) -> Bool {
        guard isLimited else { return false }
        let allowed = Self.base + answers * Self.perAnswer + (Self.seconds() - began) * Self.perSecond
        return reallabor_bytes_received(socket) > allowed
    }

    private static func seconds() -> UInt64 {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        return UInt64(now.tv_sec)
    }
}
