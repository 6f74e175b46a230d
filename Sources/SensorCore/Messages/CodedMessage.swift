/// What a sentence for people says, as data: which sentence it is, and what stands in its places. Stored and sent beside the
/// sentence, so that a receiver may write it in a language of its own, or act on it.
public struct CodedMessage: Hashable, Sendable {
    public enum Value: Hashable, Sendable {
        case number(Int64)
        /// A name, or another code; never a part of a sentence.
        case text(String)
    }

    public struct Argument: Hashable, Sendable {
        public var name: String
        public var value: Value

        public init(name: String, value: Value) {
            self.name = name
            self.value = value
        }
    }

    /// "budget_full": stable, and unique among all messages of the program.
    public var code: String
    /// Each name once.
    public var arguments: [Argument]

    public init(code: String, arguments: [Argument] = []) {
        self.code = code
        self.arguments = arguments
    }

    /// Those of the arguments that are known.
    public init(_ code: String, _ arguments: KeyValuePairs<String, Value?>) {
        self.init(code: code, arguments: arguments.compactMap { name, value in value.map { Argument(name: name, value: $0) } })
    }
}

extension CodedMessage.Value {
    public static func whole(_ value: some FixedWidthInteger) -> Self { .number(Int64(clamping: value)) }
    public static func text(_ names: [String]) -> Self? { names.isEmpty ? nil : .text(names.joined(separator: ", ")) }
}

/// A case of a catalogue of messages, with its values.
public protocol CatalogueMessage: Sendable {
    var coded: CodedMessage { get }
    /// A template for each case.
    var sentence: Sentence { get }
}

extension CatalogueMessage {
    public func text(in language: Language) -> String { sentence.text(in: language) }
}
