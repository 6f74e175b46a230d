import Delivery
import SensorCore
import TestSupport
import Testing

@testable import TransportProcess

@Suite(.blocksItsThread) struct ProcessTransportTests {
    private func message(_ token: UInt64, bytes: Int = 3) -> TransportMessage {
        TransportMessage(
            token: token,
            message: OutgoingMessage(
                address: "a/b", payload: [UInt8](repeating: 7, count: bytes), isRetained: false, contentType: "text/plain", schema: "t/1"))
    }

    @Test("A connection is begun, used and ended") func aConnectionIsBegunUsedAndEnded() throws {
        let script = try ScriptedTransport()
        let will = message(0).message
        script.transport.connect(will: will)
        #expect(
            script.process.takeFrames() == [
                .settings(MQTTSettings(host: "a.example", port: 1883, clientID: "node")), .connect(number: 1, will: will),
            ])
        script.process.send(
            .ready(version: TransportFrame.version, library: "libmosquitto 9.9.9"), .resolving, .event(connection: 1, .trying),
            .event(connection: 1, .connected(to: "broker a.example:1883", unansweredAtMost: nil)))
        #expect(script.events() == [.trying, .connected(to: "broker a.example:1883", unansweredAtMost: nil)])
        script.transport.subscribe("a/receipt")
        script.transport.publish([message(1), message(2)])
        script.transport.disconnect()
        #expect(script.process.takeFrames() == [.subscribe("a/receipt"), .publish(message(1)), .publish(message(2)), .disconnect])
        script.process.send(
            .event(connection: 1, .answered(token: 1, .taken)), .event(connection: 1, .closed(TransportFault("over"))))
        #expect(script.events() == [.answered(token: 1, .taken), .closed(TransportFault("over"))])
        // The next connection is the same process's, and what comes of the one before is of no interest.
        script.transport.connect(will: nil)
        #expect(script.process.takeFrames() == [.connect(number: 2, will: nil)])
        script.process.send(.event(connection: 1, .answered(token: 2, .taken)), .event(connection: 2, .trying))
        #expect(script.events() == [.trying])
        #expect(script.process.openings == 1)
    }

    @Test("A process that ends closes the connection, and the next has a new one") func aProcessThatEndsClosesTheConnection() throws {
        let script = try ScriptedTransport()
        script.connect()
        script.process.send(.event(connection: 1, .answered(token: 1, .taken)), .dying(signal: 6))
        script.process.hangUp()
        var events: [TransportEvent] = []
        try eventually("the end") {
            events += script.events()
            return events.fault != nil
        }
        #expect(events.first == .answered(token: 1, .taken))
        let fault = try #require(events.fault)
        #expect(fault.wasConnected)
        #expect(fault.description.hasPrefix("the transport process was killed by SIGABRT while it talked to broker a.example:1883: "))
        #expect(fault.description.contains("libmosquitto 9.9.9") && fault.description.contains("Update libmosquitto1"))
        #expect(script.process.openings == 1)
        script.transport.connect(will: nil)
        #expect(script.process.openings == 2)
        #expect(script.process.takeFrames().last == .connect(number: 2, will: nil))
    }

    @Test("A process that ends between connections is said by nobody, and made anew") func endsBetweenConnections() throws {
        let script = try ScriptedTransport()
        script.connect()
        script.process.send(.event(connection: 1, .closed(TransportFault("over"))))
        #expect(script.events().fault?.description == "over")
        script.process.hangUp()
        #expect(script.events() == [])
        script.transport.connect(will: nil)
        #expect(script.process.openings == 2)
    }

    /// Each as the first thing after the connection was accepted.
    @Test("Nonsense ends the process and is said", arguments: 0..<8) func nonsenseEndsTheProcess(_ number: Int) throws {
        let nonsense: [[UInt8]] = [
            [0, 0, 0, 0], [0xFF, 0xFF, 0xFF, 0x7F], [1, 0, 0, 0, 200], [2, 0, 0, 0, 66, 0], [5, 0, 0, 0, 97, 1, 0, 0, 0],
            bytes(.settings(TransportFrameTests.settings)), bytes(.ready(version: 1, library: "")),
            bytes(.event(connection: 1, .connected(to: "again", unansweredAtMost: nil))),
        ]
        let script = try ScriptedTransport()
        script.connect()
        script.process.send(bytes: nonsense[number])
        let fault = try #require(script.events().fault)
        #expect(fault.wasConnected && fault.description.contains("sent what is no message of its own"), "\(fault)")
    }

    private func bytes(_ frame: TransportFrame) -> [UInt8] {
        var bytes: [UInt8] = []
        _ = frame.write(to: &bytes)
        return bytes
    }

    @Test("A process of another version is told from one that is broken") func aProcessOfAnotherVersion() throws {
        let script = try ScriptedTransport()
        script.transport.connect(will: nil)
        script.process.send(.ready(version: TransportFrame.version + 1, library: "x"))
        let fault = try #require(script.events().fault)
        #expect(!fault.wasConnected && fault.description.contains("restart the node"), "\(fault)")
    }

    @Test("A process that stands still is asked, then ended") func aProcessThatStandsStill() throws {
        let script = try ScriptedTransport()
        script.connect()
        script.pass(3)
        #expect(script.events() == [])
        #expect(script.process.takeFrames() == [.areYouThere])
        script.process.send(.present)
        #expect(script.events() == [])
        script.pass(3)
        #expect(script.events() == [])
        #expect(script.process.takeFrames() == [.areYouThere])
        script.pass(9)
        #expect(script.events() == [])
        script.pass(1)
        let fault = try #require(script.events().fault)
        #expect(fault.description == "the transport process said nothing for 13 s while it talked to broker a.example:1883, and was ended")
        script.transport.connect(will: nil)
        #expect(script.process.openings == 2)
    }

    @Test("A name that is being resolved takes its time") func aNameTakesItsTime() throws {
        let script = try ScriptedTransport()
        script.transport.connect(will: nil)
        script.process.send(.ready(version: TransportFrame.version, library: "x"), .resolving)
        for _ in 0..<28 {
            script.pass(30)
            // The session's time for the place begins anew with each.
            #expect(script.events() == [.trying])
        }
        // What the session does when its time is over all the same.
        script.transport.abandon()
        #expect(script.transport.takeEvents() == [.trying])
        script.pass(120)
        let fault = try #require(script.events().fault)
        #expect(fault.description.contains("could not be resolved in 15 min"), "\(fault)")
    }

    @Test("To abandon waits for the process's word") func toAbandonWaits() throws {
        let script = try ScriptedTransport()
        script.connect()
        script.process.send(.event(connection: 1, .closed(TransportFault("too late", wasConnected: true))))
        script.transport.abandon()
        #expect(script.transport.takeEvents().fault?.description == "too late")
        #expect(script.process.takeFrames() == [.abandon])
    }

    /// The socket's own room is some 200 KB; nobody reads it. The clock jumps while the transport waits.
    @Test("A process that takes nothing does not hold the node's thread for ever") func aProcessThatTakesNothing() throws {
        final class Jumping { var calls: Int64 = 0 }
        let calls = Jumping()
        let process = ScriptedProcess()
        let transport = ProcessTransport(
            settings: MQTTSettings(host: "a", port: 1, clientID: "n"), wake: try .init(), way: process,
            now: {
                calls.calls += 1
                return MonotonicInstant(nanoseconds: calls.calls * 3_000_000_000)
            })
        transport.connect(will: nil)
        process.send(
            .ready(version: TransportFrame.version, library: "x"), .event(connection: 1, .trying),
            .event(connection: 1, .connected(to: "b", unansweredAtMost: nil)))
        transport.wait(milliseconds: 100)
        transport.publish((1...8).map { message($0, bytes: 400_000) })
        let events = transport.takeEvents()
        #expect(events.fault?.description.contains("said nothing for 13 s") == true, "\(events)")
    }

    @Test("A message that is too long for a frame is refused, and the others go") func aMessageThatIsTooLong() throws {
        let script = try ScriptedTransport()
        script.connect()
        script.transport.publish([message(1), message(2, bytes: TransportFrame.longest), message(3)])
        #expect(script.process.takeFrames() == [.publish(message(1)), .publish(message(3))])
        guard case .answered(token: 2, .refused(let refusal))? = script.events().first else { return #expect(Bool(false)) }
        #expect(refusal.kind == .unsendable && refusal.reason.description.hasPrefix("1048576 bytes are more than"))
    }

    @Test("Without a socket it is said what to look at") func withoutASocket() throws {
        let folder = ScratchFolder()
        let transport = ProcessTransport(
            settings: MQTTSettings(host: "a", port: 1, clientID: "n"), wake: try .init(), way: TransportSocket(path: folder.file("s")))
        transport.connect(will: nil)
        let fault = try #require(transport.takeEvents().fault)
        #expect(
            fault.description.hasPrefix("the transport's socket \(folder.file("s")) can't be used (No such file or directory)"), "\(fault)")
        #expect(fault.description.contains("systemctl status reallabor-transport.socket"))
        transport.wait(milliseconds: 0)
        #expect(transport.takeEvents() == [])
    }

    @Test("A frame that comes byte by byte is read when it is whole") func byteByByte() throws {
        let script = try ScriptedTransport()
        script.connect()
        let frame = bytes(.event(connection: 1, .received(address: "a", payload: [UInt8](repeating: 3, count: 40))))
        for byte in frame.dropLast() {
            script.process.send(bytes: [byte])
            #expect(script.events() == [])
        }
        script.process.send(bytes: [frame[frame.count - 1]])
        #expect(script.events() == [.received(address: "a", payload: [UInt8](repeating: 3, count: 40))])
    }
}
