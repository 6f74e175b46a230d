public import SensorCore

/// Brings the intervals of radar channels, which the counting thread closes at once, together with their passages, which another
/// thread finds later.
///
/// An interval waits until everybody who was abreast before its end is known, at most `patience`: what is missing then counts as not
/// observed, so that a thread that hangs leaves no zeros.
public struct TrackedIntervals: Sendable {
    /// After its end.
    public static let patience = DopplerTracker.decisionTime + .seconds(15)

    private struct Channel: Sendable {
        var waiting: [ClosedCount] = []
        var passages: [Passage] = []
        var decidedThrough = MonotonicInstant(nanoseconds: .min)
        /// End of the last interval that could not wait until all was decided.
        var givenUpThrough = MonotonicInstant(nanoseconds: .min)
    }

    private var channels: [Int: Channel] = [:]

    public init() {}

    public mutating func take(_ finding: RadarTracking.Finding) {
        if let passage = finding.passage {
            // Too late: its interval has said that it did not observe that time, and the next did not see it.
            if let channel = channels[finding.channel], passage.instant < channel.givenUpThrough { return }
            channels[finding.channel, default: Channel()].passages.append(passage)
        } else {
            channels[finding.channel, default: Channel()].decidedThrough = finding.decidedThrough
        }
    }

    public mutating func take(_ closed: ClosedCount) { channels[closed.channel, default: Channel()].waiting.append(closed) }

    /// The intervals that are complete by `now`, each with its passages; `now` beyond everything gives all there are.
    public mutating func release(at now: MonotonicInstant) -> [(closed: ClosedCount, passages: [Passage])] {
        var released: [(closed: ClosedCount, passages: [Passage])] = []
        for index in channels.keys.sorted() {
            guard var channel = channels[index] else { continue }
            while let first = channel.waiting.first {
                let isDecided = channel.decidedThrough >= first.end
                // One that was not observed has nothing to wait for.
                let isDark = first.tally.unobserved >= first.end - first.start && first.tally.edges == 0
                guard isDecided || isDark || now >= first.end + Self.patience else { break }
                channel.waiting.removeFirst()
                var closed = first
                let mine = channel.passages.filter { $0.instant < closed.end }.sorted { $0.instant < $1.instant }
                channel.passages.removeAll { $0.instant < closed.end }
                for passage in mine { closed.tally.count(passage) }
                if !isDecided && !isDark {
                    // From where on the tracker had not decided.
                    let since = max(closed.start, min(closed.end, channel.decidedThrough))
                    closed.tally.unobserved = min(closed.end - closed.start, closed.tally.unobserved + (closed.end - since))
                    channel.givenUpThrough = closed.end
                }
                released.append((closed, mine))
            }
            channels[index] = channel
        }
        return released
    }
}
