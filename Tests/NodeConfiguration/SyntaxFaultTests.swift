import Glibc
import NodeConfiguration
import SensorCore
import Testing

@Suite struct SyntaxFaults {
    static let cases: [FaultCase] = [
        FaultCase("tab as indentation", "node: a\n▶\tboard: lab\n", "tab", "indent with spaces"),
        FaultCase("tab at the start", "▶\tnode: a\n", "indent with spaces"),
        FaultCase("colon in a value", "node: a▶: b\n", "mapping values are not allowed", "quotes"),
        FaultCase("no colon", "node: a\n▶board\n", "could not find expected ':'", "a key needs a colon"),
        FaultCase("wrong indentation", "site:\n    name: x\n  ▶height: 1m\n", "indentation", "same column"),
        FaultCase("open bracket", "node: a\nmqtt: {host: h\n▶", "ends too early", "line 2, column 7", "bracket"),
        FaultCase("open quote", "node: \"a\nboard: lab\n▶", "ends too early", "line 1, column 7", "quote"),
        FaultCase("unknown escape", "node: \"▶\\q\"\n", "escape", "'…'"),
        FaultCase("bracket too many", "node: ▶]\n", "not valid YAML"),
        FaultCase("at sign", "node: ▶@a\n", "quotes"),
        FaultCase("undefined tag", "node: ▶!e!x a\n", "undefined tag handle"),
        FaultCase("two documents", smallest + "▶---\nnode: b\n", "second document", "remove"),
        FaultCase("alias", smallest + "interval: ▶*a\n", "alias '*a'", "write the value out"),
        FaultCase("anchor", smallest + "interval: ▶&a 60s\n", "anchor '&a'", "remove"),
        FaultCase("tag", smallest + "interval: ▶!!str 60s\n", "tag", "remove"),
        FaultCase(
            "merge key", replacing("mqtt", by: "mqtt: ▶&m {host: h, ▶<<: ▶*m}"), [["'&m'"], ["unknown key '<<'"], ["'*m'"]]),
        FaultCase("template left in", "node: {▶{ node }}\n", "must be a plain word", "quotes"),
        FaultCase(
            "deep nesting", "node: " + String(repeating: "[", count: 15) + "▶[" + String(repeating: "[", count: 5000),
            "nested more than 16 deep"),
        FaultCase("empty file", "▶", "holds no settings"),
        FaultCase("only a comment", "▶# nothing\n", "holds no settings"),
        FaultCase("only a document start", "---\n▶", "the file must be a mapping", "not nothing"),
        FaultCase("control character", "node: a\nboard: ▶\u{7}lab\n", "control character U+0007"),
        FaultCase("behind Windows line ends", "node: a\r\nboard: lab\r\n▶\u{7}\r\n", "U+0007"),
        FaultCase(
            "a blank of a web page", smallest + "channels:\n  - name: gate\n▶\u{A0}   detector: contact\n", "U+00A0", "write spaces"),
        FaultCase("a blank within the indentation", smallest + "site:\n  ▶\u{3000}height: 5m\n    x: 1\n", "U+3000"),
        FaultCase("NUL", "node: ▶\0a\n", "control character U+0000"),
        FaultCase("a line break editors do not show", "node: a▶\u{2028}board: lab\n", "U+2028"),
        FaultCase("columns count characters", "site: {name: Straße 😀, ▶heigth: 1m}\n", "'height'"),
    ]

    @Test("Is told with its place", arguments: cases) func isToldWithItsPlace(_ item: FaultCase) throws {
        let found = faults(of: Array(item.text.utf8), in: try context())
        // A text this short also lacks sections, which is told at its start.
        item.check(found.filter { !$0.message.contains("the file lacks") })
    }

    @Test("Faults before a syntax error are told too") func faultsBeforeASyntaxErrorAreToldToo() throws {
        let item = FaultCase(
            "both", "node: ▶Main\nboard: ▶lob\nmqtt:\n  host: h\n ▶port: 1\n", [["a-z"], ["'lab'"], ["indentation"]])
        item.check(faults(of: Array(item.text.utf8), in: try context()))
    }

