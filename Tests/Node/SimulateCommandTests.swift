import FoundationEssentials
import Glibc
import TestSupport
import Testing

@Suite(.startsProcesses) struct SimulateCommandTests {
    @Test("A built in street is counted exactly", arguments: [("school-gate", 200, 50), ("quiet-night", 0, 2000)])
    func aBuiltInStreetIsCountedExactly(_ name: String, closures: UInt64, glitches: UInt64) throws {
        let run = try node("simulate", name, "--speed", "max", "--format", "json")
        #expect(run.exitCode() == 0, "\(run.errors)")
        let report: SimulationOutput = try run.json()
        #expect(report.channels.map(\.channel) == ["gate", "path"])
        for channel in report.channels {
            #expect(channel.counted == channel.true)
            #expect(closures == 0 ? channel.true == 0 : channel.true > closures, "\(channel)")
            #expect(channel.rejected_glitches > glitches, "\(channel)")
        }
        // Nothing was to be delivered.
        #expect(report.delivered == nil)
        #expect(report.acknowledged_through == nil)
        #expect(!report.stopped_early)
    }

    @Test("A file is played and the text says exact") func aFileIsPlayedAndTheTextSaysExact() throws {
        let folder = ScratchFolder()
        let scenario = folder.write(
            "street.json",
            #"{"seed": 5, "duration_s": 120, "traffic": [{"channel": "gate", "closures_per_hour": 3000}]}"#)
        let run = try node("simulate", scenario, "--speed", "max", "--live", environment: ["TMPDIR": folder.path])
        #expect(run.exitCode() == 0, "\(run.errors)")
        #expect(run.output.contains("exact; 0 glitches rejected"), "\(run.output)")
        #expect(run.output.contains("path: counted 0, true 0: exact"), "\(run.output)")
        // Live: two full minutes and the rest, per channel.
        #expect(run.output.split(separator: "\n").filter { $0.contains("  counted  gate ") }.count == 3, "\(run.output)")
        #expect(run.output.contains("2026-01-01T00:01:00Z  measured  box-air 15.0 Cel, 60.0 %RH, "), "\(run.output)")
        // The temporary journal is gone.
        #expect(folder.names == ["street.json"])
    }

    /// Beside a street's own detectors: who passed, which way, how fast.
    @Test(
        "A street shows the detectors that belong there",
        arguments: [("cycle-path", "beams", "bike, forward, mean"), ("storm", "tubes", "car, ")])
    func aStreetShowsTheDetectorsThatBelongThere(_ name: String, _ channel: String, _ flow: String) throws {
        let run = try node("simulate", name, "--speed", "max", "--for", "5m")
        #expect(run.exitCode() == 0, "\(run.errors)")
        #expect(run.output.contains("\n\(channel): counted ") || run.output.hasPrefix("\(channel): counted "), "\(run.output)")
        #expect(run.output.contains(flow) && run.output.contains(" km/h"), "\(run.output)")
        #expect(run.output.split(separator: "\n").allSatisfy { $0.count <= 80 }, "\(run.output)")
    }

    @Test("A fault that a scenario plants is announced as planted") func aFaultThatAScenarioPlantsIsAnnounced() throws {
        let run = try node("simulate", "school-gate", "--speed", "max", "--for", "200")
        #expect(run.exitCode() == 0, "\(run.errors)")
        let lines = run.errors.split(separator: "\n")
        let planted = try #require(lines.firstIndex { $0.contains("planted by the scenario: street-air is unplugged from 120 s to 185 s") })
        let fault = try #require(lines.firstIndex { $0.contains("street-air (sht40): nack: nobody answered (") })
        #expect(planted < fault, "\(run.errors)")
        let before = try node("simulate", "school-gate", "--speed", "max", "--for", "100")
        #expect(before.exitCode() == 0 && !before.errors.contains("planted"), "\(before.errors)")
    }

    /// Killed before it could clear up, it leaves a folder; one in use and what is no journal's stay.
    @Test("What a killed simulation left is cleared by the next") func whatAKilledSimulationLeftIsCleared() throws {
        let folder = ScratchFolder()
        func leave(_ name: String, files: [String], age: Int) throws {
            let path = folder.file(name)
            try #require(mkdir(path, 0o700) == 0)
            for file in files { folder.write("\(name)/\(file)", "") }
            var times = [timeval(), timeval()]
            gettimeofday(&times[0], nil)
            times[0].tv_sec -= age
            times[1] = times[0]
            try #require(utimes(path, times) == 0)
        }
        try leave("reallabor-simulation-killed", files: ["journal.sqlite", "journal.sqlite-wal", "journal.sqlite.lock"], age: 3600)
        try leave("reallabor-simulation-young0", files: ["journal.sqlite"], age: 0)
        try leave("reallabor-simulation-inuse0", files: ["journal.sqlite.lock"], age: 3600)
        try leave("reallabor-simulation-mine00", files: ["thesis.txt"], age: 3600)
        let lock = open(folder.file("reallabor-simulation-inuse0/journal.sqlite.lock"), O_RDWR)
        try #require(flock(lock, LOCK_EX | LOCK_NB) == 0)
        defer { close(lock) }
        let run = try node("simulate", "quiet-night", "--speed", "max", "--for", "60", environment: ["TMPDIR": folder.path])
        #expect(run.exitCode() == 0, "\(run.errors)")
        let names = folder.names.filter { $0.hasPrefix("reallabor-simulation-") }.sorted()
        #expect(names == ["reallabor-simulation-inuse0", "reallabor-simulation-mine00", "reallabor-simulation-young0"])
    }

    @Test(
        "How long is told as everywhere",
        arguments: [("90", true), ("90s", true), ("2m", true), ("1.5", true), ("0", false), ("2d", false)])
    func howLongIsToldAsEverywhere(_ time: String, _ isTaken: Bool) throws {
        let run = try node("simulate", "quiet-night", "--speed", "max", "--for", time)
        #expect(run.exitCode() == (isTaken ? 0 : 64), "\(time): \(run.errors)")
        if !isTaken { #expect(run.errors.contains("30s, 10m or 2h")) }
    }

    @Test("A scenario's name that is nearly one is recognised") func aNameThatIsNearlyOneIsRecognised() throws {
        let run = try node("simulate", "school-gat")
        #expect(run.exitCode() == 66)
        #expect(run.errors.contains("did you mean the scenario school-gate?"), "\(run.errors)")
    }

    @Test("A journal that was named is kept and continued") func aJournalThatWasNamedIsKeptAndContinued() throws {
        let folder = ScratchFolder()
        let path = folder.file("journal.sqlite")
        for _ in 0..<2 {
            let run = try node("simulate", "school-gate", "--speed", "max", "--for", "120", "--journal", path)
            #expect(run.exitCode() == 0, "\(run.errors)")
        }
        let journal = try journalled(path)
        #expect(journal.records.map(\.sequence) == (1...UInt64(journal.records.count)).map { $0 })
        #expect(journal.records.map(\.record).notices.count == 1)
        #expect(Set(journal.records.map(\.record.bootID)).count == 2)
        #expect(journal.records.allSatisfy { $0.record.bootID.text.hasPrefix("simulated-") })
    }

    @Test(
        "A faulty scenario is said with its place",
        arguments: [
            ("{", "1:2"), ("{\"seed\": 1}", "1:1"), ("{\"duration_s\": 0}", "1:16"),
            ("{\"duration_s\": 60,\n\"traffic\": [{\"channel\": 3}]}", "2:25"),
            ("{\"duration_s\": 60, \"wether\": {}}", "1:"),
        ])
    func aFaultyScenarioIsSaidWithItsPlace(_ text: String, place: String) throws {
        let folder = ScratchFolder()
        let run = try node("simulate", folder.write("street.json", text), "--speed", "max")
        #expect(run.exitCode() == 65)
        #expect(run.errors.contains("street.json:\(place)"), "\(run.errors)")
    }

    @Test("Without a broker it ends with 69") func withoutABrokerItEndsWith69() throws {
        let folder = ScratchFolder()
        let configuration = folder.write("node.yaml", configurationText(port: try freePort()))
        let run = try node(
            "simulate", "school-gate", "--speed", "max", "--for", "60", "--config", configuration, "--format", "json")
        #expect(run.exitCode() == 69, "\(run.errors)")
        let report: SimulationOutput = try run.json()
        #expect(report.delivered == false)
        #expect(report.acknowledged_through == 0)
        #expect(report.channels.allSatisfy { $0.counted == $0.true })
        #expect(run.errors.contains("MQTT:"))
    }
}

/// What arrives at a real broker is what happened in the street.
@Suite(.startsProcesses) struct EndToEndTests {
    struct Payload: Decodable {
        var kind: String
        var node: String
        var epoch: String
        var sequence: UInt64?
        var boot: String
        var channel: String?
        var count: UInt64?
        var state: String?
        var end: String?
        var time_quality: String?
    }

    /// In real time: SIGTERM ends it early, with the last interval closed, sent and acknowledged.
    @Test("A signal ends it cleanly") func aSignalEndsItCleanly() throws {
        let folder = ScratchFolder()
        let broker = try TestBroker()
        let receiver = try TestSubscriber(broker)
        let configuration = folder.write("node.yaml", configurationText(interval: "1s", port: broker.port))
        let scenario = folder.write(
            "street.json",
            #"{"seed": 5, "duration_s": 3600, "traffic": [{"channel": "*", "closures_per_hour": 18000}]}"#)
        let path = folder.file("journal.sqlite")
        let run = try node("simulate", scenario, "--config", configuration, "--journal", path, "--format", "json")
        #expect(wait(seconds: 30) { (try? traffic(receiver).contains { $0.count ?? 0 > 0 }) ?? false }, "\(run.errors)")
        run.signal(SIGTERM)
        #expect(run.exitCode() == 0, "\(run.errors)")
        let report: SimulationOutput = try run.json()
        #expect(report.stopped_early)
        #expect(report.acknowledged_through == report.records)
        #expect(wait(seconds: 20) { receiver.messages.last?.payload.contains("stopped") == true })
        let received = try traffic(receiver)
        let journal = try journalled(path)
        #expect(UInt64(journal.records.count) == report.records)
        for channel in report.channels {
            #expect(received.filter { $0.channel == channel.channel }.reduce(0) { $0 + ($1.count ?? 0) } == channel.counted)
            #expect(journal.totals[channel.channel] == channel.counted)
        }
        for (name, spans) in journal.records.map(\.record).series {
            for (one, next) in zip(spans, spans.dropFirst()) { #expect(one.end == next.start, "\(name)") }
            #expect(spans.last?.isPartial == true, "\(name)")
        }
    }

    func traffic(_ receiver: TestSubscriber) throws -> [Payload] {
        try receiver.messages.filter { $0.topic.contains("/traffic/") }.map {
            try JSONDecoder().decode(Payload.self, from: Data($0.payload.utf8))
        }
    }

    @Test("Every record arrives", arguments: ["5", "3.1.1"])
    func everyRecordArrives(_ version: String) throws {
        let folder = ScratchFolder()
        let broker = try TestBroker()
        let receiver = try TestSubscriber(broker)
        let configuration = folder.write("node.yaml", configurationText(port: broker.port, mqtt: "protocol: \(version)"))
        let run = try node("simulate", "school-gate", "--speed", "max", "--config", configuration, "--format", "json")
        #expect(run.exitCode() == 0, "\(run.errors)")
        let report: SimulationOutput = try run.json()
        #expect(report.delivered == true)
        #expect(report.acknowledged_through == report.records)
        // Acknowledged by the broker, maybe still on the way to the receiver.
        #expect(wait(seconds: 20) { receiver.messages.last?.payload.contains("stopped") == true })
        let decoder = JSONDecoder()
        let received = try receiver.messages.map { ($0, try decoder.decode(Payload.self, from: Data($0.payload.utf8))) }
        let records = received.filter { $0.1.kind != "status" }.map(\.1)
        // Two lanes: a receiver orders by sequence.
        #expect(records.compactMap(\.sequence).sorted() == (1...report.records).map { $0 })
        #expect(Set(records.map(\.epoch)).count == 1)
        let export = folder.write("received.jsonl", received.map { $0.0.payload + "\n" }.joined())
        let audit = try node("audit", export, "--expect", "1-\(report.records)")
        #expect(audit.exitCode() == 0, "\(audit.output)\(audit.errors)")
        #expect(audit.output.contains("complete, 1 to \(report.records)"), "\(audit.output)")
        #expect(received.allSatisfy { $0.1.node == "test-node" && $0.1.boot.hasPrefix("simulated-") })
        #expect(records.allSatisfy { $0.time_quality == "synchronised" })
        for channel in report.channels {
            let sum = records.filter { $0.channel == channel.channel }.reduce(0) { $0 + ($1.count ?? 0) }
            #expect(sum == channel.true)
            #expect(channel.true > 200)
        }
        #expect(
            Set(received.map(\.0.topic)) == [
                "reallabor/test/traffic/gate", "reallabor/test/traffic/path", "reallabor/test/climate/box-air",
                "reallabor/test/climate/street-air", "reallabor/test/node", "reallabor/test/time", "reallabor/test/notice",
                "reallabor/test/status",
            ])
        #expect(received.filter { $0.1.kind == "status" }.map(\.1.state) == ["online", "stopped"])
        #expect(received.first?.1.kind == "status" && received.last?.1.kind == "status")
        let isVersion5 = broker.log.contains("as reallabor-test-node (p5,")
        #expect(isVersion5 == (version == "5"), "\(broker.log.split(separator: "\n").prefix(20))")

        // A newcomer is told that the node has stopped, and nothing else.
        let newcomer = try TestSubscriber(broker, id: "newcomer")
        #expect(wait(seconds: 20) { !newcomer.messages.isEmpty })
        let retained = newcomer.messages
        #expect(retained.map(\.topic) == ["reallabor/test/status"])
        #expect(retained.first?.isRetained == true)
        #expect(retained.first?.payload.contains(#""state":"stopped""#) == true)
    }
}
