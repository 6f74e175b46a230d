import Delivery
import SensorCore
import TestSupport
import Testing

@testable import TransportProcess

@Suite struct TransportFrameTests {
    static let message = OutgoingMessage(
        address: "reallabor/größe/status", payload: [0, 1, 255], isRetained: true, contentType: "application/json",
        schema: "reallabor-node/1", expirySeconds: 3600)

    static let settings: MQTTSettings = {
        var settings = MQTTSettings(host: "broker.example.org", port: 8883, clientID: "node-7")
        settings.brokers.append(BrokerEndpoint(host: "2001:db8::7", port: 1883))
        settings.version = .mqtt311
        settings.username = "me"
        settings.passwordFile = "credential:mqtt-password"
        settings.tls = .init(authorityFile: "/ca", certificateFile: nil, keyFile: "/key")
        settings.keepAlive = .seconds(45)
        settings.isListener = true
        return settings
    }()

    /// One of each kind, with and without what may be absent.
    static let frames: [TransportFrame] = [
        .settings(settings), .settings(MQTTSettings(host: "a", port: 1, clientID: "")),
        .connect(number: 7, will: message), .connect(number: .max, will: nil),
        .publish(TransportMessage(token: .max, message: message)), .subscribe("reallabor/#"), .disconnect, .abandon, .areYouThere,
        .ready(version: TransportFrame.version, library: "libmosquitto 2.0.11"), .resolving, .present, .dying(signal: 6),
        .event(connection: 1, .trying), .event(connection: 2, .connected(to: "broker a:1", unansweredAtMost: nil)),
        .event(connection: 2, .connected(to: "broker a:1", unansweredAtMost: 65_535)),
        .event(connection: 3, .answered(token: 9, .taken)), .event(connection: 3, .answered(token: nil, .taken)),
        .event(connection: 3, .answered(token: 9, .refused(TransportRefusal(.unwanted, code: 0x97, reason: "quota exceeded, 0x97")))),
        .event(connection: 3, .answered(token: nil, .refused(TransportRefusal(.unsendable, reason: "")))),
        .event(connection: 4, .remark("it keeps no session")),
        .event(connection: 4, .subscribed(address: "a/#", isGranted: false)),
        .event(connection: 5, .received(address: "a", payload: [UInt8](repeating: 7, count: 70_000))),
        .event(connection: 6, .closed(TransportFault("over", wasConnected: true, isUnexplained: true, adviceWhenRepeated: "two clients?"))),
        .event(connection: 6, .closed(TransportFault("over", mayBeOverAMessage: false, isRefusal: true, code: 0x10A))),
        .event(connection: 6, .closed(TransportFault(""))),
        .event(connection: 6, .closed(TransportFault(sentence, adviceWhenRepeated: sentence))),
    ]

    /// Of all that may stand in a place.
    static let sentence: Sentence = {
        let inner: Sentence = "the broker's certificate is not accepted (\("no issuer")): 100 % sure, \(Int64.min)"
        return "TLS with \("broker a:1") failed: \(inner)"
    }()

    private static func bytes(_ frame: TransportFrame) -> [UInt8] {
        var bytes: [UInt8] = []
        #expect(frame.write(to: &bytes))
        return bytes
    }

    private static func read(_ bytes: some Sequence<UInt8>) -> TransportFrame? {
        Array(bytes).withUnsafeBytes { TransportFrame($0) }
    }

    @Test("What is written is read", arguments: frames) func whatIsWrittenIsRead(_ frame: TransportFrame) {
        let bytes = Self.bytes(frame)
        #expect(Self.read(bytes.dropFirst(TransportFrame.head)) == frame)
        #expect(Int(bytes[0]) | Int(bytes[1]) << 8 | Int(bytes[2]) << 16 | Int(bytes[3]) << 24 == bytes.count - TransportFrame.head)
    }

