public import SensorCore

/// One JSON value with the place where it begins, so that a later complaint can point at it.
public struct JSONValue: Sendable {
    public indirect enum Content: Sendable {
        case null
        case bool(Bool)
        /// As written.
        case number(String)
        case string(String)
        case array([JSONValue])
        /// In the order of the file; a key given twice is refused.
        case object([(key: String, value: JSONValue)])
    }

    public var content: Content
    public var place: TextPlace

    /// For messages: "a string".
    public var kind: Sentence {
        switch content {
        case .null: "null"
        case .bool: "a truth value"
        case .number: "a number"
        case .string: "a string"
        case .array: "a list"
        case .object: "an object"
        }
    }
}

/// A place in a text, both counted from 1; the column counts characters (Unicode scalars).
public struct TextPlace: Hashable, Sendable, CustomStringConvertible {
    public var line: Int
    public var column: Int
    public init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }
    public var description: String { "\(line):\(column)" }
}

/// Why a text is not JSON, and where.
public struct JSONFault: Error, Hashable, Sendable, SentenceConvertible {
    public var place: TextPlace
    public var message: Sentence

    public init(place: TextPlace, message: Sentence) {
        self.place = place
        self.message = message
    }

    /// "LINE:COLUMN: message".
    public var sentence: Sentence { "\(place): \(message)" }
}
