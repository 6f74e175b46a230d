import Delivery
import Glibc
import HostFiles
import SensorCore
import Synchronization
import TestSupport
import TransportProcess

/// The other end of a transport's socket, in the hands of a test: no process is behind it.
final class ScriptedProcess: TransportWay {
    private let end = Mutex<Int32>(-1)
    private let opened = Mutex(0)
    private let frames = Mutex(FrameStream())

    var openings: Int { opened.withLock { $0 } }

    func open() throws(ProcessTrouble) -> TransportLink {
        var ends: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
            throw .cannotSpawn(errno: errno)
        }
        hangUp()
        end.withLock { $0 = ends[1] }
        frames.withLock { $0 = FrameStream() }
        opened.withLock { $0 += 1 }
        return TransportLink(descriptor: ends[0], child: nil)
    }

    deinit { hangUp() }

    func hangUp() {
        end.withLock {
            if $0 >= 0 { close($0) }
            $0 = -1
        }
    }

    func send(_ frames: TransportFrame...) {
        var bytes: [UInt8] = []
        for frame in frames { _ = frame.write(to: &bytes) }
        send(bytes: bytes)
    }

    func send(bytes: [UInt8]) { _ = Glibc.send(end.withLock { $0 }, bytes, bytes.count, Int32(MSG_NOSIGNAL)) }

    /// What the node has said since the last call.
    func takeFrames() -> [TransportFrame] {
        frames.withLock { stream in
            var found: [TransportFrame] = []
            while true {
                switch stream.next() {
                case .frame(let frame): found.append(frame)
                case .nonsense: return found
                case .incomplete: if stream.read(from: end.withLock { $0 }) != .something { return found }
                }
            }
        }
    }
}

/// A transport whose process is a script, with a clock that a test moves.
final class ScriptedTransport {
    let process = ScriptedProcess()
    let transport: ProcessTransport
    private final class Time { var now = MonotonicInstant(nanoseconds: 1_000_000_000) }
    private let time = Time()

    init() throws {
        let time = time
        transport = ProcessTransport(
            settings: MQTTSettings(host: "a.example", port: 1883, clientID: "node"), wake: try WakeEvent(), way: process, now: { time.now })
    }

    func pass(_ seconds: Int64) { time.now = time.now + .seconds(seconds) }

    /// One wait without a pause, and what it brought.
    func events() -> [TransportEvent] {
        transport.wait(milliseconds: 0)
        return transport.takeEvents()
    }

    /// Connected, with nothing left to read on either side.
    func connect() {
        transport.connect(will: nil)
        process.send(
            .ready(version: TransportFrame.version, library: "libmosquitto 9.9.9"), .resolving, .event(connection: 1, .trying),
            .event(connection: 1, .connected(to: "broker a.example:1883", unansweredAtMost: 20)))
        _ = events()
        _ = process.takeFrames()
    }
}

extension [TransportEvent] {
    /// The fault that ends a connection, if the last event is its end.
    var fault: TransportFault? { if case .closed(let fault)? = last { fault } else { nil } }
}
