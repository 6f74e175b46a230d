import Glibc
import SensorCore
import Synchronization
import TestSupport
import Testing

@testable import ControlSocket

/// A server on a thread and a socket of its own, with a verb of each kind.
final class ServerUnderTest {
    let path: String
    let opened = Counter()
    let closed = Counter()
    private let folder: ScratchFolder
    private let server: ControlServer
    private var thread = pthread_t()
    private var isStopped = false

    final class Counter: Sendable {
        private let value = Atomic<Int>(0)
        func load(ordering: AtomicLoadOrdering) -> Int { value.load(ordering: .acquiring) }
        func increment() { value.add(1, ordering: .acquiringAndReleasing) }
    }

    /// - Parameter more: verbs besides.
    init(_ more: [ControlVerb] = [], peer: @escaping @Sendable (Int32) -> ControlPeer = { ControlPeer(of: $0) }) throws {
        folder = ScratchFolder()
        path = folder.path + "/control.sock"
        let (opened, closed) = (opened, closed)
        server = try ControlServer(
            path: path,
            verbs: [
                ControlVerb(name: "echo", usage: "WORD", argumentCount: 1) { request throws(ControlRefusal) in
                    .body(Array("\(request.arguments[0])\n".utf8))
                },
                ControlVerb(name: "keep", usage: "", argumentCount: 0, takesPayload: true) {
                    request throws(ControlRefusal) in
                    let last = request.payload.suffix(1)
                    return .body(Array("\(request.payload.count) \(String(decoding: last, as: UTF8.self))\n".utf8))
                },
                ControlVerb(name: "refuse", usage: "", argumentCount: 0) { _ throws(ControlRefusal) in
                    throw ControlRefusal("no_channel", ["channel": .text("gaet")], "no channel 'gaet':\ndid you mean 'gate'?")
                },
                ControlVerb(name: "count", usage: "", argumentCount: 0) { _ throws(ControlRefusal) in
                    opened.increment()
                    return .stream(CountingStream(closed))
                },
            ] + more,
            now: { MonotonicInstant(nanoseconds: 1) }, peer: peer)
        let body = Unmanaged.passRetained(server)
        pthread_create(
            &thread, nil,
            { argument in
                if let argument { Unmanaged<ControlServer>.fromOpaque(argument).takeRetainedValue().run() }
                return nil
            }, body.toOpaque())
    }

    deinit { stop() }

    func stop() {
        guard !isStopped else { return }
        isStopped = true
        server.stop()
        pthread_join(thread, nil)
    }

    func failure(_ body: () throws(ControlSocketError) -> Void) -> ControlSocketError? { thrown(body) }
}

func thrown(_ body: () throws(ControlSocketError) -> Void) -> ControlSocketError? {
    do throws(ControlSocketError) {
        try body()
        return nil
    } catch {
        return error
    }
}

/// 0, 1, 2 …, a hundred at a time.
private final class CountingStream: ControlStream {
    private let closed: ServerUnderTest.Counter
    private var next = 0

    init(_ closed: ServerUnderTest.Counter) { self.closed = closed }

    func take() -> ControlLines {
        defer { next += 100 }
        return ControlLines(lines: (next..<next + 100).map(String.init))
    }

    func close() { closed.increment() }
}

/// A client that need not behave.
final class RawClient {
    private var descriptor: Int32

    init(_ path: String) throws {
        descriptor = makeSocket(isBlocking: true)
        let code = try SocketAddress(path: path).connect(descriptor)
        if code != 0 { throw ControlSocketError("cannot connect", code: code, advice: "") }
    }

    deinit { close() }

    func close() {
        if descriptor >= 0 { Glibc.close(descriptor) }
        descriptor = -1
    }

    /// Ends early where the server has hung up.
    func send(_ text: String) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            if count <= 0 { return }
            rest = rest.dropFirst(count)
        }
    }

    func endSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    func readAll() -> String {
        var all: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = recv(descriptor, &piece, piece.count, 0)
            if count < 0 { all += Array("(errno \(errno))".utf8) }
            if count <= 0 { return String(decoding: all, as: UTF8.self) }
            all += piece[..<count]
        }
    }
}
