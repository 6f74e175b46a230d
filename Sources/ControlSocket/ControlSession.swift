public import SensorCore

/// One client's conversation, from its first byte to the last of the answer; bytes and time come in as arguments.
///
/// States: *asking* until the request is whole; *answering* a body, or *streaming*; *finished* when everything is
/// written or the client has taken too long.
public struct ControlSession {
    /// A request must be whole, and an answer begun to be read, within this time.
    public static let patience = TimeSpan.seconds(5)
    /// A stream whose client reads nothing for so long ends, so that its place is free for others.
    package static let streamPatience = TimeSpan.seconds(60)

    private enum State {
        case asking
        case payload(RequestLine)
        case answering
        case streaming
    }

    private let verbs: [ControlVerb]
    private var state = State.asking
    private var input: [UInt8] = []
    private var output: [UInt8] = []
    private var written = 0
    private var lost: UInt64 = 0
    private var lastProgress: MonotonicInstant

    public init(verbs: [ControlVerb], at now: MonotonicInstant) {
        self.verbs = verbs
        lastProgress = now
    }

    /// Bytes of the client are wanted. Later ones are not even read: a client that floods fills only its own buffer.
    public var isAsking: Bool {
        switch state {
        case .asking, .payload: true
        case .answering, .streaming: false
        }
    }
    public var isStreaming: Bool { if case .streaming = state { true } else { false } }
    /// The answer is written in full.
    public var isFinished: Bool { if case .answering = state { written == output.count } else { false } }
    /// What waits to be written.
    public var pending: ArraySlice<UInt8> { output[written...] }

    /// When the conversation is given up; nil for a stream with nothing to write.
    public var deadline: MonotonicInstant? {
        switch state {
        case .asking, .payload, .answering: lastProgress + Self.patience
        case .streaming: pending.isEmpty ? nil : lastProgress + Self.streamPatience
        }
    }

    /// Takes what the client sent, and gives the request once it is whole. A wrong one is answered right here.
    public mutating func receive(_ bytes: some Sequence<UInt8>, at now: MonotonicInstant) -> ControlRequest? {
        guard isAsking else { return nil }
        input.append(contentsOf: bytes)
        do throws(ControlRefusal) {
            if case .asking = state {
                let line = input.prefix(ControlProtocol.requestLimit)
                guard let end = line.firstIndex(of: UInt8(ascii: "\n")) else {
                    if input.count >= ControlProtocol.requestLimit {
                        throw ControlRefusal(
                            "request_too_long", ["limit": .whole(ControlProtocol.requestLimit)],
                            "the request is longer than \(ControlProtocol.requestLimit) bytes")
                    }
                    return nil
                }
                var content = line[..<end]
                if content.last == UInt8(ascii: "\r") { content.removeLast() }
                state = .payload(try RequestLine(content, verbs: verbs))
                input.removeFirst(end + 1)
            }
            guard case .payload(let line) = state, input.count >= line.payloadLength else { return nil }
            var request = line.request
            request.payload = Array(input.prefix(line.payloadLength))
            input = []
            lastProgress = now
            return request
        } catch {
            refuse(error, at: now)
            return nil
        }
    }

    /// The client will send nothing more. What it sent of a request is refused.
    public mutating func endInput(at now: MonotonicInstant) {
        guard isAsking else { return }
        refuse(
            ControlRefusal(
                "request_cut_short", "the request ends before it is whole: a line feed or bytes of its payload are missing"),
            at: now)
    }

    public mutating func refuse(_ refusal: ControlRefusal, at now: MonotonicInstant) {
        let line = RefusalLine(refusal)
        answer("\(ControlProtocol.greeting) error \(line.text)\n\(line.json)\n", .answering, at: now)
    }

    public mutating func answer(body: [UInt8], at now: MonotonicInstant) {
        guard body.count <= ControlProtocol.answerLimit else {
            return refuse(
                ControlRefusal(
                    "answer_too_long", ["limit": .whole(ControlProtocol.answerLimit)],
                    "the answer is longer than \(ControlProtocol.answerLimit) bytes"), at: now)
        }
        answer("\(ControlProtocol.greeting) ok\n", .answering, at: now)
        output += body
    }

    public mutating func beginStream(at now: MonotonicInstant) {
        answer("\(ControlProtocol.greeting) ok\n", .streaming, at: now)
    }

    /// Adds to a stream what has room; the rest is counted, and told where it is missing.
    public mutating func add(_ more: ControlLines, at now: MonotonicInstant) {
        guard isStreaming else { return }
        if pending.isEmpty { lastProgress = now }
        lost += more.lost
        for line in more.lines {
            let notice = lost > 0 ? "lost \(lost)\n" : ""
            guard pending.count + notice.utf8.count + line.utf8.count < ControlProtocol.streamBuffer else {
                lost += 1
                continue
            }
            output += Array("\(notice)\(line)\n".utf8)
            lost = 0
        }
        if lost > 0, more.isLast || pending.count + Self.noticeRoom <= ControlProtocol.streamBuffer {
            output += Array("lost \(lost)\n".utf8)
            lost = 0
        }
        if more.isLast { state = .answering }
    }

    /// "lost " and the longest number, with a line feed.
    private static let noticeRoom = 26

    /// The first `count` pending bytes were written.
    public mutating func wrote(_ count: Int, at now: MonotonicInstant) {
        guard count > 0 else { return }
        lastProgress = now
        written += count
        guard written == output.count || written >= ControlProtocol.streamBuffer else { return }
        output.removeFirst(written)
        written = 0
    }

    private mutating func answer(_ text: String, _ next: State, at now: MonotonicInstant) {
        input = []
        state = next
        output = Array(text.utf8)
        written = 0
        lastProgress = now
    }
}
