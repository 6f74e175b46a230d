public import SensorCore

/// Carries messages to one destination. All that the sending side knows of it; it may be a library in this process or a
/// process of its own.
///
/// Used by one thread. Nothing but `wait` and the resolution of names in `connect` blocks. What comes of a call is told by
/// `takeEvents`.
public protocol DeliveryTransport: AnyObject {
    /// Begins a connection, and ends the one before without ceremony. Events: `trying` for each place that is tried after
    /// the first, then `connected` or `closed`.
    ///
    /// - Parameter will: published by the other side when the connection breaks; nil for nothing.
    func connect(will: OutgoingMessage?)
    /// Hands messages over, together where that is cheaper. Each is answered by one `answered` with its token, unless the
    /// connection closes first.
    func publish(_ messages: [TransportMessage])
    /// Asks for the messages of an address. Event: `subscribed`.
    func subscribe(_ address: String)
    /// Ends the connection in order: the will is not published. Event: `closed`, at once or soon.
    func disconnect()
    /// The other side did not do its part in time: gives up the place being tried, or the connection.
    func abandon()
    /// Messages that it is to be handed beyond the window and holds ready; 0 for one that holds none.
    var ahead: Int { get }
    /// Returns after `milliseconds`, or as soon as something happened or the destination's wake was signalled.
    func wait(milliseconds: Int32)
    /// What happened since the last call, oldest first. Nothing follows `closed` but the events of a new `connect`.
    func takeEvents() -> [TransportEvent]
}

extension DeliveryTransport {
    public var ahead: Int { 0 }
}

/// A message with the name under which its answer comes.
public struct TransportMessage: Hashable, Sendable {
    /// Unique on a connection.
    public var token: UInt64
    public var message: OutgoingMessage

    public init(token: UInt64, message: OutgoingMessage) {
        self.token = token
        self.message = message
    }
}

public enum TransportEvent: Hashable, Sendable {
    /// The next place of the same try is being connected to: its time begins now.
    case trying
    /// The other side, named in words ("broker a.example:8883"), takes messages: so many unanswered at most, nil for no
    /// limit of its own.
    case connected(to: String, unansweredAtMost: Int?)
    /// `token` is nil for an answer to nothing that was sent.
    case answered(token: UInt64?, TransportAnswer)
    /// What came of `subscribe`.
    case subscribed(address: String, isGranted: Bool)
    /// A message of an address asked for.
    case received(address: String, payload: [UInt8])
    /// What the other side can't do or asks for, and what follows from it, for the log. Repeated with each
    /// connection it is true of.
    case remark(Sentence)
    /// Over; always the last event of a connection.
    case closed(TransportFault)
}

/// What the other side said of one message.
public enum TransportAnswer: Hashable, Sendable {
    /// It has it, and answers for it.
    case taken
    /// It does not want it, has thrown it away, or it can't be sent at all.
    case refused(TransportRefusal)
}

/// Why a message did not arrive.
public struct TransportRefusal: Hashable, Sendable {
    public enum Kind: UInt8, Hashable, Sendable, CaseIterable {
        /// The other side does not want it.
        case unwanted
        /// The other side threw it away, since nobody has asked for such messages.
        case nobodyListens
        /// It is longer than what the other side takes.
        case tooLarge
        /// It can't be sent at all, whoever is on the other side.
        case unsendable
    }

    public var kind: Kind
    /// The other side's own number for the reason, 0 where it has none. With `kind` it tells whether a reason is new:
    /// words may hold sizes.
    public var code: UInt8
    /// With what to do.
    public var reason: Sentence

    public init(_ kind: Kind, code: UInt8 = 0, reason: Sentence) {
        self.kind = kind
        self.code = code
        self.reason = reason
    }
}

/// Why there is no connection, for the person who must act.
public struct TransportFault: Error, Hashable, Sendable, SentenceConvertible {
    public var sentence: Sentence
    /// The other side had taken the connection before.
    public var wasConnected: Bool
    /// The other side closed the connection and said nothing of why.
    public var isUnexplained: Bool
    /// It may have been over a message that is unanswered; false when the other side named another reason.
    public var mayBeOverAMessage: Bool
    /// The other side answered, and says the same until a person acts: a login, a certificate, a file that can't be read.
    public var isRefusal: Bool
    /// Equal for equal faults, whatever the words, which may hold the time; 0 where only the words tell.
    public var code: UInt16
    /// What to look at when it happens again and again.
    public var adviceWhenRepeated: Sentence?

    public init(
        _ sentence: Sentence, wasConnected: Bool = false, isUnexplained: Bool = false, mayBeOverAMessage: Bool = true,
        isRefusal: Bool = false, code: UInt16 = 0, adviceWhenRepeated: Sentence? = nil
    ) {
        self.adviceWhenRepeated = adviceWhenRepeated
        self.sentence = sentence
        self.wasConnected = wasConnected
        self.isUnexplained = isUnexplained
        self.mayBeOverAMessage = mayBeOverAMessage
        self.isRefusal = isRefusal
        self.code = code
    }
}
