import SensorCore

/// Which of the messages that say what the node is a connection is closed over, where the other side does not say so: a broker of
/// MQTT 3.1.1 closes over a topic that is forbidden, and no record would ever follow.
///
/// After two closes in a row over unanswered births they are sent one after the other. The one that is alone when the connection closes
/// is left out, and tried again later: it may have been something else that ended the connection.
struct BirthTrial: Hashable, Sendable {
    /// Closes in a row after which births are sent one by one.
    static let closes = 2
    /// Addresses remembered at most: more than a format announces.
    static let most = 1000

    private struct LeftOut: Hashable {
        var due: MonotonicInstant
        var pause: TimeSpan
    }

    private let first: TimeSpan
    private let longest: TimeSpan
    private var count = 0
    private var leftOut: [String: LeftOut] = [:]
    /// Left out, and nothing has shown yet that the connection lasts without it.
    private var accused: String?

    /// - Parameters:
    ///   - first: the pause before one that was left out is tried again; it doubles with each close over it.
    ///   - longest: of these pauses.
    init(first: TimeSpan, longest: TimeSpan) {
        self.first = first
        self.longest = longest
    }

    var isOneByOne: Bool { count >= Self.closes }
    /// When something that was left out is to be tried.
    var due: MonotonicInstant { leftOut.values.map(\.due).min() ?? .distantFuture }

    func admits(_ address: String, at now: MonotonicInstant) -> Bool { leftOut[address].map { now >= $0.due } ?? true }

    /// All births that were admitted were answered.
    mutating func passed(at now: MonotonicInstant) {
        count = 0
        if !leftOut.isEmpty { leftOut = leftOut.filter { now < $0.value.due } }
    }

    /// A message that is no birth was answered.
    ///
    /// - Returns: the birth that connections closed over before, when that is certain now.
    mutating func answered() -> String? {
        defer { accused = nil }
        return accused
    }

    /// A connection that had been accepted closed.
    ///
    /// - Parameter unanswered: the addresses of its births that were.
    mutating func closed(unanswered: [String], at now: MonotonicInstant) {
        if let accused {
            // It closes without that one, too.
            leftOut[accused] = nil
            self.accused = nil
        }
        // What is closed over when it is tried again needs no second trial.
        if let again = unanswered.first(where: { leftOut[$0] != nil }) {
            let pause = min(longest, (leftOut[again]?.pause ?? first) * 2)
            leftOut[again] = LeftOut(due: now + pause, pause: pause)
            count = 0
            return
        }
        guard let alone = unanswered.first else { return }
        guard isOneByOne, unanswered.count == 1 else {
            count += 1
            return
        }
        if leftOut.count >= Self.most { leftOut = [:] }
        leftOut[alone] = LeftOut(due: now + first, pause: first)
        count = 0
        accused = alone
    }
}
