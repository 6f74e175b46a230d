import SensorCore
import Testing

@testable import ControlSocket

/// A conversation without a socket: bytes and time in, bytes out.
@Suite struct ControlSessionTests {
    static let start = MonotonicInstant(nanoseconds: 1_000_000_000)

    static let verbs = [
        ControlVerb(name: "status", usage: "text|json", argumentCount: 1) { _ throws(ControlRefusal) in .body([]) },
        ControlVerb(name: "edges", usage: "CHANNEL", argumentCount: 1) { _ throws(ControlRefusal) in .body([]) },
        ControlVerb(name: "calibration-add", usage: "", argumentCount: 0, takesPayload: true) {
            _ throws(ControlRefusal) in .body([])
        },
    ]

    private func session() -> ControlSession { ControlSession(verbs: Self.verbs, at: Self.start) }

    private func text(_ session: ControlSession) -> String { String(decoding: session.pending, as: UTF8.self) }

    static let refused: [(line: String, words: String)] = [
        ("reallabor-control/2 status text\n", "unknown protocol 'reallabor-control/2': this node speaks reallabor-control/1"),
        ("GET / HTTP/1.1\r\n", "unknown protocol 'GET'"),
        ("\n", "unknown protocol ''"),
        ("reallabor-control/1\n", "unknown request ''"),
        (
            "reallabor-control/1 stats text\n",
            "unknown request 'stats': there are status text|json, edges CHANNEL, calibration-add LENGTH"
        ),
        ("reallabor-control/1 status\n", "status has 0 arguments: write status text|json"),
        ("reallabor-control/1 status text now\n", "status has 2 arguments"),
        ("reallabor-control/1 calibration-add x\n", "payload length 'x'"),
        ("reallabor-control/1 calibration-add 16385\n", "at most 16384"),
        ("reallabor-control/1 calibration-add -1\n", "payload length '-1'"),
        ("reallabor-control/1 status te\u{7}xt\n", "not one line of UTF-8 text"),
    ]

    @Test("A wrong request is told what is right", arguments: refused) func aWrongRequestIsToldWhatIsRight(_ line: String, _ words: String)
    {
        var session = session()
        #expect(session.receive(line.utf8, at: Self.start) == nil)
        #expect(text(session).hasPrefix("reallabor-control/1 error "), "\(text(session))")
        #expect(text(session).contains(words), "\(text(session))")
        #expect(text(session).filter(\.isNewline).count == 2)
        session.wrote(session.pending.count, at: Self.start)
        #expect(session.isFinished)
    }

    /// However the bytes are cut, the request is the same, and it comes once.
    @Test("A request may come in pieces", arguments: 1...64) func aRequestMayComeInPieces(_ size: Int) throws {
        let bytes = Array("reallabor-control/1 calibration-add 11\nhello\nworld".utf8)
        var session = session()
        var requests: [ControlRequest] = []
        for start in stride(from: 0, to: bytes.count, by: size) {
            if let request = session.receive(bytes[start..<min(start + size, bytes.count)], at: Self.start) {
                requests.append(request)
            }
        }
        #expect(requests == [ControlRequest(verb: "calibration-add", payload: Array("hello\nworld".utf8))])
        #expect(session.pending.isEmpty)
    }

    @Test("A line has at most 512 bytes") func aLineHasAtMost512Bytes() {
        let front = "reallabor-control/1 edges "
        for excess in [0, 1] {
            var session = session()
            let name = String(repeating: "a", count: 511 - front.utf8.count + excess)
            let request = session.receive("\(front)\(name)\n".utf8, at: Self.start)
            #expect((request != nil) == (excess == 0))
            #expect(text(session).contains("longer than 512 bytes") == (excess == 1))
        }
    }

    /// No line feed ever comes: refused at the limit, and nothing more is taken.
    @Test("A flood is not kept") func aFloodIsNotKept() {
        var session = session()
        let piece = [UInt8](repeating: UInt8(ascii: "a"), count: 4096)
        for _ in 0..<1000 { #expect(session.receive(piece, at: Self.start) == nil) }
        #expect(text(session).contains("longer than 512 bytes"))
        #expect(!session.isAsking)
    }

    @Test("Half a request is refused when no more comes") func halfARequestIsRefusedWhenNoMoreComes() {
        var session = session()
        #expect(session.receive("reallabor-control/1 sta".utf8, at: Self.start) == nil)
        session.endInput(at: Self.start)
        #expect(text(session).contains("error the request ends before it is whole"))
    }

    /// Bytes now and then do not keep a place for ever.
    @Test("A request has five seconds") func aRequestHasFiveSeconds() {
        var session = session()
        _ = session.receive("r".utf8, at: Self.start + .seconds(4))
        #expect(session.deadline == Self.start + .seconds(5))
    }

    @Test("A client that reads nothing loses lines and then its place") func aClientThatReadsNothingLosesLinesAndThenItsPlace() throws {
        var session = session()
        _ = session.receive("reallabor-control/1 edges gate\n".utf8, at: Self.start)
        session.beginStream(at: Self.start)
        #expect(session.isStreaming)
        session.wrote(session.pending.count, at: Self.start)
        #expect(session.deadline == nil)
        let line = String(repeating: "x", count: 99)
        var offered = 0
        let begun = Self.start + .seconds(10)
        for turn in 0..<100 {
            session.add(ControlLines(lines: [String](repeating: line, count: 100)), at: begun + .seconds(Int64(turn)))
            offered += 100
            #expect(session.pending.count <= ControlProtocol.streamBuffer)
        }
        #expect(session.deadline == begun + .seconds(60))
        let kept = text(session).split(separator: "\n")
        session.wrote(session.pending.count, at: begun)
        session.add(ControlLines(lines: [line], lost: 3), at: begun)
        let rest = text(session).split(separator: "\n")
        let notices = (kept + rest).filter { $0.hasPrefix("lost ") }.compactMap { UInt64($0.dropFirst(5)) }
        let told = (kept + rest).filter { $0 == line }.count
        #expect(UInt64(told) + notices.reduce(0, +) == UInt64(offered + 1 + 3))
        #expect(rest.last == Substring(line))
    }

    @Test("A stream that ends tells what is missing and finishes") func aStreamThatEndsTellsWhatIsMissingAndFinishes() {
        var session = session()
        _ = session.receive("reallabor-control/1 edges gate\n".utf8, at: Self.start)
        session.beginStream(at: Self.start)
        session.add(ControlLines(lines: ["a"], lost: 2, isLast: true), at: Self.start)
        #expect(text(session) == "reallabor-control/1 ok\nlost 2\na\n")
        session.wrote(session.pending.count, at: Self.start)
        #expect(session.isFinished)
    }
}
