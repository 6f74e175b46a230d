import CTransportProcess
import Glibc

/// Frames that arrive on a socket, whole or in pieces. Keeps at most one unread frame and a piece.
public struct FrameStream {
    public enum Arrival: Hashable {
        case something
        /// Nothing is there at the moment.
        case nothing
        /// The other side is gone.
        case end
    }

    public enum Next: Hashable {
        case frame(TransportFrame)
        /// The rest of it has not arrived.
        case incomplete
        /// What arrived is no frame; nothing that follows can be trusted.
        case nonsense
    }

    private static let piece = 64 << 10
    private var bytes: [UInt8] = []
    private var start = 0

    public init() {}

    /// Takes in what is there, at most 64 KiB. Blocks only when `waits`.
    public mutating func read(from descriptor: Int32, waits: Bool = false) -> Arrival {
        if start == bytes.count {
            bytes.removeAll(keepingCapacity: true)
            start = 0
        } else if start >= Self.piece {
            bytes.removeFirst(start)
            start = 0
        }
        return withUnsafeTemporaryAllocation(byteCount: Self.piece, alignment: 8) { room in
            while true {
                let count = recv(descriptor, room.baseAddress, room.count, waits ? 0 : Int32(MSG_DONTWAIT))
                if count > 0 {
                    bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: room[..<count]))
                    return .something
                }
                if count == 0 { return .end }
                if errno == EAGAIN { return .nothing }
                if errno != EINTR { return .end }
            }
        }
    }

    public mutating func next() -> Next {
        guard bytes.count - start >= TransportFrame.head else { return .incomplete }
        var length = 0
        for place in 0..<TransportFrame.head { length |= Int(bytes[start + place]) << (8 * place) }
        guard (1...TransportFrame.longest).contains(length) else { return .nonsense }
        let first = start + TransportFrame.head
        guard bytes.count - first >= length else { return .incomplete }
        let frame = bytes.withUnsafeBytes { TransportFrame(UnsafeRawBufferPointer(rebasing: $0[first..<first + length])) }
        start = first + length
        return frame.map { .frame($0) } ?? .nonsense
    }
}
