import Calibration
import NodeConfiguration
import SensorCore
import Testing

@Suite struct CalibrationFileTests {
    static func entry(_ change: CalibrationEntry.Change, text: String = "M. Muster") -> CalibrationEntry {
        CalibrationEntry(
            id: "a-1", node: "n", sensor: "s", part: "sht40", serial: text, quantity: .temperature,
            performedAt: WallClockTime(secondsSince1970: 1_777_636_800), by: text, place: text, reference: text,
            expiresAt: WallClockTime(secondsSince1970: 1_809_172_800), change: change)
    }

    static func changes() throws -> [CalibrationEntry.Change] {
        let points = [(0.5, -1e-7), (10, 10), (20.25, 1e6)].map { ReferencePair(raw: $0.0, reference: $0.1) }
        return [
            .correct(.linear(LinearCorrection(offset: -0.1, gain: 1.0000000000000002))),
            .correct(.piecewise(try PiecewiseCorrection(points: points))), .backTo(id: "a-0"), .factory,
        ]
    }

    func faults(_ text: String, id: String = "a-1") -> [ConfigurationFault] {
        do throws(ConfigurationFaults) {
            _ = try CalibrationEntry.parse(Array(text.utf8), file: "a-1.yaml", id: id)
            return []
        } catch {
            return error.faults
        }
    }

    @Test("Reads what is written") func readsWhatIsWritten() throws {
        for change in try Self.changes() {
            let entry = Self.entry(change)
            #expect(try CalibrationEntry.parse(Array(entry.fileText.utf8), file: "f", id: "a-1") == entry)
        }
    }

    /// Every text that may stand in a file comes back as it was, whatever it means to YAML.
    @Test("Any text comes back") func anyTextComesBack() throws {
        var random = SeededTexts(seed: 20_260_501)
        for _ in 0..<2000 {
            let entry = Self.entry(.factory, text: random.next())
            #expect(
                try CalibrationEntry.parse(Array(entry.fileText.utf8), file: "f", id: "a-1") == entry,
                "seed 20260501: \(entry.by.unicodeScalars.map(\.value))")
        }
    }

    @Test("No beginning of a file is a record") func noBeginningOfAFileIsARecord() throws {
        for change in try Self.changes() {
            let bytes = Array(Self.entry(change).fileText.utf8)
            for length in 0..<bytes.count {
                #expect(throws: ConfigurationFaults.self, "\(length)") {
                    try CalibrationEntry.parse(Array(bytes.prefix(length)), file: "f", id: "a-1")
                }
            }
        }
    }

    static let head =
        "id: a-1\nnode: n\nsensor: s\npart: sht40\nquantity: temperature\nwhen: 2026-05-01T12:00:00Z\nby: M\nreference: R\n"

    @Test(
        "Faults have a place",
        arguments: [
            FaultCase("unit", head + "offset: 1\ngain: 1\nunit: ▶degF\n", "calibrated in Cel"),
            FaultCase("key", head + "▶ofset: 1\nrevert: factory\nunit: Cel\n", "did you mean"),
            FaultCase("gain", head + "offset: 1\ngain: ▶-1\nunit: Cel\n", "out of range"),
            FaultCase("number", head + "offset: ▶nan\ngain: 1\nunit: Cel\n", "not a number"),
            FaultCase("nothing", "▶" + head + "gain: 1\nunit: Cel\n", "either offset and gain"),
            FaultCase("both", "▶" + head + "offset: 1\ngain: 1\nrevert: factory\nunit: Cel\n", "not several"),
            FaultCase(
                "falling", head + "points: ▶[{raw: 1, reference: 2}, {raw: 2, reference: 1}]\nunit: Cel\n", "point 2"),
            FaultCase("path", head + "revert: ▶../x\nunit: Cel\n", "not an id"),
            FaultCase("no line end", head + "revert: factory\nunit: Cel▶", "cut off"),
        ])
    func faultsHaveAPlace(_ item: FaultCase) { item.check(faults(item.text), file: "a-1.yaml") }

    @Test("A copy under another name is told of") func aCopyUnderAnotherNameIsToldOf() {
        let told = faults(Self.head + "revert: factory\nunit: Cel\n", id: "a-2")
        #expect(told.map(\.line) == [1])
        #expect(told.first?.message.contains("a-2") == true)
    }

    @Test("A large file is refused unread") func aLargeFileIsRefusedUnread() {
        let told = faults(Self.head + "revert: factory\nunit: Cel\n" + String(repeating: "#", count: 16_384) + "\n")
        #expect(told.first?.message.contains("16384") == true)
    }
}

/// Texts of 1 to 40 scalars, many of them of meaning to YAML.
private struct SeededTexts {
    private var state: UInt64
    private static let signs = Array("\"'\\:#{}[]&*!|>%@`-?, ~0x1e~nulltruéß€\u{FEFF}\u{2028}\u{A0}😀\u{301}".unicodeScalars)

    init(seed: UInt64) { state = seed }

    mutating func next() -> String {
        var text = String.UnicodeScalarView()
        for _ in 0...(number() % 40) { text.append(Self.signs[Int(number() % UInt64(Self.signs.count))]) }
        return String(text)
    }

    /// Knuth's MMIX generator; its upper bits.
    private mutating func number() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state >> 33
    }
}
