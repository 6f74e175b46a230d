public import SensorCore

/// The words and bounds of version 1; docs/control-protocol.md describes it for those who write a client.
public enum ControlProtocol {
    public static let version = 1
    /// Begins every request and every answer.
    public static let greeting = "reallabor-control/1"
    /// Bytes of a request line, its line feed included.
    package static let requestLimit = 512
    /// Bytes that may follow a request line whose verb takes a payload.
    public static let payloadLimit = 16 * 1024
    /// Bytes of an answer that is not a stream: a status of hundreds of channels.
    package static let answerLimit = 1 << 20
    /// Bytes of a stream that wait for a slow client; what finds no room is counted as lost.
    public static let streamBuffer = 256 * 1024
    package static let clientLimit = 8
    /// Of these: what is answered at once always finds a place.
    package static let streamLimit = 6
}

/// A request that was read in full, and of which only the form has been checked.
public struct ControlRequest: Hashable, Sendable {
    public var verb: String
    public var arguments: [String]
    /// Empty for a verb that takes none.
    public var payload: [UInt8]

    public init(verb: String, arguments: [String] = [], payload: [UInt8] = []) {
        self.verb = verb
        self.arguments = arguments
        self.payload = payload
    }
}

/// Why a request is not answered: a code with arguments for a program, a sentence for the person who made it.
public struct ControlRefusal: Error, Hashable, Sendable, SentenceConvertible {
    public var coded: CodedMessage
    public var sentence: Sentence

    /// - Parameters:
    ///   - code: "no_channel", as docs/control-protocol.md lists it.
    ///   - sentence: of one line.
    public init(_ code: String, _ arguments: KeyValuePairs<String, CodedMessage.Value?>, _ sentence: Sentence) {
        coded = CodedMessage(code, arguments)
        self.sentence = sentence
    }

    public init(_ code: String, _ sentence: Sentence) { self.init(code, [:], sentence) }
}

/// What a server can be asked, and who answers.
///
/// `answer` runs on the control thread, so it must not wait: while it does, no other client is served.
public struct ControlVerb: Sendable {
    public var name: String
    /// The arguments for a person: "text|json".
    public var usage: String
    public var argumentCount: Int
    /// The last argument of the line is then the payload's length in bytes, and the payload follows the line.
    public var takesPayload: Bool
    /// It changes what the node does: only root and the node's own user may ask it.
    public var changes: Bool
    public var answer: @Sendable (ControlRequest) throws(ControlRefusal) -> ControlAnswer

    /// - Parameter argumentCount: without the payload's length.
    public init(
        name: String, usage: String, argumentCount: Int, takesPayload: Bool = false, changes: Bool = false,
        answer: @escaping @Sendable (ControlRequest) throws(ControlRefusal) -> ControlAnswer
    ) {
        self.name = name
        self.usage = usage
        self.argumentCount = argumentCount
        self.takesPayload = takesPayload
        self.changes = changes
        self.answer = answer
    }

    /// As it is to be written: "status text|json", "calibration-add LENGTH".
    var form: String {
        [name, usage, takesPayload ? "LENGTH" : ""].filter { !$0.isEmpty }.joined(separator: " ")
    }
}

public enum ControlAnswer {
    /// The whole body; the connection ends after it.
    case body([UInt8])
    /// Lines until the client goes or the stream ends.
    case stream(any ControlStream)
}

/// Lines that come as the node works. Belongs to the control thread.
public protocol ControlStream: AnyObject {
    /// What is there now, oldest first, within bounds. Called about every 50 ms; must not wait.
    func take() -> ControlLines
    /// The client has gone: called once, also after the stream has ended by itself.
    func close()
}

public struct ControlLines: Hashable, Sendable {
    /// Without line feeds.
    public var lines: [String]
    /// Lines that were lost since the last call; said to the client before `lines`.
    public var lost: UInt64
    /// Nothing more will come.
    public var isLast: Bool

    public init(lines: [String] = [], lost: UInt64 = 0, isLast: Bool = false) {
        self.lines = lines
        self.lost = lost
        self.isLast = isLast
    }
}
