import HostFiles
import Calibration
import Glibc
import HardwareMocks
import NodeConfiguration
import SensorCore
import TestSupport
import Testing

@testable import NodeRuntime
@testable import NodeSimulation

@Suite struct CalibrationFolderTests {
    static func entry(
        _ id: String, sensor: String = "street-air", node: String = "simulated-node", at utc: WallClockTime,
        offset: Double = 1.5, expires: WallClockTime? = nil
    ) -> CalibrationEntry {
        CalibrationEntry(
            id: id, node: node, sensor: sensor, part: "sht40", quantity: .temperature, performedAt: utc, by: "M. Muster",
            reference: "Testo 625", expiresAt: expires, change: .correct(.linear(LinearCorrection(offset: offset))))
    }

    static let may = WallClockTime(secondsSince1970: 1_777_636_800)

    @Test("Keeps what it is given and never replaces it") func keepsWhatItIsGivenAndNeverReplacesIt() throws {
        let scratch = ScratchFolder()
        let folder = CalibrationFolder(state: scratch.path)
        #expect(folder.read() == CalibrationFolder.Content())
        try folder.add(Self.entry("a", at: Self.may))
        #expect(throws: FileError(.create, path: "\(folder.path)/a.yaml", code: EEXIST)) {
            try folder.add(Self.entry("a", at: Self.may, offset: 7))
        }
        try folder.add(Self.entry("b", at: Self.may))
        #expect(
            folder.read() == CalibrationFolder.Content(entries: [Self.entry("a", at: Self.may), Self.entry("b", at: Self.may)]))
        #expect(throws: ConfigurationFaults.self) { try folder.add(Self.entry("../c", at: Self.may)) }
        #expect(throws: ConfigurationFaults.self) { try folder.add(Self.entry("c", at: Self.may, offset: 1e10)) }
        #expect(folder.read().entries.count == 2)
    }

    /// Everything that is no record is named with its path; the records beside it are read.
    /// Root adds to a folder of a service, which may have put a link there.
    @Test("A link in the place of the folder is not followed") func aLinkInThePlaceOfTheFolder() throws {
        let scratch = ScratchFolder()
        scratch.makeFolder("elsewhere")
        #expect(symlink(scratch.file("elsewhere"), scratch.file("calibrations")) == 0)
        let folder = CalibrationFolder(state: scratch.path)
        #expect(throws: FileError(.create, path: folder.path, is: .link)) { try folder.add(Self.entry("a", at: Self.may)) }
        #expect(access(scratch.file("elsewhere/a.yaml"), F_OK) != 0)
    }

    @Test("Names what it cannot use") func namesWhatItCannotUse() throws {
        let scratch = ScratchFolder()
        let folder = CalibrationFolder(state: scratch.path)
        try folder.add(Self.entry("good", at: Self.may))
        let text = Array(Self.entry("x", at: Self.may).fileText.utf8)
        scratch.write("calibrations/.x.12.new", Array(text.prefix(40)))
        scratch.write("calibrations/notes.txt", "call Anna")
        scratch.write("calibrations/cut.yaml", "id: cut\nnode: n\n")
        scratch.write("calibrations/other.yaml", text)
        scratch.write("outside", text)
        #expect(symlink(scratch.file("outside"), "\(folder.path)/x.yaml") == 0)
        #expect(mkfifo("\(folder.path)/pipe.yaml", 0o600) == 0)
        let content = folder.read()
        #expect(content.entries.map(\.id) == ["good"])
        let words = [
            ("/.x.12.new: left behind", 1), ("/notes.txt: no calibration", 1), ("/cut.yaml:1:1: the calibration lacks", 1),
            ("/other.yaml:1:5: ", 1), ("/x.yaml: it is a link", 1), ("/pipe.yaml: it is a pipe", 1),
        ]
        for (word, count) in words {
            #expect(content.faults.filter { $0.contains(word) }.count == count, "\(word) in \(content.faults)")
        }
        #expect(content.faults.count == words.count)
    }

    @Test(
        "Lies in the state folder",
        arguments: [
            ("/var/lib/r/j.sqlite", nil, "/var/lib/r/calibrations"), ("j.sqlite", nil, "./calibrations"),
            ("/j.sqlite", nil, "//calibrations"), ("/data/j", "/var/lib/a:/var/lib/b", "/var/lib/a/calibrations"),
        ] as [(String, String?, String)])
    func liesInTheStateFolder(_ journal: String, _ environment: String?, _ path: String) {
        #expect(CalibrationFolder(journal: journal, environment: environment).path == path)
    }

    /// A record comes in the middle of minute 3: minute 3 is corrected by nothing throughout, minute 4 by the record.
    /// It expires in the middle of minute 7: minute 7 is corrected throughout, minute 8 not at all.
    @Test("A running node takes a record at the next interval") func aRunningNodeTakesARecordAtTheNextInterval() throws {
        let scratch = ScratchFolder()
        let scenario = try Scenario.street(seconds: 600, closuresPerHour: 0, start: 1_788_241_800)
        let folder = CalibrationFolder(state: scratch.path)
        var run = SimulatedRun(scenario)
        run.state = scratch.path
        run.events = [
            (
                at: 205,
                action: { _ in
                    try folder.add(
                        Self.entry("new", at: scenario.start + .seconds(200), expires: scenario.start + .seconds(450)))
                    try folder.add(Self.entry("elsewhere", node: "another", at: scenario.start + .seconds(200)))
                }
            )
        ]
        let outcome = try run.run(journal: scratch.file("journal.sqlite"))
        let street = outcome.records.climate.filter { $0.sensor == "street-air" }
        #expect(street.count >= 10)
        for (minute, interval) in street.enumerated() where minute < 10 {
            let temperature = try #require(interval.quantities.first { $0.quantity == .temperature })
            let statistics = try #require(temperature.statistics)
            let raw = try #require(temperature.rawMean)
            let isCorrected = (4...7).contains(minute)
            #expect(temperature.calibration == (isCorrected ? "new" : nil), "minute \(minute)")
            for value in [statistics.mean - raw] {
                #expect(abs(value - (isCorrected ? 1.5 : 0)) < 1e-9, "minute \(minute)")
            }
            #expect(!interval.span.isPartial)
            #expect(interval.quantities.first { $0.quantity == .humidity }?.calibration == nil)
        }
        outcome.records.expectTiling(from: outcome.start)
        let told = outcome.log.filter { $0.contains("calibration ") }
        #expect(told.filter { $0.contains("elsewhere: foreign: made for the node another") }.count == 1, "\(outcome.log)")
        #expect(told.filter { $0.contains("new: expired") }.count == 1, "\(outcome.log)")
    }

    @Test("The first interval is corrected too", arguments: [true, false]) func theFirstIntervalIsCorrectedToo(_ knowsTime: Bool) throws {
        let scratch = ScratchFolder()
        let scenario = try Scenario.street(seconds: 120, closuresPerHour: 0, start: 1_788_241_800)
        try CalibrationFolder(state: scratch.path).add(
            Self.entry("old", at: Self.may, expires: scenario.start - .seconds(1)))
        var run = SimulatedRun(scenario)
        run.state = scratch.path
        if !knowsTime { run.utc = nil }
        let records = try run.run(journal: scratch.file("journal.sqlite")).records
        let street = records.climate.filter { $0.sensor == "street-air" }
        #expect(!street.isEmpty)
        for interval in street {
            let temperature = try #require(interval.quantities.first { $0.quantity == .temperature })
            #expect(temperature.calibration == (knowsTime ? nil : "old"))
        }
    }

    @Test("History and way back", .startsProcesses) func historyAndWayBack() throws {
        let scratch = ScratchFolder()
        let config = scratch.write("node.yaml", configurationText())
        let folder = CalibrationFolder(state: scratch.path)
        try folder.add(Self.entry("a", node: "test-node", at: Self.may))
        try folder.add(Self.entry("b", node: "test-node", at: Self.may + .seconds(60)))
        func calibrate(_ arguments: String...) throws -> ProgramRun {
            try ProgramRun(
                programPath(),
                ["calibrate", arguments[0], "--config", config, "--state", scratch.path] + arguments.dropFirst())
        }
        // Which of the two is in force depends on the machine's clock; both lie in its past.
        let way = ["--sensor", "street-air", "--quantity", "temperature", "--by", "M", "--reason", "sun"]
        let revert = try calibrate("revert", way[0], way[1], way[2], way[3], way[4], way[5], way[6], way[7])
        #expect(revert.exitCode() == 0, "\(revert.errors)")
        #expect(revert.output.contains("back to a"))
        let history = try calibrate("history", "--json")
        #expect(history.exitCode() == 0, "\(history.errors)")
        #expect(history.output.split(separator: "{").count == 4)
        #expect(history.output.hasSuffix("\"standing\":\"in force\"}],\"broken\":[]}\n"), "\(history.output)")
        scratch.write("calibrations/cut.yaml", "id: cut\n")
        let broken = try calibrate("history")
        #expect(broken.exitCode() == 65)
        #expect(broken.output.contains("cut.yaml:1:1: "), "\(broken.output)")
        #expect(try calibrate("revert", "--sensor", "nobody", way[2], way[3], way[4], way[5], way[6], way[7]).exitCode() == 64)
    }
}
