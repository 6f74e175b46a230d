import Delivery
import Glibc
import HostFiles
import SensorCore
import TestSupport
import Testing
import TransportProcess

/// The program's own transport process, with real and scripted brokers.
@Suite(.serialized, .startsProcesses) struct RealProcessTests {
    private let way: SpawnedTransport

    init() throws { way = SpawnedTransport(program: try builtProgram("reallabor-node"), arguments: ["reallabor-node", "transport"]) }

    private func transport(_ port: UInt16, way: (any TransportWay)? = nil) throws -> ProcessTransport {
        ProcessTransport(
            settings: MQTTSettings(host: "127.0.0.1", port: port, clientID: "node"), wake: try WakeEvent(), way: way ?? self.way)
    }

    private func message(_ token: UInt64, bytes: Int = 100) -> TransportMessage {
        TransportMessage(
            token: token,
            message: OutgoingMessage(
                address: "a/b", payload: [UInt8](repeating: 0x37, count: bytes), isRetained: false, contentType: "text/plain", schema: "t/1"
            ))
    }

    /// Everything until an event for which `isLast` holds.
    private func events(
        _ transport: ProcessTransport, until isLast: (TransportEvent) -> Bool, sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> [TransportEvent] {
        var all: [TransportEvent] = []
        try eventually("an event after \(all)", sourceLocation: sourceLocation) {
            transport.wait(milliseconds: 100)
            all += transport.takeEvents()
            return all.contains(where: isLast)
        }
        return all
    }

    private func isConnected(_ event: TransportEvent) -> Bool { if case .connected = event { true } else { false } }
    private func isClosed(_ event: TransportEvent) -> Bool { if case .closed = event { true } else { false } }

    private func children(of parent: pid_t = getpid()) -> [pid_t] {
        guard let stream = opendir("/proc/\(parent)/task") else { return [] }
        defer { closedir(stream) }
        var found: [pid_t] = []
        while let entry = readdir(stream) {
            let task = withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            found += text(ofFile: "/proc/\(parent)/task/\(task)/children").split(separator: " ").compactMap { pid_t($0) }
        }
        return found.filter { text(ofFile: "/proc/\($0)/cmdline").hasSuffix("reallabor-node\0transport\0") }
    }

    @Test("Messages of all sizes go through it and come back") func messagesGoThroughIt() throws {
        let broker = try TestBroker()
        let transport = try transport(broker.port)
        transport.connect(will: message(0).message)
        #expect(
            try events(transport, until: isConnected).contains(
                .connected(to: "broker 127.0.0.1:\(broker.port)", unansweredAtMost: 20 + transport.ahead)))
        transport.subscribe("a/#")
        _ = try events(transport) { $0 == .subscribed(address: "a/#", isGranted: true) }
        let sizes = [0, 1, 1000, 20_000]
        for (token, size) in sizes.enumerated() { transport.publish([message(UInt64(token) + 1, bytes: size)]) }
        var received: [Int] = []
        var answered: Set<UInt64> = []
        try eventually("\(answered), \(received)") {
            transport.wait(milliseconds: 100)
            for event in transport.takeEvents() {
                if case .answered(let token?, .taken) = event { answered.insert(token) }
                if case .received("a/b", let payload) = event { received.append(payload.count) }
            }
            return answered == [1, 2, 3, 4] && received == sizes
        }
        transport.disconnect()
        _ = try events(transport, until: isClosed)
    }

    /// The kernel's own list of what such a process is.
    @Test("It is an ordinary process with nothing of the node's, and ends with its socket") func whatItIs() throws {
        let broker = try TestBroker()
        var transport: ProcessTransport? = try transport(broker.port)
        transport?.connect(will: nil)
        if let transport { _ = try events(transport, until: isConnected) }
        let process = try #require(children().last)
        let status = text(ofFile: "/proc/\(process)/status")
        #expect(status.contains("Threads:\t1\n"))
        #expect(status.hasPrefix("Name:\treallabor-mqtt\n"))
        #expect(status.contains("SigBlk:\t0000000000001000\n") || status.contains("SigBlk:\t0000000000000000\n"), "\(status)")
        let limits = text(ofFile: "/proc/\(process)/limits")
        func limit(_ name: String) -> [Substring] {
            limits.split(separator: "\n").first { $0.hasPrefix(name) }.map { $0.dropFirst(name.count).split(separator: " ") } ?? []
        }
        #expect(limit("Max core file size").prefix(2) == ["0", "0"])
        #expect(limit("Max data size").first != "unlimited" && limit("Max address space").first != "unlimited", "\(limits)")
        // Policy is field 41 of proc_pid_stat(5), 39 after the name in parentheses.
        let fields = text(ofFile: "/proc/\(process)/stat").split(separator: ")").last?.split(separator: " ") ?? []
        #expect(fields.count > 38 && fields[38] == "0")
        #expect(text(ofFile: "/proc/\(process)/oom_score_adj") == "500\n")
        transport = nil
        #expect(kill(process, 0) != 0 && errno == ESRCH)
    }

