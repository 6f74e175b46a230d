import SensorCore
import Testing

@testable import ControlSocket

/// A refusal as data, beside its text.
@Suite struct RefusalLineTests {
    static let refusals: [ControlRefusal] = [
        ControlRefusal("not_text", "the request is not one line of UTF-8 text"),
        ControlRefusal("too_many_clients", ["limit": .number(8)], "\(8) clients are connected already; try again later"),
        ControlRefusal(
            "no_channel", ["channel": .text("\"gäet\"\n"), "known": .text(["gate", "path"]), "other": nil],
            "no channel '\("\"gäet\"\n")', 100 % sure; \(Sentence.one(of: ["gate", "path"])) \(Int64.min)"),
    ]

    @Test("What is written is read", arguments: refusals) func whatIsWrittenIsRead(_ refusal: ControlRefusal) throws {
        let line = RefusalLine(refusal)
        #expect(!line.json.contains("\n") && !line.text.contains("\n"))
        let read = try #require(RefusalLine(line.json, saying: line.text))
        #expect(read == line)
        #expect(read.coded == refusal.coded)
    }

    @Test("It can be said in another language") func itCanBeSaidInAnotherLanguage() throws {
        let line = RefusalLine(Self.refusals[1])
        let read = try #require(RefusalLine(line.json, saying: line.text))
        let german = [
            "%1$s clients are connected already; try again later": "%1$s Verbindungen bestehen schon, später noch einmal versuchen"
        ]
        #expect(read.sentence.text { german[$0] } == "8 Verbindungen bestehen schon, später noch einmal versuchen")
    }

    @Test("What does not say the same as the text is not believed", arguments: refusals) func anotherTextIsNotBelieved(
        _ refusal: ControlRefusal
    ) {
        let line = RefusalLine(refusal)
        #expect(RefusalLine(line.json, saying: line.text + ".") == nil)
    }

    @Test(
        "Anything else is no refusal",
        arguments: [
            "", "lost 3", "[]", "{}", #"{"code":"a"}"#, #"{"code":1,"template":"a","values":[]}"#, #"{"code":"a","template":"a"}"#,
            #"{"code":"a","template":"a","values":[null]}"#, #"{"code":"a","template":"a","values":[[]]}"#,
            #"{"code":"a","template":"a","values":[{"template":"b"}]}"#, #"{"code":"a","template":"%1$s","values":[1.5]}"#,
        ])
    func anythingElseIsNoRefusal(_ text: String) { #expect(RefusalLine(text, saying: "a") == nil) }
}
