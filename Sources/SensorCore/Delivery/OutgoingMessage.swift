/// One message of a format, ready for a transport.
public struct OutgoingMessage: Hashable, Sendable {
    /// Where it goes: levels with `/` between them, valid in every transport the format is made for.
    public var address: String
    public var payload: [UInt8]
    /// Whoever begins to listen at the address later gets the newest such message at once.
    public var isRetained: Bool
    /// MIME type of the payload.
    public var contentType: String
    /// The format and its version: "reallabor-node/1".
    public var schema: String
    /// Whole seconds after which nobody need be told any more; nil for all that is to arrive however late.
    public var expirySeconds: UInt32?

    public init(
        address: String, payload: [UInt8], isRetained: Bool, contentType: String, schema: String, expirySeconds: UInt32? = nil
    ) {
        self.address = address
        self.payload = payload
        self.isRetained = isRetained
        self.contentType = contentType
        self.schema = schema
        self.expirySeconds = expirySeconds
    }
}

/// A message with the records that are in it.
public struct RecordMessage: Hashable, Sendable {
    public var message: OutgoingMessage
    /// The numbers of the records it carries, wholly or in part, ascending. None for a message that only prepares the
    /// receiver for others, or tells which numbers are withheld.
    public var carries: [UInt64]
    /// It tells the receiver the withheld numbers of its batch.
    public var tellsWithheld: Bool

    public init(_ message: OutgoingMessage, carries: [UInt64], tellsWithheld: Bool = false) {
        self.message = message
        self.carries = carries
        self.tellsWithheld = tellsWithheld
    }
}
