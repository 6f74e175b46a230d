/// A sentence for people: a whole template, and what stands in its places. It is made where something is to be said, and becomes
/// text where a person reads it, in that person's language.
///
/// It is written as a literal, `"no part '\(name)'; there are \(names)"`. Its template is `no part '%1$s'; there are %2$s`, the msgid
/// of a gettext catalogue (`Translations/`, written by `Deploy/messages.py`). Places are numbered, so that a translation may have
/// them in another order; a `%` of the text itself stands doubled.
///
/// There is no `+`: glued fragments cannot be translated. Where the words differ, each case has a template of its own. What stands
/// in a place is a name, a number, or a sentence that is whole by itself.
public struct Sentence: Hashable, Sendable, SentenceConvertible {
    public enum Value: Hashable, Sendable {
        /// A name, a value with its unit, somebody else's words: the same in each language.
        case text(String)
        case number(Int64)
        case sentence(Sentence)
    }

    public let template: String
    /// By place: the first stands at `%1$s`.
    public let values: [Value]

    /// Text that has no template: a name by itself, somebody else's words.
    public init(verbatim text: String) {
        template = "%1$s"
        values = [.text(text)]
    }

    /// One that came from elsewhere, such as over a wire. What has not each place once is shown as it stands.
    public init(template: String, values: [Value]) {
        self.template = template
        self.values = values
    }

    /// An error's own sentence, or the words it has.
    public init(of error: any Error) {
        self = (error as? any SentenceConvertible)?.sentence ?? Sentence(verbatim: "\(error)")
    }

    public var sentence: Sentence { self }

    public func text(in language: Language) -> String {
        switch language {
        case .english: text { _ in nil }
        }
    }

    /// - Parameter translated: the template in another language, nil where there is none. One that lacks a place, has one twice or
    ///   one that is not this sentence's is not used: better the right value in English than a wrong one.
    public func text(translated: (String) -> String?) -> String {
        let foreign = translated(template).flatMap { Template($0, places: values.count) }
        guard let template = foreign ?? Template(template, places: values.count) else { return template }
        return template.pieces.map { piece in
            switch piece {
            case .words(let words): words
            case .place(let place): text(of: values[place], translated)
            }
        }.joined()
    }

    private func text(of value: Value, _ translated: (String) -> String?) -> String {
        switch value {
        case .text(let text): text
        case .number(let number): "\(number)"
        case .sentence(let sentence): sentence.text(translated: translated)
        }
    }
}

/// Something that says what it is in a sentence.
public protocol SentenceConvertible: CustomStringConvertible {
    var sentence: Sentence { get }
}

extension SentenceConvertible {
    /// In English.
    public var description: String { sentence.text(in: .english) }
}

// MARK: Lists

extension Sentence {
    /// One after the other, each whole by itself. Empty for none.
    public static func list(_ sentences: [Sentence], separator: String) -> Sentence {
        var interpolation = StringInterpolation(literalCapacity: 0, interpolationCount: sentences.count)
        for (index, sentence) in sentences.enumerated() {
            if index > 0 { interpolation.appendLiteral(separator) }
            interpolation.appendInterpolation(sentence)
        }
        return Sentence(stringInterpolation: interpolation)
    }

    /// "0x76 or 0x77".
    public static func one(of names: [String]) -> Sentence {
        names.dropFirst().reduce(Sentence(verbatim: names.first ?? "")) { "\($0) or \($1)" }
    }

    /// "temperature and humidity".
    public static func all(of names: [String]) -> Sentence {
        names.dropFirst().reduce(Sentence(verbatim: names.first ?? "")) { "\($0) and \($1)" }
    }
}

// MARK: Written as a literal

extension Sentence: ExpressibleByStringInterpolation {
    public init(stringLiteral text: String) {
        template = StringInterpolation.escaped(text)
        values = []
    }

    public init(stringInterpolation: StringInterpolation) {
        template = stringInterpolation.template
        values = stringInterpolation.values
    }

    public struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var template = ""
        fileprivate var values: [Value] = []

        public init(literalCapacity: Int, interpolationCount: Int) {}

        public mutating func appendLiteral(_ text: String) { template += Self.escaped(text) }

        public mutating func appendInterpolation(_ value: some SentenceConvertible) { append(.sentence(value.sentence)) }

        public mutating func appendInterpolation(_ value: some BinaryInteger) {
            append(Int64(exactly: value).map { .number($0) } ?? .text("\(value)"))
        }

        public mutating func appendInterpolation(_ value: some CustomStringConvertible) { append(.text(value.description)) }

        private mutating func append(_ value: Value) {
            values.append(value)
            template += "%\(values.count)$s"
        }

        fileprivate static func escaped(_ text: String) -> String {
            text.contains("%") ? text.split(separator: "%", omittingEmptySubsequences: false).joined(separator: "%%") : text
        }
    }
}

/// A template taken apart.
private struct Template {
    enum Piece {
        case words(String)
        /// Of a value, from 0 on.
        case place(Int)
    }

    var pieces: [Piece] = []

    /// nil when it does not have each of so many places once, or holds a `%` that is neither a place nor doubled.
    init?(_ text: String, places count: Int) {
        var isTaken = [Bool](repeating: false, count: count)
        var rest = text[...]
        while let sign = rest.firstIndex(of: "%") {
            pieces.append(.words(String(rest[..<sign])))
            rest = rest[rest.index(after: sign)...]
            if rest.first == "%" {
                pieces.append(.words("%"))
                rest.removeFirst()
                continue
            }
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            rest = rest[digits.endIndex...]
            guard let place = Int(digits), (1...max(1, count)).contains(place), count > 0, !isTaken[place - 1], rest.hasPrefix("$s")
            else { return nil }
            isTaken[place - 1] = true
            pieces.append(.place(place - 1))
            rest.removeFirst(2)
        }
        pieces.append(.words(String(rest)))
        guard isTaken.allSatisfy(\.self) else { return nil }
    }
}
