import SensorCore
import Testing

private func missing(_ name: String, of names: [String]) -> Sentence { "no part '\(name)'; there are \(names.joined(separator: ", "))" }

@Suite struct SentenceTests {
    @Test("A literal gives a template with numbered places and, in English, the text it is")
    func literal() {
        let sentence = missing("bmp", of: ["bme280", "sht40"])
        #expect(sentence.template == "no part '%1$s'; there are %2$s")
        #expect(sentence.values == [.text("bmp"), .text("bme280, sht40")])
        #expect("\(sentence)" == "no part 'bmp'; there are bme280, sht40")
        let numbers: Sentence = "\(3) of \(UInt64.max), \(0.5) s"
        #expect(numbers.values == [.number(3), .text("18446744073709551615"), .text("0.5")])
        #expect(numbers.text(in: .english) == "3 of 18446744073709551615, 0.5 s")
    }

    @Test("A percent sign stays one, in templates, in values and in translations")
    func percent() {
        let sentence: Sentence = "100 % of \("%1$s"), %2$s"
        #expect(sentence.template == "100 %% of %1$s, %%2$s")
        #expect(sentence.description == "100 % of %1$s, %2$s")
        #expect(sentence.text { _ in "%1$s: 100 %%" } == "%1$s: 100 %")
        let plain: Sentence = "50%"
        #expect(plain.template == "50%%")
        #expect(plain.description == "50%")
    }

    @Test("A translation may order places as it likes; a sentence within a sentence is translated too")
    func translation() {
        let outer: Sentence = "\(missing("bmp", of: ["tmp102"])) in \("node.yaml")"
        let catalogue = [
            "no part '%1$s'; there are %2$s": "es gibt %2$s, aber kein Teil „%1$s“",
            "%1$s in %2$s": "%2$s: %1$s",
        ]
        #expect(outer.text { catalogue[$0] } == "node.yaml: es gibt tmp102, aber kein Teil „bmp“")
        #expect(outer.text { $0.hasPrefix("%") ? catalogue[$0] : nil } == "node.yaml: no part 'bmp'; there are tmp102")
    }

    @Test(
        "A translation that lacks a place, has one twice or another one, or is no template is not used",
        arguments: [
            "kein %1$s", "%1$s %1$s %2$s", "%1$s %2$s %3$s", "%0$s %1$s %2$s", "%1$s %2$s %", "%1$s %2$d", "%s %s", "%1$n %2$s", "",
            "%99999999999999999999$s %1$s", "%١$s %2$s", "%-1$s %2$s",
        ])
    func badTranslation(_ translation: String) {
        #expect(missing("a", of: ["b"]).text { _ in translation } == "no part 'a'; there are b")
    }

    @Test("What has no template is never looked up by its content")
    func verbatim() {
        let sentence = Sentence(verbatim: "No such file: 100 %")
        #expect(sentence.template == "%1$s")
        #expect(sentence.description == "No such file: 100 %")
    }

    @Test("Any pieces, percent signs and values come out as they went in")
    func everything() {
        let pieces = ["", "%", "%%", "%1$s", "$s", "a", "ä%2", "\n"]
        for first in pieces {
            for value in pieces {
                for last in pieces {
                    var interpolation = Sentence.StringInterpolation(literalCapacity: 0, interpolationCount: 1)
                    interpolation.appendLiteral(first)
                    interpolation.appendInterpolation(value)
                    interpolation.appendLiteral(last)
                    #expect(Sentence(stringInterpolation: interpolation).description == first + value + last)
                }
            }
        }
    }
}
