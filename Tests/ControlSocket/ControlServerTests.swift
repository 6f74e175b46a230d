import Glibc
import SensorCore
import Synchronization
import TestSupport
import Testing

@testable import ControlSocket

/// The server on a real socket. Each test's server has time that stands still, so that nothing depends on the machine's
/// speed: what time decides is tested with the session.
@Suite(.blocksItsThread) struct ControlServerTests {
    @Test("A request is answered and the connection ends") func aRequestIsAnsweredAndTheConnectionEnds() throws {
        let server = try ServerUnderTest()
        let client = try ControlClient(path: server.path)
        try client.request(ControlRequest(verb: "echo", arguments: ["hello"]))
        #expect(try client.rest() == "hello\n")
    }

    @Test("A payload reaches its handler") func aPayloadReachesItsHandler() throws {
        let server = try ServerUnderTest()
        let payload = [UInt8](repeating: UInt8(ascii: "z"), count: ControlProtocol.payloadLimit)
        let client = try ControlClient(path: server.path)
        try client.request(ControlRequest(verb: "keep", payload: payload))
        #expect(try client.rest() == "16384 z\n")
    }

    @Test("A refusal is told in the servers words") func aRefusalIsToldInTheServersWords() throws {
        let server = try ServerUnderTest()
        let client = try ControlClient(path: server.path)
        let error = server.failure { () throws(ControlSocketError) in
            try client.request(ControlRequest(verb: "refuse"))
        }
        #expect(error?.advice.description == "no channel 'gaet':\ndid you mean 'gate'?")
        #expect(error?.refusal == CodedMessage("no_channel", ["channel": .text("gaet")]))
    }

    @Test("The socket is for its group") func theSocketIsForItsGroup() throws {
        let server = try ServerUnderTest()
        var status = stat()
        #expect(stat(server.path, &status) == 0)
        #expect(status.st_mode & 0o777 == 0o660)
    }

    @Test("A dead node's socket is replaced and a living ones is not") func aDeadNodesSocketIsReplacedAndALivingOnesIsNot() throws {
        let folder = ScratchFolder()
        let path = folder.path + "/control.sock"
        let dead = makeSocket(isBlocking: true)
        let address = try SocketAddress(path: path)
        #expect(address.bind(dead) == 0)
        close(dead)
        let living = try ControlListener(path: path)
        let error = thrown { () throws(ControlSocketError) in _ = try ControlListener(path: path) }
        #expect(error?.advice.description == "another node runs with this control socket")
        living.close()
        #expect(access(path, F_OK) != 0)
    }

    @Test("A file that is no socket is left alone") func aFileThatIsNoSocketIsLeftAlone() throws {
        let folder = ScratchFolder()
        let path = folder.write("notes.txt", "mine")
        let error = thrown { () throws(ControlSocketError) in _ = try ControlListener(path: path) }
        #expect(error?.description.contains("no socket") == true)
        #expect(access(path, F_OK) == 0)
    }

    @Test("Without a node it is said that none runs") func withoutANodeItIsSaidThatNoneRuns() {
        let folder = ScratchFolder()
        let error = thrown { () throws(ControlSocketError) in _ = try ControlClient(path: folder.path + "/none.sock") }
        #expect(error?.description.contains("no node runs with this control socket") == true)
    }

