import JSONText
public import SensorCore

extension Sentence {
    /// A JSON object of one line, with `template` and `values`: a text, a number, or another such object.
    public var json: String { String(decoding: JSONWriter.object { write(to: &$0) }, as: UTF8.self) }

    /// nil for anything else.
    public init?(json line: String) {
        guard let members = members(of: line) else { return nil }
        self.init(members)
    }

    func write(to json: inout JSONWriter) {
        json.field("template", template)
        json.arrayField("values") { list in
            for value in values {
                switch value {
                case .text(let text): list.element(text)
                case .number(let number): list.element(number)
                case .sentence(let inner): list.objectElement { inner.write(to: &$0) }
                }
            }
        }
    }

    init?(_ json: [String: JSONValue]) {
        guard case .string(let template)? = json["template"]?.content, case .array(let list)? = json["values"]?.content else { return nil }
        var values: [Value] = []
        for item in list {
            guard let value = Value(item) else { return nil }
            values.append(value)
        }
        self.init(template: template, values: values)
    }
}

extension Sentence.Value {
    fileprivate init?(_ json: JSONValue) {
        switch json.content {
        case .string(let text): self = .text(text)
        case .number(let digits):
            guard let number = Int64(digits) else { return nil }
            self = .number(number)
        case .object(let list):
            guard let sentence = Sentence(members(list)) else { return nil }
            self = .sentence(sentence)
        case .null, .bool, .array: return nil
        }
    }
}

/// Of a line that is one JSON object; nil for any other.
func members(of line: String) -> [String: JSONValue]? {
    do throws(JSONFault) {
        guard case .object(let list) = try JSONReader.read(Array(line.utf8)).content else { return nil }
        return members(list)
    } catch {
        // Whoever asks has the text.
        return nil
    }
}

private func members(_ list: [(key: String, value: JSONValue)]) -> [String: JSONValue] {
    Dictionary(list.map { ($0.key, $0.value) }, uniquingKeysWith: { first, _ in first })
}
