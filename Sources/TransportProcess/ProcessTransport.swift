import CTransportProcess
public import Delivery
import Glibc
public import HostFiles
public import SensorCore

/// A transport in a process of its own: whatever a broker sends can end, stop or swell that process and no other.
///
/// Belongs to one thread. The process is made with the first connection and kept for those that follow; when it ends, hangs or sends
/// nonsense the connection is closed and says so, and the next `connect`, after the session's back-off, makes a new one.
public final class ProcessTransport: DeliveryTransport {
    /// What may wait to be taken by the process before `publish` waits for it.
    private static let mostWaiting = TransportFrame.longest
    /// More than a window's answers within one turn are no answers.
    private static let mostEvents = 200_000

    private let settings: MQTTSettings
    private let wake: WakeEvent
    private let way: any TransportWay
    private let now: () -> MonotonicInstant
    private var process: Connected?
    /// Of the newest connection: what comes of earlier ones is of no interest.
    private var number: UInt32 = 0
    private var connection = ConnectionState.none
    private var peer: String
    private var events: [TransportEvent] = []

    private enum ConnectionState { case none, trying, accepted }

    /// A process, with what was said to it and not yet taken, and what it said and is not yet read.
    private final class Connected {
        let link: TransportLink
        var patience: ProcessPatience
        var incoming = FrameStream()
        var outgoing: [UInt8] = []
        var taken = 0
        var library: String?
        /// It has named the version that this program speaks.
        var isKnown = false
        var dying: Int32?

        var waiting: Int { outgoing.count - taken }

        init(link: TransportLink, at now: MonotonicInstant) {
            self.link = link
            patience = ProcessPatience(at: now)
        }
    }

    /// - Parameters:
    ///   - settings: hold no secret; files they name are read by the process.
    ///   - way: to the process.
    public init(
        settings: MQTTSettings, wake: WakeEvent, way: any TransportWay, now: @escaping () -> MonotonicInstant = ProcessTransport.systemNow
    ) {
        self.settings = settings
        self.wake = wake
        self.way = way
        self.now = now
        peer = settings.firstPeer
    }

    public var ahead: Int { settings.ahead }

    /// CLOCK_MONOTONIC.
    public static func systemNow() -> MonotonicInstant {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return MonotonicInstant(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }

    public func connect(will: OutgoingMessage?) {
        number &+= 1
        events = []
        connection = .trying
        peer = settings.firstPeer
        if process == nil {
            do throws(ProcessTrouble) {
                process = Connected(link: try way.open(), at: now())
            } catch {
                return close(error)
            }
            _ = say(.settings(settings))
        }
        if !say(.connect(number: number, will: will)) { _ = say(.connect(number: number, will: nil)) }
        flush()
    }

    public func publish(_ messages: [TransportMessage]) {
        guard connection == .accepted else { return }
        for message in messages where !say(.publish(message)) {
            let reason: Sentence =
                "\(message.message.payload.count) bytes are more than one message may have: at most \(TransportFrame.longest)"
            events.append(.answered(token: message.token, .refused(TransportRefusal(.unsendable, reason: reason))))
        }
        flush()
        // The session bounds what is unanswered; this bounds what it takes in memory.
        let end = now() + ProcessPatience.all
        while let process, process.waiting > Self.mostWaiting {
            turn(milliseconds: 1000)
            if now() >= end, self.process === process { self.end(.hangs) }
        }
    }

    public func subscribe(_ address: String) {
        _ = say(.subscribe(address))
        flush()
    }

    public func disconnect() {
        _ = say(.disconnect)
        flush()
    }

    /// Waits until the process has given the place up: a moment, or as long as its silence is borne.
    public func abandon() {
        guard let process, connection != .none else { return }
        if !process.patience.isResolving {
            _ = say(.abandon)
            flush()
            let (known, end) = (events.count, now() + ProcessPatience.all)
            while self.process === process, !process.patience.isResolving, connection != .none, !events[known...].contains(.trying) {
                turn(milliseconds: 1000)
                if now() >= end, self.process === process { self.end(.hangs) }
            }
        }
        // The session gives the next place a time of its own.
        if connection == .trying, events.last != .trying { events.append(.trying) }
    }

    public func wait(milliseconds: Int32) {
        turn(milliseconds: events.isEmpty ? milliseconds : 0)
        // A name that is being resolved takes its time: the session's begins when it is over.
        if connection == .trying, process?.patience.isResolving == true, events.isEmpty { events.append(.trying) }
    }

    public func takeEvents() -> [TransportEvent] {
        defer { events.removeAll(keepingCapacity: true) }
        return events
    }

    // MARK: The socket

    /// False when the frame is too long for one.
    private func say(_ frame: TransportFrame) -> Bool { process.map { frame.write(to: &$0.outgoing) } ?? true }

    /// As much as it takes without waiting.
    private func flush() {
        guard let process, process.waiting > 0 else { return }
        let sent = process.outgoing.withUnsafeBytes { bytes in
            send(
                process.link.descriptor, bytes.baseAddress.map { $0 + process.taken }, process.waiting,
                Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL))
        }
        // A process that is gone is seen when its socket is read.
        guard sent > 0 else { return }
        process.taken += sent
        if process.waiting == 0 {
            process.outgoing.removeAll(keepingCapacity: true)
            process.taken = 0
        } else if process.taken > Self.mostWaiting {
            process.outgoing.removeFirst(process.taken)
            process.taken = 0
        }
    }

