import SensorCore
import Testing

@testable import Recordings

@Suite struct I2CRecordingTests {
    static func recording(_ json: String) throws(RecordingError) -> I2CRecording {
        try I2CRecording(json: Array(json.utf8))
    }

    @Test(
        "Reads the address",
        arguments: [
            ("\"0x76\"", 0x76), ("\"76\"", 0x76), ("\"0X4a\"", 0x4A), ("\"4A\"", 0x4A), ("118", 118), ("8", 8),
            ("\"0x8\"", 8),
        ] as [(String, Int)])
    func readsTheAddress(_ text: String, _ address: Int) throws {
        #expect(try Self.recording("{\"address\": \(text), \"memory\": {}}").address == I2CAddress(address))
    }

    @Test("The address may be missing") func theAddressMayBeMissing() throws {
        #expect(try Self.recording("{\"memory\": {}}").address == nil)
    }

    @Test(
        "Blocks join",
        arguments: [
            "{\"F7\": \"1a2B3c\"}", "{\"f7\": \"1a 2b 3c\"}", "{\"0xF7\": \"0x1a 0x2B 0X3C\"}",
            "{\"0Xf7\": \"1A2B 3C\"}",
            "{\"F7\": \" 1a\\t2b\\n3c \"}", "{\"F7\": \"1a2b\", \"f9\": \"3c\"}",
            "{\"f8\": \"2b3c\", \"F7\": \"1a2b\"}",
            "{\"F7\": \"1a2b3c\", \"F8\": \"2b\"}", "{\"F7\": \"1a\", \"F8\": \"2b\", \"F9\": \"3c\"}",
        ])
    func blocksJoin(_ memory: String) throws {
        #expect(try Self.recording("{\"memory\": \(memory)}").memory == [0xF7: 0x1A, 0xF8: 0x2B, 0xF9: 0x3C])
    }

    @Test("Reads responses") func readsResponses() throws {
        let recording = try Self.recording("{\"responses\": {\"0xFD\": [null, \"66 66 93\"], \"24 0b\": [\"00\"]}}")
        #expect(recording.responses == [[0xFD]: [nil, [0x66, 0x66, 0x93]], [0x24, 0x0B]: [[0x00]]])
    }

    @Test("Other keys are notes") func otherKeysAreNotes() throws {
        #expect(try Self.recording("{\"part\": \"bme280\", \"at\": [1.5e3, true, {}], \"memory\": {}}").memory == [:])
    }

