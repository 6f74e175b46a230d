package import PulsePipeline
package import SensorCore

/// One trace counted through several filters at once.
package final class FilterComparison {
    package struct Row {
        package var filter: PulseFilter
        package var tally: ChannelTally
        /// From the first to the last time stamp.
        package var length: TimeSpan
        /// Passages the configured filter does not count at that instant, and those only it counts.
        package var added: UInt64 = 0
        package var missing: UInt64 = 0
        /// When the first few of them began.
        package var firstAdded: [MonotonicInstant] = []
        package var firstMissing: [MonotonicInstant] = []
    }

    private let configured: PulseFilter
    private let filters: [PulseFilter]
    private let channels: [ReplayedChannel]
    private let differences: [PassageDifference]

    /// - Parameter settings: with the configured filter, which the others are compared with.
    package init(_ settings: ChannelSettings, with filters: [PulseFilter], interval: TimeSpan) {
        let differences = filters.map { PassageDifference(tolerance: max(settings.filter.longestTime, $0.longestTime)) }
        configured = settings.filter
        self.filters = filters
        self.differences = differences
        let base = ReplayedChannel(settings, interval: interval) { passages in
            for index in 0..<passages.count {
                for difference in differences { difference.takeFirst(passages[index].instant) }
            }
        }
        channels =
            [base]
            + zip(filters, differences).map { filter, difference in
                var other = settings
                other.filter = filter
                return ReplayedChannel(other, interval: interval) { passages in
                    for index in 0..<passages.count { difference.takeSecond(passages[index].instant) }
                }
            }
    }

    /// What is to look at the trace.
    package var consumers: [any EdgeConsumer] { channels + differences }

    /// The configured filter first. To be asked for when the trace has been read.
    package var rows: [Row] {
        let first = Row(filter: configured, tally: channels[0].sum, length: length)
        return [first]
            + zip(filters, zip(channels.dropFirst(), differences)).map { filter, found in
                Row(
                    filter: filter, tally: found.0.sum, length: length, added: found.1.added.count,
                    missing: found.1.missing.count, firstAdded: found.1.added.first, firstMissing: found.1.missing.first)
            }
    }

    private var length: TimeSpan { channels[0].intervals.last.map { $0.end - MonotonicInstant(nanoseconds: 0) } ?? .zero }
}

/// Finds which passages only one of two filters counts, by the instants they began at. Where a filter sees the same passage
/// begin at another of its edges, it is the same all the same. Its memory does not grow with the trace: what is old is decided.
final class PassageDifference: EdgeConsumer {
    struct Side {
        private(set) var count: UInt64 = 0
        private(set) var first: [MonotonicInstant] = []

        mutating func add(_ instant: MonotonicInstant) {
            count += 1
            if first.count < 5 { first.append(instant) }
        }
    }

    /// No detector decides later: see `PassageDetector.longestPassage`, and the chatter limit of filters of up to 10 s.
    private static let horizon = TimeSpan.seconds(60)

    private var ofFirst: [MonotonicInstant] = []
    private var ofSecond: [MonotonicInstant] = []
    private var enough = 4096
    private let tolerance: TimeSpan
    /// The latest passage without a partner, and whether only the second counts it.
    private var single: (instant: MonotonicInstant, isAdded: Bool)?
    /// Only the second counts, and only the first.
    private(set) var added = Side()
    private(set) var missing = Side()

    /// - Parameter tolerance: one passage of either filter no further apart than this is the same.
    init(tolerance: TimeSpan) { self.tolerance = tolerance }

    func takeFirst(_ instant: MonotonicInstant) { ofFirst.append(instant) }
    func takeSecond(_ instant: MonotonicInstant) { ofSecond.append(instant) }

    func begin(levels: UInt8) {}

    func take(_ edges: UnsafeBufferPointer<EdgeEvent>) {
        guard let last = edges.last, ofFirst.count + ofSecond.count >= enough else { return }
        match(before: last.instant - Self.horizon)
        // Twice what has to wait, so that the work per passage stays the same on a fast line.
        enough = 4096 + 2 * (ofFirst.count + ofSecond.count)
    }

    func finish(at end: MonotonicInstant) {
        match(before: .distantFuture)
        giveUpSingle()
    }

    private func match(before limit: MonotonicInstant) {
        ofFirst.sort()
        ofSecond.sort()
        var (one, other) = (0, 0)
        while true {
            let first = one < ofFirst.count ? ofFirst[one] : .distantFuture
            let second = other < ofSecond.count ? ofSecond[other] : .distantFuture
            if min(first, second) >= limit { break }
            if first <= second { one += 1 }
            if second <= first { other += 1 }
            if first < second { note(first, isAdded: false) }
            if second < first { note(second, isAdded: true) }
        }
        ofFirst.removeFirst(one)
        ofSecond.removeFirst(other)
    }

    private func note(_ instant: MonotonicInstant, isAdded: Bool) {
        if let single, single.isAdded != isAdded, instant - single.instant <= tolerance {
            self.single = nil
        } else {
            giveUpSingle()
            single = (instant, isAdded)
        }
    }

    private func giveUpSingle() {
        guard let single else { return }
        if single.isAdded { added.add(single.instant) } else { missing.add(single.instant) }
        self.single = nil
    }
}

extension PulseFilter {
    /// How far apart two of its decisions on one burst may be dated.
    fileprivate var longestTime: TimeSpan {
        switch kind {
        case .none: glitchTime
        case .stable(let rise, let fall): max(rise, fall, glitchTime)
        case .lockout(let time): max(time, glitchTime)
        case .kernel(let period): max(period, glitchTime)
        }
    }
}
