import JSONText
import SensorCore

/// The second line of a refusal, JSON: what the first says in English, as data.
///
/// `code` and `arguments` are for programs. `template` and `values` let the client say the same in its person's language.
struct RefusalLine: Hashable {
    var coded: CodedMessage
    var sentence: Sentence

    init(_ refusal: ControlRefusal) {
        coded = refusal.coded
        sentence = refusal.sentence
    }

    /// The first line's text: one line, in English.
    var text: String { Self.oneLine(sentence) }

    var json: String {
        String(
            decoding: JSONWriter.object { json in
                json.field("code", coded.code)
                json.objectField("arguments") { list in
                    for argument in coded.arguments {
                        switch argument.value {
                        case .number(let number): list.field(argument.name, number)
                        case .text(let text): list.field(argument.name, text)
                        }
                    }
                }
                sentence.write(to: &json)
            }, as: UTF8.self)
    }

    /// - Parameter text: of the first line; what does not say the same in English is not believed.
    init?(_ line: String, saying text: String) {
        guard let json = members(of: line), case .string(let code)? = json["code"]?.content,
            let sentence = Sentence(json), Self.oneLine(sentence) == text
        else { return nil }
        var arguments: [CodedMessage.Argument] = []
        if case .object(let members)? = json["arguments"]?.content {
            arguments = members.compactMap { member in
                Self.argument(member.value).map { CodedMessage.Argument(name: member.key, value: $0) }
            }
        }
        coded = CodedMessage(code: code, arguments: arguments)
        self.sentence = sentence
    }

    private static func oneLine(_ sentence: Sentence) -> String {
        sentence.text(in: .english).split(whereSeparator: \.isNewline).joined(separator: " ")
    }

    private static func argument(_ json: JSONValue) -> CodedMessage.Value? {
        switch json.content {
        case .string(let text): .text(text)
        case .number(let digits): Int64(digits).map { .number($0) }
        case .null, .bool, .array, .object: nil
        }
    }
}
