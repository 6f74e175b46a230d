/// How the node itself fared in an interval.
public struct NodeInterval: Hashable, Sendable {
    public var span: IntervalSpan
    /// The node's id, so that a journal knows whose it is; nil in records from before it was noted.
    public var node: String?
    /// Records journalled and not yet acknowledged by the (slowest) destination, at the end of the interval.
    public var backlog: UInt64
    /// Connections to the broker that ended without being asked to, in the interval.
    public var connectionsLost: UInt64
    /// Closed intervals that found no room on the way from the counting thread to the journal, in the interval.
    public var queueOverflows: UInt64
    /// Journal commits that failed, in the interval.
    public var journalFaults: UInt64

    public init(
        span: IntervalSpan, node: String? = nil, backlog: UInt64, connectionsLost: UInt64, queueOverflows: UInt64, journalFaults: UInt64
    ) {
        self.span = span
        self.node = node
        self.backlog = backlog
        self.connectionsLost = connectionsLost
        self.queueOverflows = queueOverflows
        self.journalFaults = journalFaults
    }
}

extension NodeInterval {
    /// This interval and the one that follows it, as one: counters add up, the backlog is the later one.
    public func joined(with next: NodeInterval) -> NodeInterval {
        var sum = next
        sum.span = span.joined(with: next.span)
        sum.connectionsLost.addSaturating(connectionsLost)
        sum.queueOverflows.addSaturating(queueOverflows)
        sum.journalFaults.addSaturating(journalFaults)
        return sum
    }
}
