import Delivery
import Glibc
import HostFiles
import MQTTTransport
import SensorCore
import ServiceManager
import TransportProcess

/// The transport process: does over MQTT what the node says on a socket, and says what came of it. It ends when the node's end does.
///
/// It knows no journal and no input; what it holds are two windows of messages and the password, which no one else reads.
public final class TransportServant {
    private let descriptor: Int32
    private var incoming = FrameStream()
    private var outgoing: [UInt8] = []
    private var transport: MosquittoTransport?
    private var number: UInt32 = 0
    private var window = MessageWindow(size: 1, ahead: 0)
    private var ahead = 0
    /// Not told yet.
    private var events: [TransportEvent] = []
    private var isOver = false
    /// How long answers wait for others that they are told with, in milliseconds.
    private static let pause: Int32 = 5
    /// Ends a process that neither works nor ends, when it is a service.
    private let manager = ServiceManager()
    private var toldManager = MonotonicInstant(nanoseconds: 0)

    /// - Parameter descriptor: a stream socket whose other end is the node's.
    public init(descriptor: Int32) { self.descriptor = descriptor }

    /// Limits this process for good, and works until the node ends. The process's exit code: 0, or 1 when the node does not
    /// speak as it should.
    public static func run(descriptor: Int32) -> Int32 {
        ProcessLimits.apply(tellingOn: descriptor)
        let servant = TransportServant(descriptor: descriptor)
        return servant.work()
    }

    /// Until the end; the exit code.
    func work() -> Int32 {
        say(.ready(version: TransportFrame.version, library: MosquittoTransport.library))
        flush()
        while !isOver {
            ProcessLimits.beginTurn()
            transport?.wait(milliseconds: events.isEmpty ? 1000 : Self.pause)
            // The broker's turn comes first: it has nothing to do before it has the next messages.
            let known = events.count
            collect()
            if events.count == known || !window.mayWait(events) { tell() }
            let arrival = incoming.read(from: descriptor, waits: transport == nil)
            if arrival == .end { break }
            if arrival == .something, !takeFrames() { return 1 }
            collect()
            feedWatchdog()
        }
        return 0
    }

    private func feedWatchdog() {
        guard let manager, let timeout = manager.watchdogTimeout else { return }
        let now = ProcessTransport.systemNow()
        guard now >= toldManager + TimeSpan(nanoseconds: timeout.nanoseconds / 4) else { return }
        toldManager = now
        do throws(NotificationFault) { try manager.tell(.watchdog) } catch {
            // It ends this process then, and the node asks for another.
        }
    }

    // MARK: From the node

    /// False for what is no frame of a node.
    private func takeFrames() -> Bool {
        while true {
            switch incoming.next() {
            case .frame(.publish(let message)): window.hold(message)
            case .frame(let frame):
                publish()
                guard take(frame) else { return false }
            case .incomplete:
                publish()
                return true
            case .nonsense: return false
            }
        }
    }

    private func publish() {
        let batch = window.next()
        if !batch.isEmpty { transport?.publish(batch) }
    }

    private func take(_ frame: TransportFrame) -> Bool {
        switch frame {
        case .settings(let settings):
            ahead = settings.ahead
            window = MessageWindow(size: settings.unansweredAtMost, ahead: ahead)
            transport = MosquittoTransport(
                settings: settings, wake: WakeEvent(watching: descriptor),
                willResolve: { [unowned self] in
                    // What was found out before comes first.
                    collect()
                    tell()
                    say(.resolving)
                    flush()
                })
        case .connect(let number, let will):
            _ = transport?.takeEvents()
            events = []
            window.reset()
            self.number = number
            transport?.connect(will: will)
        case .publish(let message): window.hold(message)
        case .subscribe(let address): transport?.subscribe(address)
        case .disconnect: transport?.disconnect()
        case .abandon: transport?.abandon()
        case .areYouThere: say(.present)
        case .ready, .resolving, .present, .event, .dying: return false
        }
        return transport != nil
    }

    // MARK: To the node

    /// What has happened, and what happens when room in the window is used.
    private func collect() {
        while let news = transport?.takeEvents(), !news.isEmpty {
            for event in news {
                window.note(event)
                events.append(forNode(event))
            }
            publish()
        }
    }

    /// The node may hand over more than the broker takes at once.
    private func forNode(_ event: TransportEvent) -> TransportEvent {
        guard case .connected(let peer, let most) = event else { return event }
        return .connected(to: peer, unansweredAtMost: most.map { $0 + ahead })
    }

    private func tell() {
        for event in events {
            if !say(.event(connection: number, event)), case .received(let address, let payload) = event {
                // More than a frame holds, and so more than any receipt or record of ours: its beginning says that it came.
                say(.event(connection: number, .received(address: String(address.prefix(1000)), payload: Array(payload.prefix(1000)))))
            }
            if outgoing.count > 64 << 10 { flush() }
        }
        events.removeAll(keepingCapacity: true)
        flush()
    }

    @discardableResult
    private func say(_ frame: TransportFrame) -> Bool { frame.write(to: &outgoing) }

    /// Waits for the node as long as that takes: what a broker sends meanwhile waits at the broker.
    private func flush() {
        var sent = 0
        outgoing.withUnsafeBytes { bytes in
            while sent < bytes.count {
                let count = send(descriptor, bytes.baseAddress.map { $0 + sent }, bytes.count - sent, Int32(MSG_NOSIGNAL))
                if count < 0, errno == EINTR { continue }
                if count < 0 {
                    isOver = true
                    return
                }
                sent += count
            }
        }
        outgoing.removeAll(keepingCapacity: true)
    }
}