    @Test("A process that is killed is made anew, and the other goes on") func aProcessThatIsKilled() throws {
        let broker = try TestBroker()
        let transport = try transport(broker.port)
        transport.connect(will: nil)
        _ = try events(transport, until: isConnected)
        kill(try #require(children().last), SIGKILL)
        guard case .closed(let fault)? = try events(transport, until: isClosed).last else { return #expect(Bool(false)) }
        #expect(fault.wasConnected && fault.description.hasPrefix("the transport process was killed by SIGKILL"), "\(fault)")
        transport.connect(will: nil)
        _ = try events(transport, until: isConnected)
    }

    /// A broker of a few lines, which fails where more is unanswered than it was told would be.
    @Test("The broker never has more than the window, and what is handed over beyond it follows in order") func theWindowHolds() throws {
        let ends = try #require(loopbackSocket(listening: true))
        defer { close(ends.descriptor) }
        var settings = MQTTSettings(host: "127.0.0.1", port: ends.port, clientID: "node")
        settings.unansweredAtMost = 3
        settings.version = .mqtt311
        let transport = ProcessTransport(settings: settings, wake: try WakeEvent(), way: way)
        #expect(transport.ahead == 6)
        transport.connect(will: nil)
        _ = try events(transport) { $0 == .trying }
        let connection = accept(ends.descriptor, nil, nil)
        defer { close(connection) }
        var room = [UInt8](repeating: 0, count: 10_000)
        #expect(recv(connection, &room, room.count, 0) > 0)
        _ = send(connection, [0x20, 0x02, 0x00, 0x00] as [UInt8], 4, Int32(MSG_NOSIGNAL))
        _ = try events(transport, until: isConnected)
        transport.publish((1...9).map { message($0) })
        var bytes: [UInt8] = []
        var (unanswered, order, most): ([UInt8], [UInt8], Int) = ([], [], 0)
        while order.count < 9 {
            let count = recv(connection, &room, room.count, 0)
            try #require(count > 0)
            bytes += room.prefix(count)
            // PUBLISH with QoS 1: its length takes one byte, its topic "a/b" five, its number two (MQTT 3.1.1 §3.3).
            while bytes.count > 1, bytes.count >= 2 + Int(bytes[1]) {
                try #require(bytes[0] == 0x32 && bytes[1] < 128)
                unanswered.append(bytes[8])
                bytes.removeFirst(2 + Int(bytes[1]))
            }
            most = max(most, unanswered.count)
            repeat {
                guard !unanswered.isEmpty else { break }
                let number = unanswered.removeFirst()
                order.append(number)
                _ = send(connection, [0x40, 0x02, 0x00, number] as [UInt8], 4, Int32(MSG_NOSIGNAL))
            } while order.count + unanswered.count == 9
        }
        #expect(most == 3)
        #expect(order == Array(1...9))
        var answered: [UInt64?] = []
        try eventually("\(answered)") {
            transport.wait(milliseconds: 100)
            for case .answered(let token, .taken) in transport.takeEvents() { answered.append(token) }
            return answered == Array(1...9)
        }
    }

    /// What a session lets be unanswered at most: eight messages of 1 MiB, and with TLS.
    @Test("All that may be on its way goes through the process's memory limits") func theLongestThatMayBeOnItsWay() throws {
        let broker = try TestBroker(
            "allow_anonymous true\ncertfile DIR/server.crt\nkeyfile DIR/server.key",
            files: ["server.crt": Fixtures.serverCertificate, "server.key": Fixtures.serverKey])
        try broker.listen()
        var settings = MQTTSettings(host: "127.0.0.1", port: broker.port, clientID: "node")
        settings.tls = .init(authorityFile: broker.folder.write("authority.crt", Fixtures.authority))
        let transport = ProcessTransport(settings: settings, wake: try WakeEvent(), way: way)
        transport.connect(will: nil)
        _ = try events(transport, until: isConnected)
        let process = try #require(children().last)
        var (open, peak): (Set<UInt64>, Int) = ([], 0)
        for round in 0..<3 as Range<UInt64> {
            let size = TransportFrame.longest - 1000
            let messages = (0...UInt64(DeliverySession.mostBytes / size)).map { message(1 + round * 100 + $0, bytes: size) }
            open = Set(messages.map(\.token))
            transport.publish(messages)
            try eventually("\(open)") {
                transport.wait(milliseconds: 10)
                for event in transport.takeEvents() {
                    if case .answered(let token?, .taken) = event { open.remove(token) }
                    if case .closed(let fault) = event { Issue.record("\(fault)") }
                }
                // proc_pid_status(5): kB.
                let data = text(ofFile: "/proc/\(process)/status").split(separator: "\n").first { $0.hasPrefix("VmData:") }
                peak = max(
                    peak, data.flatMap { Int($0.split(separator: " ", omittingEmptySubsequences: true).dropFirst().first ?? "") } ?? 0)
                return open.isEmpty
            }
        }
        // With room to spare below 48 MiB.
        #expect((1...40_000).contains(peak), "\(peak) kB of data")
    }

    /// MQTT 5 §2.2.2: 0x7E is no property. libmosquitto 2.0.11 to 2.0.17 frees what it has not taken, and aborts.
    @Test("What aborts the library ends the process alone, and the next connection has another") func whatAbortsTheLibrary() throws {
        let ends = try #require(loopbackSocket(listening: true))
        defer { close(ends.descriptor) }
        let transport = try transport(ends.port)
        for number in 1...2 {
            transport.connect(will: nil)
            _ = try events(transport) { $0 == .trying }
            let connection = accept(ends.descriptor, nil, nil)
            var room = [UInt8](repeating: 0, count: 1000)
            #expect(recv(connection, &room, room.count, 0) > 0)
            _ = send(connection, [0x20, 0x04, 0x00, 0x00, 0x01, 0x7E] as [UInt8], 6, Int32(MSG_NOSIGNAL))
            guard case .closed(let fault)? = try events(transport, until: isClosed).last else { return #expect(Bool(false)) }
            close(connection)
            // A newer library says that it is no MQTT.
            let isAborted = fault.description.contains("SIGABRT") && fault.description.contains("Update libmosquitto1")
            #expect(isAborted || fault.description.contains("does not speak MQTT as it should"), "\(number): \(fault)")
        }
    }

    @Test("A program that was replaced or deleted goes on as it is") func aProgramThatWasDeleted() throws {
        let folder = ScratchFolder()
        let copy = folder.file("reallabor-node")
        #expect(try ProgramRun("cp", [try builtProgram("reallabor-node"), copy]).exitCode() == 0)
        let broker = try TestBroker()
        try broker.listen()
        let configuration = folder.write(
            "node.yaml",
            """
            node: test-node
            board: raspberry-pi-4
            interval: 1s
            channels:
              - {name: gate, detector: contact, input: J8-11, debounce: {kind: stable, time: 8ms}}
            journal: {path: journal.sqlite}
            mqtt: {host: 127.0.0.1, port: \(broker.port)}

            """)
        let boards = "/" + (#filePath.split(separator: "/").dropLast(3) + ["Boards"]).joined(separator: "/")
        let run = try ProgramRun(
            copy, ["simulate", "school-gate", "--config", configuration, "--for", "60", "--live"], environment: ["REALLABOR_BOARDS": boards]
        )
        #expect(wait(seconds: 20) { run.errors.contains("connected to broker") }, "\(run.errors)")
        unlink(copy)
        let all = children(of: run.processID)
        for process in all { kill(process, SIGKILL) }
        #expect(all.count == 1)
        #expect(
            wait(seconds: 20) { run.errors.split(separator: "\n").count { $0.contains("connected to broker") } == 2 }, "\(run.errors)")
        #expect(run.errors.contains("the transport process was killed by SIGKILL"))
        run.signal(SIGTERM)
        #expect(run.exitCode() == 0, "\(run.errors)")
    }
}
