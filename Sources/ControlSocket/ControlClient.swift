import Glibc
public import SensorCore

/// A client's side: one request, and its answer line by line. Belongs to one thread.
public final class ControlClient {
    public enum Line: Hashable, Sendable {
        case text(String)
        /// The node ended the answer, or itself.
        case end
        /// Nothing came until the deadline, or `wake` became readable; ask again.
        case waiting
    }

    private static let lineLimit = ControlProtocol.answerLimit

    private let descriptor: Int32
    private let path: String
    private var buffer: [UInt8] = []
    private var taken = 0
    private var hasEnded = false

    public init(path: String) throws(ControlSocketError) {
        let address = try SocketAddress(path: path)
        self.path = path
        descriptor = makeSocket(isBlocking: true)
        let code = descriptor < 0 ? errno : address.connect(descriptor)
        guard code == 0 else {
            // deinit closes it, also when this throws.
            let advice: Sentence =
                switch code {
                case ENOENT, ECONNREFUSED: "no node runs with this control socket; see systemctl status reallabor-node"
                case EACCES, EPERM: "only root and members of the group reallabor may: usermod -aG reallabor USER, and log in anew"
                default: "name the socket of a running node with --control"
                }
            throw ControlSocketError("cannot connect to \(path)", code: code, advice: advice)
        }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Sends the request and reads the first line of the answer. A refusal is thrown in the node's own words.
    public func request(
        _ request: ControlRequest, within patience: TimeSpan = .seconds(5)
    ) throws(ControlSocketError) {
        var words = [ControlProtocol.greeting, request.verb] + request.arguments
        if !request.payload.isEmpty { words.append(String(request.payload.count)) }
        try send(Array((words.joined(separator: " ") + "\n").utf8) + request.payload)
        let deadline = monotonic() + patience
        let first = try line(until: deadline)
        guard case .text(let text) = first else {
            throw ControlSocketError(
                "cannot read the answer from \(path)", advice: first == .end ? "the node closed the connection" : Self.tooLate)
        }
        if text == "\(ControlProtocol.greeting) ok" { return }
        let refusal = "\(ControlProtocol.greeting) error "
        guard text.hasPrefix(refusal) else {
            throw ControlSocketError(
                "cannot understand \(path)", advice: "it does not speak \(ControlProtocol.greeting); is it another program's?")
        }
        throw refused(String(text.dropFirst(refusal.count)), before: deadline)
    }

    private static let tooLate: Sentence = "the node did not answer in time"

    /// With what the second line says, where there is one: a node that is older than codes ends with its text.
    private func refused(_ text: String, before deadline: MonotonicInstant) -> ControlSocketError {
        var error = ControlSocketError("cannot ask \(path)", advice: Sentence(verbatim: text))
        error.isRefusal = true
        do throws(ControlSocketError) {
            if case .text(let line) = try line(until: deadline), let line = RefusalLine(line, saying: text) {
                error.advice = line.sentence
                error.refusal = line.coded
            }
        } catch {
            // The text is the refusal; a connection that breaks after it is no news.
        }
        return error
    }

    /// The next line of the answer, without its line feed.
    /// - Parameters:
    ///   - deadline: of CLOCK_MONOTONIC.
    ///   - wake: a descriptor that ends the waiting when it becomes readable; it is not read.
    public func line(until deadline: MonotonicInstant, wake: Int32 = -1) throws(ControlSocketError) -> Line {
        var searched = taken
        while true {
            if let end = buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) {
                defer { taken = end + 1 }
                return .text(String(decoding: buffer[taken..<end], as: UTF8.self))
            }
            if hasEnded { return .end }
            buffer.removeFirst(taken)
            taken = 0
            searched = buffer.count
            guard buffer.count <= Self.lineLimit else {
                throw ControlSocketError("cannot read \(path)", advice: "a line is longer than \(Self.lineLimit) bytes")
            }
            guard try wait(until: deadline, wake) else { return .waiting }
            try receive()
        }
    }

    /// Everything up to the end of the answer.
    public func rest(within patience: TimeSpan = .seconds(5)) throws(ControlSocketError) -> String {
        let deadline = monotonic() + patience
        var text = ""
        while true {
            switch try line(until: deadline) {
            case .text(let line):
                text += line + "\n"
                guard text.utf8.count <= Self.lineLimit else {
                    throw ControlSocketError(
                        "cannot read the answer from \(path)",
                        advice: "it is longer than \(Self.lineLimit) bytes; is it another program's?")
                }
            case .end: return text
            case .waiting: throw ControlSocketError("cannot read the answer from \(path)", advice: Self.tooLate)
            }
        }
    }

    private func wait(until deadline: MonotonicInstant, _ wake: Int32) throws(ControlSocketError) -> Bool {
        while true {
            let left = max(0, (deadline - monotonic()).nanoseconds)
            var polled = [
                pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0), pollfd(fd: wake, events: Int16(POLLIN), revents: 0),
            ]
            let count = poll(&polled, 2, Int32(clamping: left / 1_000_000 + (left % 1_000_000 > 0 ? 1 : 0)))
            if count < 0 {
                if errno == EINTR { continue }
                throw ControlSocketError("cannot wait for \(path)", code: errno, advice: "try again")
            }
            if polled[0].revents != 0 { return true }
            if count > 0 || monotonic() >= deadline { return false }
        }
    }

    private func receive() throws(ControlSocketError) {
        var piece = [UInt8](repeating: 0, count: 1 << 16)
        let count = recv(descriptor, &piece, piece.count, 0)
        if count > 0 {
            buffer += piece[..<count]
        } else if count == 0 || errno == ECONNRESET {
            hasEnded = true
        } else if errno != EINTR {
            throw ControlSocketError("cannot read from \(path)", code: errno, advice: "try again")
        }
    }

    private func send(_ bytes: [UInt8]) throws(ControlSocketError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if errno == EPIPE || errno == ECONNRESET {
                // A node that turns a client away does not read on; its answer says why.
                return
            } else if errno != EINTR {
                throw ControlSocketError("cannot write to \(path)", code: errno, advice: "try again")
            }
        }
    }

    private func monotonic() -> MonotonicInstant {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return MonotonicInstant(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }
}