    @Test(
        "Says what is wrong and where",
        arguments: [
            ("", "1:1", "ends"), ("  \n ", "2:2", "ends"), ("{", "1:2", "ends"), ("[]", "1:1", "object"),
            ("{\"memory\": {\"88\": \"70", "1:19", "does not end"), ("{\"memory\": {\"88\": \"70\"", "1:23", "ends"),
            ("{\"memory\": {}} x", "1:16", "after the end"), ("{\"memory\": {}, }", "1:16", "key in quotes"),
            ("{\"memory\" {}}", "1:11", "':'"), ("{\"a\": 1 \"b\": 2}", "1:9", "','"),
            ("{\"a\": nil}", "1:7", "quotes"),
            ("{\"a\": 0x76}", "1:8", "','"), ("{\"a\": \"\\x\"}", "1:9", "escape|after"),
            ("{\"a\": \"\\ud800\"}", "1:9", "surrogate"), ("{\"a\": \"x\ny\"}", "1:9", "line break"),
            ("{\"a\": 1, \"a\": 2}", "1:10", "twice"), ("{}", "1:1", "nothing to play"),
            ("{\"address\": \"0x78\", \"memory\": {}}", "1:13", "0x77"),
            ("{\"address\": \"0x07\", \"memory\": {}}", "1:13", "0x08"),
            ("{\"address\": 7.5, \"memory\": {}}", "1:13", "7-bit"),
            ("{\"address\": \"xx\", \"memory\": {}}", "1:13", "7-bit"),
            ("{\"address\": null, \"memory\": {}}", "1:13", "7-bit"),
            ("{\"address\": \"7676\", \"memory\": {}}", "1:13", "7-bit"), ("{\"memory\": []}", "1:12", "a list"),
            ("{\"memory\": {\n  \"zz\": \"00\"}}", "2:9", "\"zz\" is no register"),
            ("{\"memory\": {\"100\": \"00\"}}", "1:20", "no register"),
            ("{\"memory\": {\"88\": 70}}", "1:19", "a number"), ("{\"memory\": {\"88\": \"7g\"}}", "1:19", "\"7g\""),
            ("{\"memory\": {\"88\": \"706\"}}", "1:19", "pairs"), ("{\"memory\": {\"88\": \"\"}}", "1:19", "pairs"),
            ("{\"memory\": {\"ff\": \"0001\"}}", "1:19", "beyond"),
            (
                "{\"memory\": {\"88\": \"7000\", \"89\": \"01\"}}", "1:33",
                "register 0x89 is given twice, as 0x00 and as 0x01"
            ),
            ("{\"responses\": 1}", "1:15", "object"), ("{\"responses\": {\"fd\": \"00\"}}", "1:22", "list"),
            ("{\"responses\": {\"fd\": []}}", "1:22", "at least one"),
            ("{\"responses\": {\"fd\": [1]}}", "1:23", "a number"),
            ("{\"responses\": {\"fd\": [\"0\", \"x\"]}}", "1:28", "\"x\""),
            ("{\"responses\": {\"\": [\"0\"]}}", "1:20", "no command"),
            ("{\"responses\": {\"fd\": [\"00\"], \"FD\": [\"00\"]}}", "1:36", "given twice"),
            ("{\"ä\": ?}", "1:7", "'?'"), (String(repeating: "[", count: 100), "1:18", "nested"),
            ("{\"a\": 01}", "1:8", "','"), ("{\"a\": -}", "1:8", "digit"), ("{\"a\": 1.}", "1:9", "digit"),
        ])
    func saysWhatIsWrongAndWhere(_ json: String, _ place: String, _ text: String) throws {
        do throws(RecordingError) {
            let recording = try Self.recording(json)
            Issue.record("read as \(recording)")
        } catch {
            #expect(error.place.description == place, "\(error)")
            #expect(text.split(separator: "|").contains { error.message.description.contains($0) }, "\(error)")
            #expect(error.description == "\(place): \(error.message)")
        }
    }

    @Test("Every truncation is refused") func everyTruncationIsRefused() throws {
        let whole = "{\"address\": \"0x76\", \"memory\": {\"88\": \"70 6b\"}, \"responses\": {\"fd\": [null, \"66\"]}}"
        _ = try Self.recording(whole)
        for length in 0..<whole.utf8.count {
            #expect(throws: RecordingError.self) { try I2CRecording(json: Array(whole.utf8.prefix(length))) }
        }
    }

    @Test("Too large a file is refused") func tooLargeAFileIsRefused() {
        let spaces = [UInt8](repeating: 0x20, count: I2CRecording.sizeLimit + 1)
        #expect(throws: RecordingError.self) { try I2CRecording(json: spaces) }
    }

    @Test("Text that is not UTF-8 is refused") func textThatIsNotUTF8IsRefused() {
        #expect(throws: RecordingError.self) {
            try I2CRecording(json: Array("{\"memory\": {}, \"".utf8) + [0xFF] + Array("\": 1}".utf8))
        }
    }

    @Test("Escapes are read") func escapesAreRead() throws {
        #expect(try Self.recording("{\"m\\u0065mory\": {\"\\u0046\\u0037\": \"0\\u0031\"}}").memory == [0xF7: 1])
        #expect(try Self.recording("\u{FEFF}{\"memory\": {}, \"\\ud83d\\ude00\": 1}").memory == [:])
    }

    /// Random bytes and random damage to a good file never crash the reader.
    @Test("Survives damage", arguments: 1...20 as ClosedRange<UInt64>) func survivesDamage(_ seed: UInt64) throws {
        var state = seed
        func random(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        let whole = Array(
            "{\"address\": \"0x76\", \"memory\": {\"88\": \"70 6b\"}, \"responses\": {\"fd\": [null, \"\\u0036\"]}}"
                .utf8)
        for _ in 0..<500 {
            var damaged = whole
            for _ in 0...random(4) { damaged[random(damaged.count)] = UInt8(random(256)) }
            do throws(RecordingError) {
                _ = try I2CRecording(json: damaged)
            } catch {
                #expect(error.place.line >= 1 && error.place.column >= 1, "seed \(seed)")
            }
        }
    }
}