    @Test("No beginning of a frame is one, nor a frame with a byte more", arguments: frames)
    func noBeginningOfAFrameIsOne(_ frame: TransportFrame) {
        let bytes = Self.bytes(frame).dropFirst(TransportFrame.head)
        for length in 0..<min(bytes.count, 300) { #expect(Self.read(bytes.prefix(length)) == nil, "\(length) bytes") }
        #expect(Self.read(bytes + [0]) == nil)
    }

    /// Bytes of a broken process: whatever they are, they are a frame, which is then written as it was read, or none.
    @Test("Changed bytes are a frame or none, and end nothing") func changedBytesAreAFrameOrNone() {
        var random = SeededRandom(seed: 20_261_129)
        var (whole, broken) = (0, 0)
        for _ in 0..<40_000 {
            var bytes = Array(Self.bytes(Self.frames.randomElement(using: &random)!).dropFirst(TransportFrame.head).prefix(600))
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes[place] = UInt8.random(in: .min ... .max, using: &random)
                case 1: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
                default: bytes.remove(at: place)
                }
                if bytes.isEmpty { bytes = [UInt8.random(in: .min ... .max, using: &random)] }
            }
            guard let frame = Self.read(bytes) else {
                broken += 1
                continue
            }
            whole += 1
            #expect(Self.read(Self.bytes(frame).dropFirst(TransportFrame.head)) == frame, "\(random)")
        }
        #expect(whole > 1000 && broken > 1000, "\(whole) and \(broken)")
    }

    @Test("A frame that is too long is not written") func aFrameThatIsTooLongIsNotWritten() {
        var bytes: [UInt8] = [1, 2, 3]
        var message = Self.message
        message.payload = [UInt8](repeating: 1, count: TransportFrame.longest)
        #expect(!TransportFrame.publish(TransportMessage(token: 1, message: message)).write(to: &bytes))
        #expect(bytes == [1, 2, 3])
    }

    @Test("Nothing that a person is shown moves a cursor or begins a line") func nothingShownMovesACursor() {
        let fault = TransportFault("a\nerror: forged\u{1B}[2J\u{9B}x", wasConnected: false)
        let frame = Self.read(Self.bytes(.event(connection: 1, .closed(fault))).dropFirst(TransportFrame.head))
        #expect(frame == .event(connection: 1, .closed(TransportFault("a?error: forged?[2J?x"))))
        let long = TransportFault(Sentence(verbatim: String(repeating: "x", count: 100_000)))
        guard
            case .event(_, .closed(let shortened)) = Self.read(
                Self.bytes(.event(connection: 1, .closed(long))).dropFirst(TransportFrame.head))
        else { return #expect(Bool(false)) }
        #expect(shortened.description.count == 1000)
        let pieces: Sentence = "a\u{1B}[2J\("b\nc") \(Sentence(verbatim: "d\u{9B}"))"
        #expect(Self.passed(pieces)?.description == "a?[2Jb?c d?")
        let many = Sentence.list([Sentence](repeating: Sentence(verbatim: String(repeating: "y", count: 3000)), count: 3), separator: ";")
        #expect(Self.passed(many)?.description.count == 1000)
    }

    private static func passed(_ sentence: Sentence) -> Sentence? {
        let bytes = bytes(.event(connection: 1, .remark(sentence)))
        guard case .event(_, .remark(let read)) = read(bytes.dropFirst(TransportFrame.head)) else { return nil }
        return read
    }

    @Test("A sentence comes as its template, so that it can be said in another language") func aSentenceComesAsItsTemplate() throws {
        let read = try #require(Self.passed(Self.sentence))
        #expect(read == Self.sentence)
        let german = ["TLS with %1$s failed: %2$s": "TLS mit %1$s misslang: %2$s"]
        #expect(
            read.text { german[$0] }
                == "TLS mit broker a:1 misslang: the broker's certificate is not accepted (no issuer): 100 % sure, -9223372036854775808")
    }

    /// Ours are four deep at most; what is more goes as text, and bytes that claim it are no frame.
    @Test("A sentence that is too deep comes as text") func aSentenceThatIsTooDeepComesAsText() throws {
        var deep: Sentence = "x"
        for _ in 0..<7 { deep = "(\(deep))" }
        #expect(Self.passed(deep) == deep)
        deep = "(\(deep))"
        let read = try #require(Self.passed(deep))
        #expect(read == Sentence(verbatim: "((((((((x))))))))"))
        // A remark whose one value is a sentence, whose one value is a sentence, and so on.
        let head: [UInt8] = [103, 1, 0, 0, 0]
        let level: [UInt8] = [0, 0, 0, 0, 1, 2]
        let end: [UInt8] = [0, 0, 0, 0, 0]
        let (few, many) = (7, 100_000)
        func frame(_ levels: Int) -> [UInt8] { head + Array([[UInt8]](repeating: level, count: levels).joined()) + end }
        let (shallow, deepest) = (Self.read(frame(few)), Self.read(frame(many)))
        #expect(shallow != nil)
        #expect(deepest == nil)
    }

    /// Whatever comes over the wire, it is shown.
    @Test("A template that lacks a place is shown as it stands") func aTemplateThatLacksAPlace() throws {
        let read = try #require(Self.passed(Sentence(template: "%2$s and %s", values: [.text("a")])))
        #expect(read.description == "%2$s and %s")
    }
}
