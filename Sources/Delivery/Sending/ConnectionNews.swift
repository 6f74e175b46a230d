import SensorCore

/// What is said in the log of connections that come and go: each thing once, until it changes.
struct ConnectionNews {
    private var saidFault: Sentence?
    private var saidCode: UInt16 = 0
    /// The connection comes and goes for a reason that was said: neither is said again before one is stable.
    private var isFlapping = false
    /// Connections in a row that the broker accepted and closed soon after, without a reason.
    private var shortLives = 0

    /// As many as a busy broker or network hardly brings about.
    private static let suspiciousLives = 3

    /// A fault was said that no stable connection has followed yet.
    var isOfFault: Bool { saidFault != nil || shortLives > 0 }

    /// The fault, with what its repetition tells.
    ///
    /// - Parameters:
    ///   - peer: the other side.
    ///   - wasShort: nothing of the node's was unanswered, and the connection did not hold for long.
    mutating func explained(_ fault: TransportFault, of peer: Sentence, wasShort: Bool) -> Sentence {
        shortLives = wasShort && fault.isUnexplained ? shortLives + 1 : 0
        guard shortLives >= Self.suspiciousLives else { return fault.sentence }
        guard let advice = fault.adviceWhenRepeated else {
            return "\(peer) closed the connection soon after it had accepted the node, again and again"
        }
        return "\(peer) closed the connection soon after it had accepted the node, again and again: \(advice)"
    }

    /// The line to log, if this is new.
    ///
    /// - Parameter code: of the fault; equal ones are the same though the words hold the time.
    mutating func ended(_ text: Sentence, code: UInt16, wasConnected: Bool) -> String? {
        if saidFault != nil, saidFault == text || code != 0 && code == saidCode {
            isFlapping = isFlapping || wasConnected
            return nil
        }
        saidFault = text
        saidCode = code
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
