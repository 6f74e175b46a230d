import SensorCore

/// A value of a YAML file with the place where it begins.
struct YAMLNode {
    var position: SourcePosition
    var content: Content

    enum Content {
        /// `isPlain` is false for quoted and block scalars.
        case scalar(String, isPlain: Bool)
        case sequence([YAMLNode])
        case mapping(YAMLMapping)
        /// Something this program does not accept, with its fault already told.
        case refused
    }

    /// Nothing was written: `key:`, `key: ~` or `key: null`.
    var isNull: Bool {
        if case .scalar(let text, isPlain: true) = content { return ["", "~", "null", "Null", "NULL"].contains(text) }
        return false
    }

    /// In the words of the messages.
    var kind: Sentence {
        switch content {
        case _ where isNull: "nothing"
        case .scalar: "a single value"
        case .sequence: "a list"
        case .mapping: "a mapping"
        case .refused: "something else"
        }
    }
}

struct YAMLMapping {
    struct Entry {
        var key: String
        var keyPosition: SourcePosition
        var value: YAMLNode
    }

    /// Each key once.
    var entries: [Entry]
    /// False when a syntax error cut the mapping short, so that a key that is not there says nothing.
    var isComplete: Bool
}
