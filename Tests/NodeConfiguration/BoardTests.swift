import Glibc
import NodeConfiguration
import SensorCore
import TestSupport
import Testing

@Suite struct Boards {
    /// Raspberry Pi's 40-pin header: pin and BCM GPIO number.
    static let header: [(Int, UInt32)] = [
        (3, 2), (5, 3), (7, 4), (8, 14), (10, 15), (11, 17), (12, 18), (13, 27), (15, 22), (16, 23), (18, 24), (19, 10),
        (21, 9), (22, 25), (23, 11), (24, 8), (26, 7), (27, 0), (28, 1), (29, 5), (31, 6), (32, 12), (33, 13), (35, 19),
        (36, 16), (37, 26), (38, 20), (40, 21),
    ]

    static let shipped: [(String, String)] = [
        ("raspberry-pi-zero-2-w", "pinctrl-bcm2835"), ("raspberry-pi-3", "pinctrl-bcm2835"),
        ("raspberry-pi-4", "pinctrl-bcm2711"), ("raspberry-pi-5", "pinctrl-rp1"),
    ]

    func board(_ name: String) throws -> BoardDescription {
        try parse(replacing("board", by: "board: \(name)")).board
    }

    @Test("Raspberry pis", arguments: shipped) func raspberryPis(_ name: String, _ chip: String) throws {
        let board = try board(name)
        #expect(board.name == name)
        #expect(board.chipLabel == chip)
        #expect(board.pins.map(\.name) == Self.header.map { "J8-\($0.0)" })
        #expect(board.pins.map(\.lineOffset) == Self.header.map(\.1))
        #expect(Set(board.pins.map(\.lineOffset)).count == 28)
        #expect(Set(board.pins.map(\.name) + board.otherPins.map(\.name)) == Set((1...40).map { "J8-\($0)" }))
        #expect(
            board.otherPins.filter { $0.use == "ground" }.map(\.name)
                == [6, 9, 14, 20, 25, 30, 34, 39].map { "J8-\($0)" })
        #expect(board.otherPins.filter { $0.use == "5 V supply" }.map(\.name) == ["J8-2", "J8-4"])
        #expect(board.otherPins.filter { $0.use == "3.3 V supply" }.map(\.name) == ["J8-1", "J8-17"])
        for (pin, line) in Self.header {
            #expect(board.pin(named: "J8-\(pin)")?.lineOffset == line)
            #expect(board.pin(named: "GPIO\(line)")?.name == "J8-\(pin)")
        }
        #expect(board.bus(named: "i2c-1")?.device == "/dev/i2c-1")
        #expect(board.bus(named: "i2c-1")?.pins == ["J8-3", "J8-5"])
    }

    @Test("The lab") func theLab() throws {
        let board = try board("lab")
        #expect(board.chipLabel == "lab-gpio")
        #expect(board.pins.map(\.name) == (0..<8).map { "SIM-\($0)" })
        #expect(board.pins.map(\.lineOffset) == Array(0..<8))
        #expect(board.buses.map(\.name) == ["i2c-fake", "i2c-cuse"])
        #expect(board.buses.map(\.device) == ["/dev/i2c-0", "/dev/i2c-9"])
        #expect(board.pin(named: "GPIO1") == nil)
    }

    @Test("Every shipped file is tested") func everyShippedFileIsTested() throws {
        let found = faults(of: Array(replacing("board", by: "board: zzzzzz").utf8), in: try context())
        let names = (Self.shipped.map(\.0) + ["lab"]).sorted().joined(separator: ", ")
        #expect(found.map(\.message).first?.contains("boards found: \(names); folders") == true, "\(found)")
    }

    static let cases: [FaultCase] = [
        FaultCase("empty", "▶", "holds no settings"),
        FaultCase("unknown key", "model: m\ngpio-chip: c\npins: {A: 1}\n▶bus: {}\n", "did you mean 'buses'?"),
        FaultCase("missing keys", "▶▶▶buses: {}\n", [["'model'"], ["'gpio-chip'"], ["'pins'"]]),
        FaultCase("line twice", "model: m\ngpio-chip: c\npins:\n  A: 1\n  B: ▶1\n", "already pin A at line 4, column 6"),
        FaultCase("pin twice", "model: m\ngpio-chip: c\npins:\n  A: 1\n  ▶A: 2\n", "'A' is written twice"),
        FaultCase("line in words", "model: m\ngpio-chip: c\npins:\n  A: ▶GPIO2\n", "whole number", "line's number"),
        FaultCase(
            "bus pin", "model: m\ngpio-chip: c\npins: {A: 1}\nbuses:\n  b: {device: /d, pins: [▶Z]}\n", "'Z' is none of", "A"),
        FaultCase("bus without device", "model: m\ngpio-chip: c\npins: {A: 1}\nbuses: {b: ▶{}}\n", "bus 'b' lacks 'device'"),
        FaultCase("syntax", "model: m▶: n\n", "not valid YAML"),
    ]

    @Test("Board files get the same errors", arguments: cases) func boardFilesGetTheSameErrors(_ item: FaultCase) throws {
        let folder = ScratchFolder()
        folder.write("mine.yaml", item.text)
        let configuration = replacing("board", by: "board: mine")
        let found = faults(of: Array(configuration.utf8), in: try context(boardFolders: [folder.path]))
        item.check(found, file: "\(folder.path)/mine.yaml")
    }

    @Test("The first folder wins and faults of the board come last") func theFirstFolderWinsAndFaultsOfTheBoardComeLast() throws {
        let (first, second) = (ScratchFolder(), ScratchFolder())
        first.write("mine.yaml", "model: first\ngpio-chip: c\npins: {A: 1}\n")
        second.write("mine.yaml", "model: second\ngpio-chip: c\npins: {A: 1}\n")
        second.write("bad.yaml", "model: 1\n")
        let both = try context(boardFolders: [first.path, "/nonexistent", second.path])
        let node = try NodeConfiguration.parse(replacing("board", by: "board: mine"), file: "n", context: both)
        #expect(node.board.model == "first")
        let found = faults(of: Array((replacing("board", by: "board: bad") + "x: 1\n").utf8), in: both)
        #expect(found.map(\.file) == ["node.yaml"] + Array(repeating: "\(second.path)/bad.yaml", count: 2), "\(found)")
    }
}
