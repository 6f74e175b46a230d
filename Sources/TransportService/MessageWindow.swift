import Delivery

/// What the node has handed over, and how much of it the broker may have: at most one window unanswered. The rest is held ready, so that
/// an answer lets the next message go at once, without a word between the processes.
struct MessageWindow {
    /// Answers that are told together at most: half of what the node hands over ahead, so that it brings more before the rest has gone.
    private let together: Int
    private let size: Int
    private var limit: Int
    private var held: [TransportMessage] = []
    private var taken = 0
    private var unanswered = 0

    /// - Parameters:
    ///   - size: messages unanswered at most, at least 1.
    ///   - ahead: messages that the node hands over beyond these.
    init(size: Int, ahead: Int) {
        self.size = max(1, size)
        limit = self.size
        together = max(1, ahead / 2)
    }

    /// Messages wait for answers to those before them.
    var holdsSome: Bool { taken < held.count }

    /// Of a connection that was, nothing is of interest.
    mutating func reset() {
        held.removeAll(keepingCapacity: true)
        (taken, unanswered, limit) = (0, 0, size)
    }

    mutating func hold(_ message: TransportMessage) { held.append(message) }

    /// What may go now, in the order in which it came. It counts as unanswered from then on.
    mutating func next() -> [TransportMessage] {
        let room = min(held.count - taken, limit - unanswered)
        guard room > 0 else { return [] }
        let batch = Array(held[taken..<taken + room])
        taken += room
        unanswered += room
        if taken == held.count {
            held.removeAll(keepingCapacity: true)
            taken = 0
        } else if taken > size {
            held.removeFirst(taken)
            taken = 0
        }
        return batch
    }

    mutating func note(_ event: TransportEvent) {
        switch event {
        case .connected(_, let most): limit = max(1, min(size, most ?? size))
        case .answered(.some, _): unanswered = max(0, unanswered - 1)
        case .closed: reset()
        case .answered(nil, _), .trying, .subscribed, .received, .remark: break
        }
    }

    /// These may wait for more of their kind: the node has nothing to do about them, and what it handed over is not used up.
    func mayWait(_ events: [TransportEvent]) -> Bool {
        guard holdsSome, events.count < together else { return false }
        return events.allSatisfy { if case .answered(_, .taken) = $0 { true } else { false } }
    }
}