    /// Waits, sends what waits, takes in what came, and looks after the process.
    private func turn(milliseconds: Int32) {
        let socket = process?.link.descriptor ?? -1
        let wanted = Int16(POLLIN) | (process.map { $0.waiting > 0 } == true ? Int16(POLLOUT) : 0)
        var entries = (
            pollfd(fd: wake.descriptor, events: Int16(POLLIN), revents: 0), pollfd(fd: socket, events: wanted, revents: 0)
        )
        let ready = withUnsafeMutablePointer(to: &entries) { pair in
            pair.withMemoryRebound(to: pollfd.self, capacity: 2) { poll($0, 2, milliseconds) }
        }
        if ready > 0 {
            if entries.0.revents != 0 { wake.clear() }
            if entries.1.revents & Int16(POLLOUT) != 0 { flush() }
            if entries.1.revents & ~Int16(POLLOUT) != 0 { read() }
        }
        lookAfter()
    }

    private func read() {
        guard let process else { return }
        switch process.incoming.read(from: process.link.descriptor) {
        case .something:
            process.patience.heard(at: now())
            takeFrames(at: now())
        case .end: end(process.dying.map { .signal($0) } ?? process.link.ending())
        case .nothing: break
        }
    }

    private func takeFrames(at now: MonotonicInstant) {
        while let process {
            switch process.incoming.next() {
            case .frame(let frame):
                process.patience.heard(at: now)
                if let trouble = take(frame, of: process, at: now) { return end(trouble) }
                if events.count > Self.mostEvents { return end(.nonsense) }
            case .nonsense: return end(process.isKnown ? .nonsense : .otherVersion)
            case .incomplete: return
            }
        }
    }

    /// What is wrong with it, if anything is.
    private func take(_ frame: TransportFrame, of process: Connected, at now: MonotonicInstant) -> ProcessTrouble? {
        guard process.isKnown else {
            guard case .ready(TransportFrame.version, let library) = frame else { return .otherVersion }
            process.isKnown = true
            process.library = library
            return nil
        }
        switch frame {
        case .resolving: process.patience.resolves(at: now)
        case .present: break
        case .dying(let signal): process.dying = Int32(signal)
        case .event(let of, let event) where of == number: return take(event)
        case .event: break
        case .ready, .settings, .connect, .publish, .subscribe, .disconnect, .abandon, .areYouThere: return .nonsense
        }
        return nil
    }

    /// What came of the connection, as far as such a thing can come of it now.
    private func take(_ event: TransportEvent) -> ProcessTrouble? {
        switch (event, connection) {
        case (_, .none): return nil
        case (.trying, .trying): break
        case (.connected(let peer, _), .trying):
            connection = .accepted
            self.peer = peer
        case (.closed, _): connection = .none
        case (.answered, .accepted), (.subscribed, .accepted), (.received, .accepted), (.remark, .accepted): break
        case (.trying, .accepted), (.connected, .accepted), (_, .trying): return .nonsense
        }
        events.append(event)
        return nil
    }

    private func lookAfter() {
        guard let process else { return }
        switch process.patience.verdict(at: now()) {
        case .fine: break
        case .ask:
            // What waits to be taken is question enough, and one more would only be added to it.
            if process.waiting == 0 { _ = say(.areYouThere) }
            process.patience.asked(at: now())
            flush()
        case .hangs: end(process.patience.isResolving ? .hangsResolving : .hangs)
        }
    }

    // MARK: Ends

    private func end(_ trouble: ProcessTrouble) {
        let library = process?.library
        process?.link.end()
        process = nil
        close(trouble, library: library)
    }

    /// Told with the connection that it ends; without one the next makes a new process, and nothing was lost.
    private func close(_ trouble: ProcessTrouble, library: String? = nil) {
        guard connection != .none else { return }
        let wasConnected = connection == .accepted
        connection = .none
        events.append(
            .closed(
                TransportFault(
                    trouble.sentence(peer: peer, library: library), wasConnected: wasConnected,
                    mayBeOverAMessage: trouble.mayBeOverAMessage)))
    }
}

extension MQTTSettings {
    fileprivate var firstPeer: String { brokers.first.map { "broker \($0.host):\($0.port)" } ?? "the broker" }
}
