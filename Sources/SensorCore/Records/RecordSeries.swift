/// Whose records follow each other in time and may be joined to longer ones: a channel's, a sensor's or the node's own, of
/// one boot.
public struct RecordSeries: Hashable, Sendable {
    public var bootID: BootID
    public var kind: RecordKind
    /// The channel or sensor; nil for the node.
    public var subject: String?
    /// Of sums: their length.
    public var summedOver: TimeSpan?

    /// nil for what tells of a moment, and for what only a newer program can read all of: neither is joined.
    public init?(of record: Record) {
        guard record.verbatim == nil else { return nil }
        switch record.body {
        case .traffic, .climate, .node: break
        default: return nil
        }
        bootID = record.bootID
        kind = record.body.kind
        subject = record.body.subject
        summedOver = record.body.summedOver
    }
}

extension Record {
    /// This record and the later one of the same series as one, within one interval of `length`; without `replaces`.
    ///
    /// nil where something would be hidden by it: a gap between them, another interval of `length`, or that they were
    /// detected, filtered or calibrated otherwise. Sums are exact.
    public func joined(with later: Record, within length: TimeSpan) -> Record? {
        let (one, other) = (body.span, later.body.span)
        guard bootID == later.bootID, one.isFollowed(by: other), let place = one.place(among: length),
            place == other.place(among: length), let joined = body.joined(with: later.body, to: length)
        else { return nil }
        return Record(bootID: bootID, body: joined)
    }
}

extension Record.Body {
    /// nil where something would be hidden by it, and for kinds that are not joined.
    fileprivate func joined(with next: Record.Body, to length: TimeSpan) -> Record.Body? {
        switch (self, next) {
        case (.traffic(let one), .traffic(let next)):
            guard one.isJoinable(with: next) else { return nil }
            var sum = one.joined(with: next)
            sum.span.isPartial = !sum.span.isWhole(length)
            return .traffic(sum)
        case (.climate(let one), .climate(let next)):
            guard one.isJoinable(with: next) else { return nil }
            var sum = one.joined(with: next)
            sum.span.isPartial = !sum.span.isWhole(length)
            return .climate(sum)
        case (.node(let one), .node(let next)):
            var sum = one.joined(with: next)
            sum.span.isPartial = !sum.span.isWhole(length)
            return .node(sum)
        default: return nil
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
