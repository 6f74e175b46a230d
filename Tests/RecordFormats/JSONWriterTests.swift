import JSONText
import TestSupport
import Testing

@Suite struct JSONWriterTests {
    func text(_ fields: (inout JSONWriter) -> Void) -> String {
        String(decoding: JSONWriter.object(fields), as: UTF8.self)
    }

    @Test("Empty object") func emptyObject() { #expect(text { _ in } == "{}") }

    @Test("Nesting keeps order and commas") func nestingKeepsOrderAndCommas() {
        let json = text { json in
            json.field("b", 1)
            json.objectField("a") { json in
                json.arrayField("none") { _ in }
                json.objectField("empty") { _ in }
                json.field("yes", true)
            }
            json.arrayField("list") { json in
                json.element(1.5)
                json.element("x")
                json.element(-7)
                json.objectElement { $0.field("k", false) }
                json.objectElement { $0.nullField("n") }
            }
            json.field("last", UInt64.max)
        }
        #expect(
            json == #"{"b":1,"a":{"none":[],"empty":{},"yes":true},"list":[1.5,"x",-7,{"k":false},{"n":null}],"#
                + #""last":18446744073709551615}"#)
    }

    @Test(
        "Text is escaped",
        arguments: [
            ("plain", #""plain""#), ("", #""""#), (#"say "hi""#, #""say \"hi\"""#), (#"C:\x"#, #""C:\\x""#),
            ("a/b", #""a/b""#), ("\n\r\t\u{8}\u{C}", #""\n\r\t\b\f""#), ("\u{0}\u{1}\u{F}", #""\u0000\u0001\u000f""#),
            ("\u{10}\u{1B}\u{1F}", #""\u0010\u001b\u001f""#), ("\u{7F}", "\"\u{7F}\""),
            ("\u{2028}\u{2029}", #""\u2028\u2029""#), ("µg/m³ 🚲 e\u{301}", "\"µg/m³ 🚲 e\u{301}\""), ("\r\n", #""\r\n""#),
        ])
    func textIsEscaped(_ value: String, _ expected: String) {
        #expect(text { $0.field("k", value) } == #"{"k":\#(expected)}"#)
        #expect(text { $0.field(value, 1) } == #"{\#(expected):1}"#)
    }

    @Test(
        "Double is shortest or null",
        arguments: [
            (0.1 as Double?, "0.1"), (0.1 + 0.2, "0.30000000000000004"), (1, "1.0"), (-0.0, "-0.0"), (1e-5, "1e-05"),
            (1e16, "1e+16"), (.leastNonzeroMagnitude, "5e-324"), (1.7976931348623157e308, "1.7976931348623157e+308"), (.nan, "null"),
            (.signalingNaN, "null"), (.infinity, "null"), (-.infinity, "null"), (nil, "null"),
        ])
    func doubleIsShortestOrNull(_ value: Double?, _ expected: String) {
        #expect(text { $0.field("k", value) } == #"{"k":\#(expected)}"#)
    }

    @Test("Absent values are null") func absentValuesAreNull() {
        let json = text { json in
            json.field("s", nil as String?)
            json.field("i", nil as Int?)
            json.field("b", nil as Bool?)
            json.arrayField("l") { json in
                json.element(nil as String?)
                json.element(nil as Int?)
                json.element(Double.nan)
            }
        }
        #expect(json == #"{"s":null,"i":null,"b":null,"l":[null,null,null]}"#)
    }

    /// The argument seeds the doubles: any bit pattern that is finite.
    @Test("Python reads back what was written", .startsProcesses, arguments: [1, 2, 3] as [UInt64])
    func pythonReadsBackWhatWasWritten(seed: UInt64) throws {
        var everyCharacter = ""
        for value in (0...0x2FF).map({ $0 as UInt32 }) + [0x2027, 0x2028, 0x2029, 0x202A, 0xFFFF, 0x1F6B2] {
            Unicode.Scalar(value).map { everyCharacter.unicodeScalars.append($0) }
        }
        var random = SeededRandom(seed: seed)
        let doubles = (0..<2_000).map { _ in Double(bitPattern: random.next()) }.filter(\.isFinite)
        let bytes = JSONWriter.object { json in
            json.field("text", everyCharacter)
            json.arrayField("doubles") { json in doubles.forEach { json.element($0) } }
        }
        let output = try python(
            "import json,sys,struct; d=json.load(sys.stdin); print(','.join(str(ord(c)) for c in d['text'])); "
                + "print(','.join(str(struct.unpack('<Q',struct.pack('<d',v))[0]) for v in d['doubles']))",
            input: bytes)
        let lines = output.split(separator: "\n")
        #expect(lines.first == everyCharacter.unicodeScalars.map { String($0.value) }.joined(separator: ",")[...])
        #expect(lines.last == doubles.map { String($0.bitPattern) }.joined(separator: ",")[...])
    }
}
