import ControlSocket
import Glibc
import SensorCore
import TestSupport
import Testing

@testable import NodeRuntime
@testable import NodeSimulation
@testable import reallabor_node

/// A technician at a living node: in real time, since the sensor has to stand still.
@Suite(.startsProcesses) struct CalibrateClimateTests {
    static let configuration = """
        version: 1
        node: box-7
        board: raspberry-pi-4
        interval: 2s
        channels:
          - {name: gate, detector: contact, input: J8-11, debounce: {kind: stable, time: 8ms}}
        sensors:
          - {name: air, part: bme280, bus: i2c-1, period: 1s}
        journal: {path: journal.sqlite, budget: 64MB}
        mqtt: {host: localhost, port: 1}
        """

    func climate(_ path: String, _ arguments: [String], input: String = "") throws -> ProgramRun {
        let common = [
            "calibrate", "climate", "--control", path, "--sensor", "air", "--reference-device", "Testo 625 no. 123", "--by",
            "M. Muster", "--readings", "3", "--window", "2s",
        ]
        return try ProgramRun(programPath(), common + arguments, input: input)
    }

    @Test("Calibrates the live node") func calibratesTheLiveNode() throws {
        let folder = ScratchFolder()
        folder.write("node.yaml", Self.configuration)
        let path = folder.file("control.sock")
        let simulation = try node(
            "simulate", "quiet-night", "--config", folder.file("node.yaml"), "--for", "900", "--control", path, "--journal",
            folder.file("journal.sqlite"))
        try #require(wait(seconds: 20) { isListening(at: path) }, "\(simulation.errors)")

        // Nobody answers, somebody answers nonsense, somebody says no, a slip of the pen: nothing is kept.
        let refusals: [(arguments: [String], input: String, code: Int32, words: String)] = [
            ([], "", 65, "no answer came; nothing was stored"),
            ([], "warm\n", 65, "'warm' is no number; write it with a point"),
            (["--reference", "70"], "", 65, "check the reference for a slip"),
            (["--reference", "19.9", "--timeout", "1s"], "", 1, "did not stand still within 1 s"),
        ]
        let running = try refusals.map { ($0, try climate(path, ["--quantity", "temperature"] + $0.arguments, input: $0.input)) }
        for (expected, run) in running {
            #expect(run.exitCode() == expected.code, "\(run.errors)")
            #expect(run.errors.contains(expected.words), "\(run.errors)")
        }
        let other = try climate(path, ["--quantity", "co2"])
        #expect(other.exitCode() == 69)
        #expect(other.errors.contains("air is a bme280 and measures temperature, humidity, pressure"), "\(other.errors)")
        #expect(access(folder.file("calibrations"), F_OK) != 0)

        // The simulated night has 102600 Pa, give or take 40.
        let asked = try climate(path, ["--quantity", "pressure", "--expires", "2199-01-01"], input: "102500\ny\n")
        #expect(asked.exitCode() == 0, "\(asked.errors)\(asked.output)")
        #expect(asked.output.contains("stored, from the next interval on: air-pressure-"), "\(asked.output)")
        let isInForce = wait(seconds: 20) {
            (try? node("status", "--control", path)).map { $0.exitCode() == 0 && $0.output.contains("calibration of air pressure") }
                ?? false
        }
        #expect(isInForce)
        let status = try node("status", "--json", "--control", path)
        #expect(status.exitCode() == 0)
        #expect(status.output.contains("\"expires\":\"2199-01-01T00:00:00Z\",\"standing\":\"in force\""), "\(status.output)")

        let back = try node(
            "calibrate", "revert", "--control", path, "--sensor", "air", "--quantity", "pressure", "--by", "me", "--reason", "rain\ncame")
        #expect(back.exitCode() == 0, "\(back.errors)")
        let history = try node("calibrate", "history", "--control", path)
        #expect(history.exitCode() == 0)
        #expect(history.output.contains("(rain came)") && history.output.contains("superseded by"), "\(history.output)")

        simulation.signal(SIGTERM)
        #expect(simulation.exitCode() != 127)
        let silent = try node("calibrate", "history", "--control", path)
        #expect(silent.exitCode() == 69)
        #expect(silent.errors.contains("no node runs with this control socket"), "\(silent.errors)")
    }
}
