/// Whose records follow each other in time and may be joined to longer ones: a channel's, a sensor's or the node's own, of
/// one boot.
public struct RecordSeries: Hashable, Sendable {
    public enum Source: Hashable, Sendable {
        /// A channel; `summedOver` as in `TrafficInterval`.
        case channel(String, summedOver: TimeSpan?)
        case sensor(String)
        case node
    }

    public var bootID: BootID
    public var source: Source

    /// nil for a record without a length: it happened at one moment.
    public init?(of record: Record) {
        switch record.body {
        case .traffic(let interval): source = .channel(interval.channel, summedOver: interval.summedOver)
        case .climate(let interval): source = .sensor(interval.sensor)
        case .node: source = .node
        case .timeFix, .notice: return nil
        }
        bootID = record.bootID
    }
}

extension Record {
    /// This record and the later one of the same series as one, within one interval of `length`; without `replaces`.
    ///
    /// nil where something would be hidden by it: a gap between them, another interval of `length`, or that they were
    /// detected, filtered or calibrated otherwise. Sums are exact.
    public func joined(with later: Record, within length: TimeSpan) -> Record? {
        guard bootID == later.bootID, let one = intervalSpan, let other = later.intervalSpan, one.isFollowed(by: other),
            let place = one.place(among: length), place == other.place(among: length)
        else { return nil }
        switch (body, later.body) {
        case (.traffic(let one), .traffic(let other)):
            guard one.isJoinable(with: other) else { return nil }
            var sum = one.joined(with: other)
            sum.span.isPartial = !sum.span.isWhole(length)
            return Record(bootID: bootID, body: .traffic(sum))
        case (.climate(let one), .climate(let other)):
            guard one.isJoinable(with: other) else { return nil }
            var sum = one.joined(with: other)
            sum.span.isPartial = !sum.span.isWhole(length)
            return Record(bootID: bootID, body: .climate(sum))
        case (.node(let one), .node(let other)):
            var sum = one.joined(with: other)
            sum.span.isPartial = !sum.span.isWhole(length)
            return Record(bootID: bootID, body: .node(sum))
        default: return nil
        }
    }

    /// nil for what happened at one moment.
    public var intervalSpan: IntervalSpan? {
        switch body {
        case .traffic(let interval): interval.span
        case .climate(let interval): interval.span
        case .node(let interval): interval.span
        case .timeFix, .notice: nil
        }
    }
}

extension TrafficInterval {
    /// Detected and filtered alike, and measuring the same.
    fileprivate func isJoinable(with next: TrafficInterval) -> Bool {
        guard detector == next.detector, quality.filter == next.quality.filter, fault == next.fault else { return false }
        return switch (measured, next.measured) {
        case (.rain?, .wind?), (.wind?, .rain?): false
        default: true
        }
    }
}
