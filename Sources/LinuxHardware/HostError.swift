public import SensorCore

/// The operating system refused something the node needs.
public struct HostError: Error, Hashable, Sendable, SentenceConvertible {
    /// What was tried: "lock memory".
    public var operation: Sentence
    /// `errno`, or 0 where there is none.
    public var code: Int32
    /// What the person at the box can do about it.
    public var advice: Sentence

    public init(operation: Sentence, code: Int32, advice: Sentence) {
        self.operation = operation
        self.code = code
        self.advice = advice
    }

    public var sentence: Sentence {
        code == 0 ? "\(operation) failed: \(advice)" : "\(operation) failed (errno \(code), \(systemText(code))): \(advice)"
    }
}
