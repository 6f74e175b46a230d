import Calibration
import ControlSocket
import HardwareMocks
import SensorCore
import TestSupport
import Testing

@testable import NodeRuntime
@testable import NodeSimulation

/// The verbs as a client meets them, on a folder of their own.
@Suite struct CalibrationVerbsTests {
    /// 2026-05-01T12:00:00Z.
    static let now = WallClockTime(secondsSince1970: 1_777_636_800)
    let scratch = ScratchFolder()

    func verbs(utc: WallClockTime? = now) -> CalibrationVerbs {
        CalibrationVerbs(
            folder: CalibrationFolder(state: scratch.path), plan: SimulatedNode.small.plan,
            clock: ManualClock(
                start: MonotonicInstant(nanoseconds: 1_000_000_000), utc: utc, bootID: BootID("test"), expected: 1))
    }

    func ask(_ verb: String, _ arguments: [String], _ payload: String = "", utc: WallClockTime? = now) throws -> String {
        let found = try #require(verbs(utc: utc).all.first { $0.name == verb })
        do throws(ControlRefusal) {
            let answer = try found.answer(ControlRequest(verb: verb, arguments: arguments, payload: Array(payload.utf8)))
            guard case .body(let bytes) = answer else { return "a stream" }
            return String(decoding: bytes, as: UTF8.self)
        } catch {
            return "refused: \(error)"
        }
    }

    static func entry(
        _ id: String, sensor: String = "street-air", part: String = "sht40", at utc: WallClockTime = now - .seconds(10),
        offset: Double = -0.5
    ) -> CalibrationEntry {
        CalibrationEntry(
            id: id, node: "simulated-node", sensor: sensor, part: part, quantity: .temperature, performedAt: utc,
            by: "M. Muster", reference: "Testo 625", change: .correct(.linear(LinearCorrection(offset: offset))))
    }

    @Test("Tells what a record must know") func tellsWhatARecordMustKnow() throws {
        let lines = try ask("calibration-context", ["street-air", "temperature"])
        let context = CalibrationContext(lines: lines, utc: Self.now)
        #expect(
            context
                == CalibrationContext(
                    node: "simulated-node", sensor: "street-air", part: "sht40", quantity: .temperature, utc: Self.now))
        let unset = CalibrationContext(lines: try ask("calibration-context", ["street-air", "temperature"], utc: nil), utc: Self.now)
        #expect(unset != nil && unset?.utc == nil)
        #expect(try ask("calibration-context", ["street-ari", "temperature"]).contains("did you mean 'street-air'?"))
        #expect(
            try ask("calibration-context", ["street-air", "pressure"])
                == "refused: street-air is a sht40 and measures temperature, humidity")
    }

    @Test("Keeps a record and goes back") func keepsARecordAndGoesBack() throws {
        let text = Self.entry("first").fileText
        #expect(try ask("calibration-add", ["first"], text) == "first: raw − 0.5 Cel\n")
        #expect(try ask("calibration-add", ["first"], text).contains("there is a record first already"))
        #expect(try ask("calibration-list", ["text"]).contains("in force"))
        let back = "2026-05-01T11:59:55Z\nA. B.\nin the sun\n"
        #expect(try ask("calibration-revert", ["street-air", "temperature"], back).contains("back to the configuration"))
        #expect(try ask("calibration-revert", ["street-air", "temperature"], back).contains("nothing to go back from"))
        let list = try ask("calibration-list", ["json"])
        #expect(list.contains("\"standing\":\"superseded by street-air-temperature-20260501t115955z\""), "\(list)")
        #expect(CalibrationFolder(state: scratch.path).read().entries.count == 2)
    }

    static let refused: [(id: String, text: String, words: String)] = [
        ("a", entry("a", sensor: "attic").fileText, "a would not be applied: foreign: the configuration has no sensor attic"),
        ("a", entry("a", part: "bme280").fileText, "made for a bme280, street-air is a sht40"),
        ("a", entry("a", at: now + .seconds(3600)).fileText, "dated in the future"),
        ("a", entry("b").fileText, "the record:1:5: "),
        ("../a", entry("a").fileText, "refused: "),
        ("a", "id: a\noffset: warm\n", "the record:"),
        ("a", "", "refused: "),
        ("a", String(repeating: "#", count: 16_385), "more than 16384 bytes"),
    ]

    @Test("Refuses what it would not apply", arguments: refused)
    func refusesWhatItWouldNotApply(_ row: (id: String, text: String, words: String)) throws {
        let answer = try ask("calibration-add", [row.id], row.text)
        #expect(answer.hasPrefix("refused: ") && answer.contains(row.words), "\(answer)")
        #expect(!answer.contains("\n"))
        #expect(CalibrationFolder(state: scratch.path).read() == CalibrationFolder.Content())
    }

    /// A record cut off at any byte is never kept: its last line must be there.
    @Test("A cut off record is refused") func aCutOffRecordIsRefused() throws {
        let text = Array(Self.entry("first").fileText.utf8)
        for length in 0..<text.count {
            let answer = try ask("calibration-add", ["first"], String(decoding: text.prefix(length), as: UTF8.self))
            #expect(answer.hasPrefix("refused: "), "\(length) bytes: \(answer)")
        }
        #expect(CalibrationFolder(state: scratch.path).read() == CalibrationFolder.Content())
    }

    /// An older record than the one in force would change nothing, so nobody is left to believe it does.
    @Test("An older record is refused") func anOlderRecordIsRefused() throws {
        _ = try ask("calibration-add", ["first"], Self.entry("first").fileText)
        let answer = try ask("calibration-add", ["older"], Self.entry("older", at: Self.now - .seconds(600)).fileText)
        #expect(answer.contains("older would not be applied: superseded by first"), "\(answer)")
    }

    @Test("A node without time takes a record") func aNodeWithoutTimeTakesARecord() throws {
        #expect(try ask("calibration-add", ["first"], Self.entry("first").fileText, utc: nil) == "first: raw − 0.5 Cel\n")
    }

    @Test(
        "A way back is three lines",
        arguments: ["", "now\nme\nwhy\n", "2026-05-01T11:59:55Z\nme\n", "2026-05-01T11:59:55Z\nme\nwhy\nmore\n"])
    func aWayBackIsThreeLines(_ payload: String) throws {
        _ = try ask("calibration-add", ["first"], Self.entry("first").fileText)
        #expect(try ask("calibration-revert", ["street-air", "temperature"], payload).contains("takes three lines"))
    }
}