    static let bytes: [(String, [UInt8], Int, Int, String)] = [
        ("Latin-1", Array("node: a\nsite: {name: Stra".utf8) + [0xDF] + Array("e}\n".utf8), 2, 18, "encoding UTF-8"),
        ("cut inside a character", Array("node: Stra".utf8) + [0xC3], 1, 11, "UTF-8"),
        ("overlong", Array("node: ".utf8) + [0xC0, 0xAF], 1, 7, "UTF-8"),
        ("surrogate", Array("node: ".utf8) + [0xED, 0xA0, 0x80], 1, 7, "UTF-8"),
        ("UTF-16", [0xFF, 0xFE] + Array("n\0o\0".utf8), 1, 1, "UTF-16"),
    ]

    @Test("Text that is none", arguments: bytes) func textThatIsNone(_ item: (String, [UInt8], Int, Int, String)) throws {
        let (_, bytes, line, column, word) = item
        let found = faults(of: bytes, in: try context())
        #expect(found.map { [$0.line, $0.column] } == [[line, column]])
        #expect(found.first?.message.contains(word) == true, "\(found)")
    }

    @Test("A file may have one megabyte") func aFileMayHaveOneMegabyte() throws {
        let padding = [UInt8](repeating: UInt8(ascii: "#"), count: 1_000_000 - smallest.utf8.count)
        let context = try context()
        #expect(faults(of: Array(smallest.utf8) + padding, in: context).isEmpty)
        let found = faults(of: Array(smallest.utf8) + padding + Array(padding[..<1]), in: context)
        #expect(found.map(\.description) == ["node.yaml:1:1: the file is larger than 1 MB; is it the right file?"])
    }

    @Test("Bombs of aliases stay small") func bombsOfAliasesStaySmall() throws {
        var text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
        for i in 1..<12 {
            text += "a\(i): &a\(i) [" + Array(repeating: "*a\(i - 1)", count: 9).joined(separator: ", ") + "]\n"
        }
        // One fault per anchor, alias and unknown key, and the four sections that are missing.
        #expect(faults(of: Array(text.utf8), in: try context()).count == 12 + 11 * 9 + 12 + 4)
    }

    @Test("Byte order mark and Windows line ends are read") func byteOrderMarkAndWindowsLineEndsAreRead() throws {
        let windows = "\u{FEFF}" + smallest.split(separator: "\n").joined(separator: "\r\n") + "\r\n"
        #expect(try parse(windows) == parse(smallest))
        let found = faults(of: Array("\u{FEFF}node: A\r\nboard: lob\r\n".utf8), in: try context())
        #expect(found.filter { !$0.message.contains("lacks") }.map { [$0.line, $0.column] } == [[1, 7], [2, 8]])
    }

    @Test("A file that was cut off is suspected") func aFileThatWasCutOffIsSuspected() throws {
        let found = faults(of: Array((smallest + "site:\n  name: x\n  lat").utf8), in: try context())
        #expect(found.last?.message.contains("cut off") == true, "\(found)")
        let missing = faults(of: Array("node: a\nboard: lab".utf8), in: try context())
        #expect(missing.last?.message.contains("ends without a line break: was it cut off?") == true, "\(missing)")
    }

    @Test("Unreadable files are not faults of their text") func unreadableFilesAreNotFaultsOfTheirText() throws {
        let context = try context()
        #expect(throws: FileUnreadable.self) {
            try NodeConfiguration.load(path: "/nonexistent/node.yaml", context: context)
        }
        do {
            _ = try NodeConfiguration.load(path: "/", context: context)
            Issue.record("a folder was read")
        } catch let error as FileUnreadable {
            #expect(error.description == "cannot read /: it is a folder, not a file")
        }
        #expect(throws: FileUnreadable.self) { try NodeConfiguration.load(path: "/dev/zero", context: context) }
        #expect(throws: FileUnreadable.self) { try NodeConfiguration.load(path: "/dev/null", context: context) }
    }

    @Test("Descriptions are one line each") func descriptionsAreOneLineEach() throws {
        do {
            _ = try parse("node: A\nboard: \"l\\nb\"\n")
            Issue.record("a bad configuration was accepted")
        } catch let error as ConfigurationFaults {
            let lines = error.description.split(separator: "\n")
            #expect(lines.count == 4)
            #expect(lines.allSatisfy { $0.hasPrefix("node.yaml:") }, "\(lines)")
        }
    }
}
