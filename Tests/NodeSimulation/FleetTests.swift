import Glibc
import HardwareMocks
import JSONText
import NodeConfiguration
import SensorCore
import StoreForward
import TestSupport
import Testing
import TransportService

@testable import NodeRuntime
@testable import NodeSimulation

@Suite(.blocksItsThread) struct FleetTests {
    private static func fleet(_ count: Int, journal: String?, log: RecordingLog = RecordingLog()) throws -> Fleet {
        let text = try #require(ChosenScenario.builtInText("school-gate"))
        var scenario = try ChosenScenario(json: text)
        scenario.duration = .seconds(600)
        return Fleet(scenario: scenario, node: .small, count: count, journal: journal, transport: transportInProcess, log: log)
    }

    @Test("Each node has a name, a street and a journal of its own, and counts what passed there")
    func eachItsOwn() throws {
        let folder = ScratchFolder(inMemory: true)
        let report = try Self.fleet(3, journal: folder.file("fleet.sqlite")).run(inSimulatedTime: true)
        #expect(report.nodes.map(\.name) == ["simulated-node-1", "simulated-node-2", "simulated-node-3"])
        #expect(report.failures.isEmpty && report.isExact && report.isDelivered, "\(report.text)")
        let counts = report.nodes.compactMap { node in
            if case .success(let report) = node.outcome { report.channels.map(\.counted) } else { nil }
        }
        #expect(counts.count == 3 && Set(counts).count > 1, "one street for all of them: \(counts)")
        for number in 1...3 {
            let stats = try JournalInspection(path: folder.file("fleet-\(number).sqlite")).stats()
            #expect(stats.lastSequence > 20)
            let totals = ["gate", "path"].compactMap { stats.totals[$0] }
            #expect(totals == counts[number - 1], "the journal of node \(number)")
        }
    }

    @Test("What one node can't do is said with its name, and the others go on")
    func oneFails() throws {
        let folder = ScratchFolder(inMemory: true)
        mkdir(folder.file("fleet-2.sqlite"), 0o755)
        let report = try Self.fleet(2, journal: folder.file("fleet.sqlite")).run(inSimulatedTime: true)
        #expect(report.failures.count == 1 && report.failures[0].hasPrefix("simulated-node-2: "), "\(report.failures)")
        #expect(report.text.contains("simulated-node-1\n  gate: counted "))
    }

    @Test(
        "Journals get their number before the extension",
        arguments: [("a/b.sqlite", "a/b-7.sqlite"), ("a.b/c", "a.b/c-7"), (".hidden", ".hidden-7")])
    func paths(_ journal: String, _ expected: String) { #expect(Fleet.path(journal, 7) == expected) }

    @Test("Destinations are no other node's: client id, topic and receipt topic get the number")
    func destinations() throws {
        let text = """
            node: a
            board: raspberry-pi-4
            journal: {path: j.sqlite}
            mqtt: {host: h, confirm: receiver}

            """
        let repository = #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined()
        let context = ConfigurationContext(
            parts: [], edges: EdgeCapabilities(backend: "none", hasSequenceNumbers: false, hasKernelDebounce: false, bufferedEvents: 16),
            formats: [FormatDescription(name: "native", hasReceipts: true)], boardFolders: [repository + "/Boards"])
        let one = try #require(try NodeConfiguration.parse(text, file: "n.yaml", context: context).destinations.first)
        let other = one.numbered(3).mqtt
        #expect(other.clientID == "reallabor-a-3" && other.topic == "reallabor/a-3" && other.receiptTopic == "reallabor/a-3/receipt")
    }
}
