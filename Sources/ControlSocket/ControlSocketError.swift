import Glibc
public import SensorCore

/// The socket could not be made, reached or read.
public struct ControlSocketError: Error, Hashable, Sendable, SentenceConvertible {
    /// What went wrong: "cannot connect to /run/reallabor-node/control.sock".
    public var what: Sentence
    /// `errno`, or 0 where there is none.
    public var code: Int32
    /// What the person can do about it; of a refusal, the node's own words.
    public var advice: Sentence
    /// The node has answered, and said no.
    public var isRefusal = false
    /// The node's refusal; nil for anything else, and from a node that is older than codes.
    public var refusal: CodedMessage?

    public init(_ what: Sentence, code: Int32 = 0, advice: Sentence) {
        self.what = what
        self.code = code
        self.advice = advice
    }

    public var sentence: Sentence {
        code == 0 ? "\(what): \(advice)" : "\(what): \(systemText(code)) (errno \(code)): \(advice)"
    }
}
