import Glibc
import SensorCore

/// A client's socket with its conversation. Belongs to the control thread.
final class ControlConnection {
    /// Read at once, so that a client that floods does not hold up the others.
    private static let pieceSize = 4096

    private(set) var descriptor: Int32
    private(set) var session: ControlSession
    private let verbs: [ControlVerb]
    private let peer: ControlPeer
    private var mayStream = true
    private var stream: (any ControlStream)?
    private var isBroken = false

    init(_ descriptor: Int32, verbs: [ControlVerb], peer: ControlPeer, at now: MonotonicInstant) {
        self.descriptor = descriptor
        self.peer = peer
        self.verbs = verbs
        session = ControlSession(verbs: verbs, at: now)
    }

    var isClosed: Bool { descriptor < 0 }

    /// A client that has gone is reported whatever is asked for; half a close is not: it may still read.
    var wantedEvents: Int16 {
        Int16(session.isAsking ? POLLIN : 0) | Int16(session.pending.isEmpty ? 0 : POLLOUT)
    }

    func isOver(at now: MonotonicInstant) -> Bool {
        isBroken || session.isFinished || session.deadline.map { $0 <= now } ?? false
    }

    /// - Parameter streams: those of other clients.
    func serve(_ events: Int16, streams: Int, at now: MonotonicInstant) {
        mayStream = streams < ControlProtocol.streamLimit
        // Without an event too: the socket does not wait.
        if session.isAsking { receive(at: now) } else if events & Int16(POLLHUP | POLLERR) != 0 { isBroken = true }
        if let stream, session.isStreaming, !isBroken { session.add(stream.take(), at: now) }
        send(at: now)
    }

    func noticeDeparture() {
        var polled = pollfd(fd: descriptor, events: 0, revents: 0)
        if poll(&polled, 1, 0) > 0, polled.revents & Int16(POLLHUP | POLLERR) != 0 { isBroken = true }
    }

    func turnAway(at now: MonotonicInstant) {
        session.refuse(
            ControlRefusal(
                "too_many_clients", ["limit": .whole(ControlProtocol.clientLimit)],
                "\(ControlProtocol.clientLimit) clients are connected already; try again later"), at: now)
        send(at: now)
        close()
    }

    func close() {
        guard !isClosed else { return }
        stream?.close()
        stream = nil
        // What the client sent too much, as far as it is there: closing with unread bytes would end its reading with a
        // reset, as if the answer were cut off.
        var piece = [UInt8](repeating: 0, count: Self.pieceSize)
        for _ in 0..<64 where recv(descriptor, &piece, piece.count, Int32(MSG_DONTWAIT)) <= 0 { break }
        Glibc.close(descriptor)
        descriptor = -1
    }

    private func receive(at now: MonotonicInstant) {
        var piece = [UInt8](repeating: 0, count: Self.pieceSize)
        let count = recv(descriptor, &piece, piece.count, 0)
        if count > 0 {
            guard let request = session.receive(piece[..<count], at: now) else { return }
            answer(request, at: now)
        } else if count == 0 {
            session.endInput(at: now)
        } else if errno != EAGAIN && errno != EINTR {
            isBroken = true
        }
    }

    private func answer(_ request: ControlRequest, at now: MonotonicInstant) {
        guard let verb = verbs.first(where: { $0.name == request.verb }) else { return }
        do throws(ControlRefusal) {
            if verb.changes, !peer.mayChange() {
                throw ControlRefusal(
                    "only_root", ["request": .text(verb.name)],
                    "\(verb.name) changes what is measured: only root may, with sudo; to look is for the group too")
            }
            switch try verb.answer(request) {
            case .body(let bytes): session.answer(body: bytes, at: now)
            case .stream(let begun):
                guard mayStream else {
                    begun.close()
                    throw ControlRefusal(
                        "too_many_streams", ["limit": .whole(ControlProtocol.streamLimit)],
                        "\(ControlProtocol.streamLimit) clients look on already; try again later")
                }
                stream = begun
                session.beginStream(at: now)
            }
        } catch {
            session.refuse(error, at: now)
        }
    }

    private func send(at now: MonotonicInstant) {
        while !isBroken, !session.pending.isEmpty {
            let count = session.pending.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count > 0 {
                session.wrote(count, at: now)
            } else if errno != EINTR {
                if errno != EAGAIN { isBroken = true }
                return
            }
        }
    }
}
