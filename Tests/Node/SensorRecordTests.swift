import ControlSocket
import Glibc
import SensorCore
import TestSupport
import Testing

@testable import NodeRuntime
@testable import NodeSimulation
@testable import reallabor_node

@Suite struct RecordedTransfersTests {
    static func text(_ recorded: RecordedTransfers) -> String { String(decoding: recorded.recording.json(by: "a test"), as: UTF8.self) }

    /// A command with its answer in one transfer, in two, unanswered, and what belongs to no whole reading.
    @Test("Keeps whole readings") func keepsWholeReadings() {
        var recorded = RecordedTransfers()
        let lines = [
            "part sht40 0x44", "1 89 -", "2 - 0fba7c7c4d7f", "3 fd -", "4 - error nack", "5 - 666693", "6 reading ok", "7 d0 60",
            "8 reading crc", "9 fd -", "10 - 777777",
        ]
        for line in lines {
            let isTaken = recorded.take(line)
            #expect(isTaken, "\(line)")
        }
        #expect(
            Self.text(recorded).hasSuffix(
                "\"part\":\"sht40\",\"address\":\"0x44\",\"readings\":1,\"responses\":{\"89\":[\"0fba7c7c4d7f\"],"
                    + "\"fd\":[null,\"666693\"],\"d0\":[\"60\"]}}\n"), "\(Self.text(recorded))")
        #expect(recorded.recording.failedReadings == 1 && recorded.lost == 0 && recorded.recording.unkept == 0)
    }

    /// A reading that lacks transfers would replay as another one: it is left out and said.
    @Test("A loss is said") func aLossIsSaid() {
        var recorded = RecordedTransfers()
        for line in ["part sht40 0x44", "1 fd aa", "lost 3", "2 fd bb", "3 reading ok", "4 fd error timeout", "5 reading timeout"] {
            let isTaken = recorded.take(line)
            #expect(isTaken, "\(line)")
        }
        #expect(recorded.lost == 3 && recorded.recording.unkept == 1)
        #expect(Self.text(recorded).contains("{\"fd\":[\"bb\"]}"))
    }

    @Test("Nonsense is refused", arguments: ["", "part", "hello", "x fd aa", "1", "1 fd", "lost", "lost x"])
    func nonsenseIsRefused(_ line: String) {
        var recorded = RecordedTransfers()
        let isTaken = recorded.take(line)
        #expect(!isTaken)
    }
}

/// On a living node, in real time.
@Suite(.startsProcesses) struct SensorRecordTests {
    static func configuration(_ part: String) -> String {
        """
        version: 1
        node: box-7
        board: raspberry-pi-4
        interval: 2s
        channels:
          - {name: gate, detector: contact, input: J8-11, debounce: {kind: stable, time: 8ms}}
        sensors:
          - {name: air, part: \(part), bus: i2c-1, period: 1s}
        journal: {path: journal.sqlite, budget: 64MB}
        mqtt: {host: localhost, port: 1}
        """
    }

    struct Reading: Decodable {
        struct Value: Decodable {
            var quantity: String
            var value: Double
        }
        var measurements: [Value]
    }

    /// What is played back is what the node read, reading by reading, though the part ran long before.
    @Test("Replays as it was read", arguments: ["bme280", "sht40"])
    func replaysAsItWasRead(_ part: String) throws {
        let folder = ScratchFolder()
        folder.write("node.yaml", Self.configuration(part))
        let path = folder.file("control.sock")
        let simulation = try node(
            "simulate", "quiet-night", "--config", folder.file("node.yaml"), "--for", "900", "--control", path)
        try #require(wait(seconds: 20) { isListening(at: path) }, "\(simulation.errors)")
        let watching = try ControlClient(path: path)
        try watching.request(ControlRequest(verb: "readings", arguments: ["air"]))
        // The part has been started, and its coefficients read, before anybody records.
        guard case .text = try watching.line(until: .distantFuture) else {
            Issue.record("no reading came")
            return
        }
        let file = folder.file("air.json")
        let record = try node("sensor", "record", "--control", path, "--sensor", "air", "--for", "30s", "-o", file)
        var seen: [String] = []
        while seen.count < 20 {
            guard case .text(let line) = try watching.line(until: .distantFuture) else { break }
            let words = line.split(separator: " ")
            try #require(words.count == 5, "no reading but '\(line)'")
            seen.append("\(words[1]) \(words[4])")
        }
        // Ctrl-C keeps what is there.
        record.signal(SIGINT)
        #expect(record.exitCode() == 0, "\(record.errors)")
        #expect(record.errors.contains("readings in \(file), 0 failed"), "\(record.errors)")
        let replay = try node("sensor", "replay", "--part", part, "--readings", "3", "--format", "text", file)
        #expect(replay.exitCode() == 0, "\(replay.errors)")
        let replayed = replay.output.split(separator: "\n").map { line in
            line.split(separator: " ").prefix(2).map { $0.filter { $0 != ":" } }.joined(separator: " ")
        }
        let whole = part == "sht40" ? 6 : 9
        #expect(replayed.count == whole)
        let isThere = seen.indices.contains { start in
            let part = seen[start...].prefix(whole)
            return part.count == whole && zip(part, replayed).allSatisfy(Self.isRounded)
        }
        #expect(isThere, "\(replayed) in \(seen)")

        let other = try node("sensor", "record", "--control", path, "--sensor", "iar", "--for", "1s", "-o", folder.file("x.json"))
        #expect(other.exitCode() == 69 && other.errors.contains("did you mean 'air'?"), "\(other.errors)")
        #expect(access(folder.file("x.json"), F_OK) != 0)
        simulation.signal(SIGTERM)
        #expect(simulation.exitCode() != 127)
    }

    /// The text is written with a tenth of the part's step, the stream has all digits: "humidity 95.0091" of "humidity 95.00912024507151".
    private static func isRounded(_ exact: String, to written: String) -> Bool {
        let (exact, written) = (exact.split(separator: " "), written.split(separator: " "))
        guard exact.count == 2, written.count == 2, exact[0] == written[0], let value = Double(exact[1]), let rounded = Double(written[1])
        else { return false }
        let decimals = written[1].split(separator: ".").dropFirst().first?.count ?? 0
        var half = 0.5
        for _ in 0..<decimals { half /= 10 }
        return abs(value - rounded) <= half * 1.0001
    }
}
