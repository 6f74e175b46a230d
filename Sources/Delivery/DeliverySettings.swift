public import SensorCore

/// How records go to one destination, whatever carries them. Already validated: the configuration says what is wrong with it.
public struct DeliverySettings: Hashable, Sendable {
    /// The destination's name in the configuration: "city".
    public var name: String
    /// What its lines in the log begin with.
    public var logName: String
    /// Records sent and not yet answered, at most; 1 to 65,535. The other side may lower it.
    public var window = 20
    /// Records of the backlog per second, at least 1; nil for as fast as they go.
    public var backfillRate: Int?
    /// A receiver's receipts acknowledge, not the broker. The format's session must subscribe to them.
    public var needsReceipts = false
    public var lanes = DeliveryLanes.both
    /// What this destination may see.
    public var view = DestinationView()
    public var timing = DeliveryTiming()

    public init(name: String) {
        self.name = name
        logName = name
    }
}

/// The times a delivery goes by.
public struct DeliveryTiming: Hashable, Sendable {
    /// From the beginning of a connection to one place until it is accepted and the birth is answered.
    public var connectTimeout = TimeSpan.seconds(15)
    /// A connection on which nothing that was sent is answered for so long is given up.
    public var acknowledgementTimeout = TimeSpan.seconds(60)
    /// Records that the broker has and that nobody confirms for so long, while later ones are confirmed or none is, are sent
    /// again, where receivers confirm.
    public var receiptTimeout = TimeSpan.seconds(600)
    /// When a receipt names what was not sent yet it is asked for again after so long, then twice as long, up to
    /// `receiptTimeout`: a retained receipt comes once, before the records it confirms.
    package var receiptPause = TimeSpan.seconds(5)
    /// What comes while the connection is away for no longer than this is sent as live.
    package var shortBreak = TimeSpan.seconds(60)
    /// Upper bound of the first wait after a failure; it doubles with each further one.
    public var firstBackOff = TimeSpan.seconds(1)
    /// Upper bound of every wait, so that delivery is back soon after a good broker is; not below `firstBackOff`.
    public var longestBackOff = TimeSpan.seconds(20)
    /// A record that is sent alone, to see whether the connection closes over it, is waited for so long.
    public var aloneTimeout = TimeSpan.seconds(10)
    /// Upper bound of the first wait before a record is tried again over which the other side closes connections, or which
    /// it never answers.
    public var firstOffer = TimeSpan.seconds(60)
    /// Upper bound of the waits between tries of what is not taken while other records are; not below `firstBackOff`.
    public var longestOffer = TimeSpan.seconds(3600)
    /// A connection that lasted so long starts the back-off afresh.
    public var stableAfter = TimeSpan.seconds(60)

    public init() {}

    /// Upper bound of the waits after the other side has refused the connection and says the same until a person acts, 2 min: each try
    /// costs a handshake, and a SIM card's volume with it.
    package var longestAfterRefusal: TimeSpan { longestBackOff * 6 }
    /// Upper bound of the waits between tries of what is not taken while nothing else is, or nobody listens: 1 min.
    package var longestQuestion: TimeSpan { longestBackOff * 3 }
}
