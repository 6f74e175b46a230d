/// What is said in the log of connections that come and go: each thing once, until it changes.
struct ConnectionNews {
    private var saidFault: String?
    /// The connection comes and goes for a reason that was said: neither is said again before one is stable.
    private var isFlapping = false
    /// Connections in a row that the broker accepted and closed soon after, without a reason.
    private var shortLives = 0

    /// As many as a busy broker or network hardly brings about.
    private static let suspiciousLives = 3

    /// A fault was said that no stable connection has followed yet.
    var isOfFault: Bool { saidFault != nil || shortLives > 0 }

    /// The fault in words, with what its repetition tells.
    mutating func explained(_ fault: TransportFault, wasShort: Bool) -> String {
        shortLives = wasShort && fault.isUnexplained ? shortLives + 1 : 0
        guard shortLives >= Self.suspiciousLives else { return fault.description }
        return "\(fault) soon after it had accepted the node, again and again"
            + (fault.adviceWhenRepeated.map { ": \($0)" } ?? "")
    }

    /// The line to log, if this is new.
    mutating func ended(_ text: String, wasConnected: Bool) -> String? {
        if saidFault == text {
            isFlapping = isFlapping || wasConnected
            return nil
        }
        saidFault = text
        isFlapping = false
        return "\(text). Records wait in the journal"
    }

    mutating func connected(to broker: String) -> String? { isFlapping ? nil : "connected to \(broker)" }

    mutating func isStable(_ broker: String?) -> String? {
        defer {
            saidFault = nil
            isFlapping = false
            shortLives = 0
        }
        return isFlapping ? "the connection to \(broker ?? "the broker") holds again" : nil
    }
}
