import Glibc
public import SensorCore
import Synchronization

/// Answers clients on the control socket, all on the one thread that calls `run`.
///
/// `run` is called once; `stop` and `turns` may be used from any thread. That is what makes `@unchecked Sendable` true.
public final class ControlServer: @unchecked Sendable {
    /// How often streams are looked after while there are some. Nothing wakes the thread without a client.
    package static let streamTurn = TimeSpan.milliseconds(50)

    private let listener: ControlListener
    private let verbs: [ControlVerb]
    private let now: @Sendable () -> MonotonicInstant
    private let peer: @Sendable (Int32) -> ControlPeer
    private var clients: [ControlConnection] = []
    private var stopPipe: [Int32] = [-1, -1]
    /// No descriptor was left for a client: not asked again until then.
    private var acceptAgain: MonotonicInstant?
    private let stopRequested = Atomic<Bool>(false)

    /// - Parameters:
    ///   - now: CLOCK_MONOTONIC in a node; deadlines of clients are reckoned by it.
    ///   - peer: who is at the other end of a descriptor.
    public init(
        path: String, verbs: [ControlVerb], now: @escaping @Sendable () -> MonotonicInstant,
        peer: @escaping @Sendable (Int32) -> ControlPeer = { ControlPeer(of: $0) }
    ) throws(ControlSocketError) {
        listener = try ControlListener(path: path)
        self.peer = peer
        self.verbs = verbs
        self.now = now
        guard pipe(&stopPipe) == 0 else {
            let code = errno
            listener.close()
            throw ControlSocketError(
                "cannot make a pipe", code: code, advice: "the process has too many open files; raise LimitNOFILE")
        }
        for end in stopPipe { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    }

    deinit { for end in stopPipe where end >= 0 { close(end) } }

    /// Makes `run` end every conversation and return.
    public func stop() {
        guard !stopRequested.exchange(true, ordering: .acquiringAndReleasing) else { return }
        var byte: UInt8 = 0
        _ = write(stopPipe[1], &byte, 1)
    }

    /// Serves until stopped; then the socket is gone.
    public func run() {
        while !stopRequested.load(ordering: .acquiring) {
            let watched = clients.count
            var polled = [pollfd(fd: stopPipe[0], events: Int16(POLLIN), revents: 0)]
            // poll passes over a negative descriptor.
            polled.append(pollfd(fd: acceptAgain == nil ? listener.descriptor : -1, events: Int16(POLLIN), revents: 0))
            for client in clients {
                polled.append(pollfd(fd: client.descriptor, events: client.wantedEvents, revents: 0))
            }
            guard poll(&polled, nfds_t(polled.count), timeout()) >= 0 || errno == EINTR else { break }
            let instant = now()
            for index in 0..<watched { serve(clients[index], polled[2 + index].revents, at: instant) }
            if polled[1].revents != 0 { acceptClients(at: instant) }
            if let again = acceptAgain, instant >= again { acceptAgain = nil }
            endConversations(at: instant)
        }
        for client in clients { client.close() }
        clients = []
        listener.close()
    }

    /// For poll, in milliseconds; negative waits for as long as it takes.
    private func timeout() -> Int32 {
        let instant = now()
        var next = acceptAgain ?? .distantFuture
        for client in clients {
            if client.session.isStreaming { next = min(next, instant + Self.streamTurn) }
            if let deadline = client.session.deadline { next = min(next, deadline) }
        }
        guard next < .distantFuture else { return -1 }
        return Int32(clamping: max(0, (next - instant).nanoseconds + 999_999) / 1_000_000)
    }

    private func endConversations(at instant: MonotonicInstant) {
        for client in clients where client.isOver(at: instant) { client.close() }
        clients.removeAll(where: \.isClosed)
    }

    private func serve(_ client: ControlConnection, _ events: Int16, at instant: MonotonicInstant) {
        func streams() -> Int {
            clients.count { $0 !== client && $0.session.isStreaming && !$0.isOver(at: instant) }
        }
        if client.session.isAsking, streams() >= ControlProtocol.streamLimit { for other in clients { other.noticeDeparture() } }
        client.serve(events, streams: streams(), at: instant)
    }

    /// Gives up the places of clients that have gone since the last look; and where all are taken still, that of the one whose
    /// request has been half for the longest: whoever connects and says nothing keeps nobody out.
    private func letGo(at instant: MonotonicInstant) {
        for client in clients {
            client.noticeDeparture()
            if client.session.isAsking { serve(client, 0, at: instant) }
        }
        endConversations(at: instant)
        guard clients.count >= ControlProtocol.clientLimit, let oldest = clients.firstIndex(where: { $0.session.isAsking }) else { return }
        clients[oldest].turnAway(at: instant)
        clients.remove(at: oldest)
    }

    private func acceptClients(at instant: MonotonicInstant) {
        while true {
            let descriptor = accept(listener.descriptor, nil, nil)
            guard descriptor >= 0 else {
                if errno == EMFILE || errno == ENFILE || errno == ENOMEM { acceptAgain = instant + .seconds(1) }
                return
            }
            _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
            _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
            let client = ControlConnection(descriptor, verbs: verbs, peer: peer(descriptor), at: instant)
            if clients.count >= ControlProtocol.clientLimit { letGo(at: instant) }
            if clients.count >= ControlProtocol.clientLimit {
                client.turnAway(at: instant)
            } else {
                clients.append(client)
            }
        }
    }
}
