import Calibration
import NodeConfiguration
import SensorCore
import TestSupport
import Testing

/// Faults in another language, before there is one.
@Suite struct TranslationTests {
    private func fault(of text: String) throws -> ConfigurationFault {
        try #require(faults(of: Array(text.utf8), in: context()).first)
    }

    private static let german = [
        "unknown key %1$s in %2$s; %3$s": "%2$s: den Schlüssel %1$s gibt es nicht; %3$s",
        "the file": "Datei",
        "did you mean '%1$s'?": "gemeint ist wohl „%1$s“",
        "%1$s never has the address %2$s; write %3$s": "unused",
        "a %1$s never has the address %2$s; write %3$s": "Adresse %2$s hat kein %1$s; es gibt %3$s",
        "%1$s or %2$s": "%1$s oder %2$s",
        "there is already a channel '%1$s' at %2$s; give this one another name": "in %2$s gibt es schon einen Kanal „%1$s“",
        "line %1$s, column %2$s": "Zeile %1$s, Spalte %2$s",
        "%1$s lacks '%2$s'; write for example %3$s": "„%2$s“ fehlt in %1$s; zum Beispiel %3$s",
        "%1$s has a comma; decimals have a point, so %2$s": "%1$s %1$s, %2$s",
    ]

    @Test("Words and their order are the translation's; values are the file's")
    func order() throws {
        let contact = "detector: contact, debounce: {kind: none}"
        let cases = [
            (smallest + "intervall: 60s\n", "node.yaml:5:1: Datei: den Schlüssel 'intervall' gibt es nicht; gemeint ist wohl „interval“"),
            (
                sensor("{name: air, part: bme280, bus: i2c-1, address: 0x44}"),
                "node.yaml:6:52: Adresse 0x44 hat kein bme280; es gibt 0x76 oder 0x77"
            ),
            (
                channel("{name: n, \(contact), input: J8-11}") + "  - {name: n, \(contact), input: J8-13}\n",
                "node.yaml:7:12: in Zeile 6, Spalte 12 gibt es schon einen Kanal „n“"
            ),
            (replacing("mqtt", by: "mqtt: {port: 1}"), "node.yaml:4:7: „host“ fehlt in mqtt; zum Beispiel host: broker.example.org"),
        ]
        for (text, expected) in cases {
            let sentence = try fault(of: text).sentence
            #expect(sentence.text { Self.german[$0] } == expected, "\(sentence)")
        }
    }

    @Test("A translation that is wrong is passed over for English, and those within it are kept")
    func wrong() throws {
        let sentence = try fault(of: smallest + "interval: 1,5s\n").sentence
        #expect(
            sentence.text { Self.german[$0] }
                == "node.yaml:5:11: interval: '1,5s' has a comma; decimals have a point, so write a time with its unit, for example 8ms or 60s"
        )
    }

    /// Every letter of a fault is a template's or a value's: nothing is glued to it behind the catalogue's back.
    @Test(
        "Of every fault nothing is left of English but values",
        arguments: [
            StructureFaults.keys, StructureFaults.types,
            StructureFaults.meanings, SyntaxFaults.cases, ValueFaults.cases, DestinationConfigurationTests.faulty,
        ])
    func everything(_ cases: [FaultCase]) throws {
        for item in cases {
            for fault in faults(of: Array(item.text.utf8), in: try context()) {
                let text = fault.sentence.text(translated: catalogue.backwards)
                #expect(text.hasPrefix("\(fault.file):\(fault.line):\(fault.column): "))
                for value in values(of: fault.said) { #expect(text.contains(value), "\(fault)") }
                let english = [" is ", " write ", " in ", " must ", " has "].filter { text.contains($0) }
                #expect(english.allSatisfy { word in values(of: fault.said).contains { $0.contains(word) } }, "\(text)")
            }
        }
    }

    private func values(of sentence: Sentence) -> [String] {
        sentence.values.flatMap { value in
            switch value {
            case .text(let text): [text]
            case .number(let number): ["\(number)"]
            case .sentence(let sentence): values(of: sentence)
            }
        }
    }
}