    @Test("The seventh that looks on is told so, and whoever asks is answered") func theSeventhThatLooksOnIsToldSo() throws {
        let server = try ServerUnderTest()
        var clients: [ControlClient] = []
        for _ in 0..<6 {
            let client = try ControlClient(path: server.path)
            try client.request(ControlRequest(verb: "count"))
            clients.append(client)
        }
        let seventh = try ControlClient(path: server.path)
        let error = server.failure { () throws(ControlSocketError) in try seventh.request(ControlRequest(verb: "count")) }
        #expect(error?.advice.description == "6 clients look on already; try again later")
        #expect(error?.refusal == CodedMessage("too_many_streams", ["limit": .number(6)]))
        let asking = try ControlClient(path: server.path)
        try asking.request(ControlRequest(verb: "echo", arguments: ["x"]))
        #expect(try asking.rest() == "x\n")
        for client in clients { #expect(try client.line(until: .distantFuture) == .text("0")) }
    }

    /// Twice as many as there are places, none of which ever says what it wants. The clock of this server stands still.
    @Test("Half requests keep nobody out", arguments: [0, 6]) func halfRequestsKeepNobodyOut(_ streams: Int) throws {
        let server = try ServerUnderTest()
        var looking: [ControlClient] = []
        for _ in 0..<streams {
            let client = try ControlClient(path: server.path)
            try client.request(ControlRequest(verb: "count"))
            looking.append(client)
        }
        var half: [RawClient] = []
        for _ in 0..<16 {
            let client = try RawClient(server.path)
            client.send("reallabor-control/1 ec")
            half.append(client)
        }
        for _ in 0..<20 {
            let asking = try ControlClient(path: server.path)
            try asking.request(ControlRequest(verb: "echo", arguments: ["x"]))
            #expect(try asking.rest() == "x\n")
        }
        for client in looking { #expect(try client.line(until: .distantFuture) == .text("0")) }
        withExtendedLifetime(half) {}
    }

    @Test("Only root and the node's own user change anything", arguments: [nil, 0, 1000, 65534] as [UInt32?])
    func onlyRootChangesAnything(_ user: UInt32?) throws {
        let server = try ServerUnderTest(
            [
                ControlVerb(name: "change", usage: "", argumentCount: 0, takesPayload: true, changes: true) { _ throws(ControlRefusal) in
                    .body(Array("changed\n".utf8))
                }
            ], peer: { _ in ControlPeer(user: user) })
        let looking = try ControlClient(path: server.path)
        try looking.request(ControlRequest(verb: "echo", arguments: ["x"]))
        #expect(try looking.rest() == "x\n")
        let changing = try ControlClient(path: server.path)
        let error = server.failure { () throws(ControlSocketError) in
            try changing.request(ControlRequest(verb: "change", payload: [1, 2]))
        }
        #expect((error == nil) == (user == 0), "\(String(describing: error))")
        if user != 0 { #expect(error?.refusal == CodedMessage("only_root", ["request": .text("change")])) }
    }

    @Test("Whose connection it is the kernel says") func whoseConnectionItIs() throws {
        var ends: [Int32] = [-1, -1]
        #expect(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
        defer { for end in ends { close(end) } }
        #expect(ControlPeer(of: ends[0]) == ControlPeer(user: geteuid()))
        #expect(ControlPeer(of: -1) == ControlPeer(user: nil))
        #expect(ControlPeer(user: 1000).mayChange(node: 1000) && !ControlPeer(user: 1000).mayChange(node: 1001))
        #expect(!ControlPeer(user: 65534).mayChange(node: 65534))
    }

    @Test("An answer without end is ended") func anAnswerWithoutEndIsEnded() throws {
        let server = try ServerUnderTest([
            ControlVerb(name: "flood", usage: "", argumentCount: 0) { _ throws(ControlRefusal) in .stream(Flood()) }
        ])
        let client = try ControlClient(path: server.path)
        try client.request(ControlRequest(verb: "flood"))
        let error = server.failure { () throws(ControlSocketError) in _ = try client.rest(within: .seconds(120)) }
        #expect(error?.advice.description.contains("longer than") == true, "\(String(describing: error))")
    }

    /// Those who hang, flood, die or never read, all at once; one that behaves gets every line.
    @Test("Bad clients harm nobody") func badClientsHarmNobody() throws {
        let server = try ServerUnderTest()
        let hanging = try RawClient(server.path)
        let half = try RawClient(server.path)
        half.send("reallabor-control/1 ec")
        let unread = try RawClient(server.path)
        unread.send("reallabor-control/1 count\n")
        let flooding = try RawClient(server.path)
        for _ in 0..<200 { flooding.send(String(repeating: "a", count: 4096)) }
        for _ in 0..<20 {
            let dying = try RawClient(server.path)
            dying.send("reallabor-control/1 count\n")
            dying.close()
        }
        let good = try ControlClient(path: server.path)
        try good.request(ControlRequest(verb: "count"))
        for number in 0..<500 { #expect(try good.line(until: .distantFuture) == .text("\(number)")) }
        withExtendedLifetime((hanging, half, unread, flooding)) {}
    }

    /// The streams of clients that went are told so, once each, and their places are free.
    @Test("A stream is closed once its client is gone") func aStreamIsClosedOnceItsClientIsGone() throws {
        let server = try ServerUnderTest()
        for _ in 0..<30 {
            let client = try ControlClient(path: server.path)
            try client.request(ControlRequest(verb: "count"))
        }
        // Answered only after the last of them was let go.
        server.stop()
        #expect(server.opened.load(ordering: .acquiring) == 30)
        #expect(server.closed.load(ordering: .acquiring) == 30)
    }

    /// Eight go and others come while the server is busy: it sees both at once.
    @Test("The places of those who went are free at once") func thePlacesOfThoseWhoWentAreFreeAtOnce() throws {
        var ends: [Int32] = [-1, -1]
        #expect(pipe(&ends) == 0)
        defer { for end in ends { close(end) } }
        let waiting = ends[0]
        let server = try ServerUnderTest([
            ControlVerb(name: "hold", usage: "", argumentCount: 0) { _ throws(ControlRefusal) in
                var byte: UInt8 = 0
                _ = read(waiting, &byte, 1)
                return .body([])
            }
        ])
        var going: [ControlClient] = []
        for _ in 0..<6 {
            let client = try ControlClient(path: server.path)
            try client.request(ControlRequest(verb: "count"))
            going.append(client)
        }
        let holding = try RawClient(server.path)
        holding.send("reallabor-control/1 hold\n")
        going = []
        let next = try RawClient(server.path)
        next.send("reallabor-control/1 echo hello\n")
        let other = try RawClient(server.path)
        other.send("reallabor-control/1 echo hello\n")
        var byte: UInt8 = 0
        #expect(write(ends[1], &byte, 1) == 1)
        #expect(next.readAll() == "reallabor-control/1 ok\nhello\n")
        #expect(other.readAll() == "reallabor-control/1 ok\nhello\n")
    }

    @Test("Half a close still gets its answer") func halfACloseStillGetsItsAnswer() throws {
        let server = try ServerUnderTest()
        let client = try RawClient(server.path)
        client.send("reallabor-control/1 echo hello\n")
        client.endSending()
        #expect(client.readAll() == "reallabor-control/1 ok\nhello\n")
    }

    /// What came after the request does not take the answer away.
    @Test("Bytes too many do not cost the answer") func bytesTooManyDoNotCostTheAnswer() throws {
        let server = try ServerUnderTest()
        let client = try RawClient(server.path)
        client.send("reallabor-control/1 echo hello\n" + String(repeating: "more\n", count: 4000))
        #expect(client.readAll() == "reallabor-control/1 ok\nhello\n")
    }
}

private final class Flood: ControlStream {
    func take() -> ControlLines { ControlLines(lines: [String](repeating: String(repeating: "x", count: 10_000), count: 20)) }
    func close() {}
}
