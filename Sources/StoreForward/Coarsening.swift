import SensorCore

/// How long the intervals of a record may be made: each step joins what lies in one longer interval.
enum CoarseLevel: Int, CaseIterable, Comparable {
    case asMeasured
    case quarterHour
    case hour
    case day

    static func < (a: CoarseLevel, b: CoarseLevel) -> Bool { a.rawValue < b.rawValue }

    /// nil for the coarsest.
    var next: CoarseLevel? { CoarseLevel(rawValue: rawValue + 1) }

    /// nil for what is as it was measured.
    var length: TimeSpan? {
        switch self {
        case .asMeasured: nil
        case .quarterHour: .seconds(15 * 60)
        case .hour: .seconds(60 * 60)
        case .day: .seconds(24 * 60 * 60)
        }
    }
}

/// Joins records, taken oldest first, to longer ones.
///
/// Two records are joined only when nothing is hidden by it: the same boot, the same channel or sensor, the same longer
/// interval, one following the other without a gap, detected, filtered and calibrated alike. Sums are exact then, and
/// intervals of one series never overlap. What cannot be joined stays as it is.
struct Coarsening {
    private struct Series: Hashable {
        var boot: BootID
        var kind: RecordKind
        var subject: String?
        var summedOver: TimeSpan?

        init(_ record: Record) {
            boot = record.bootID
            kind = record.body.kind
            subject = record.body.subject
            summedOver = record.body.summedOver
        }
    }

    private let length: TimeSpan
    /// In the order of their first parts.
    private(set) var records: [Record] = []
    /// Where the open record of a series is in `records`.
    private var open: [Series: Int] = [:]

    init(to length: TimeSpan) { self.length = length }

    /// What tells of a moment stays where it is, and so does what only a newer program can read all of.
    static func applies(to record: Record) -> Bool {
        guard record.verbatim == nil else { return false }
        return switch record.body {
        case .traffic, .climate, .node: true
        default: false
        }
    }

    mutating func take(_ record: Record) {
        precondition(Self.applies(to: record), "a record that is not to be joined")
        let series = Series(record)
        if let index = open[series], let joined = join(records[index], record) {
            records[index] = joined
        } else {
            open[series] = records.count
            records.append(Record(bootID: record.bootID, body: record.body))
        }
    }

    private func join(_ earlier: Record, _ later: Record) -> Record? {
        let (one, other) = (earlier.body.span, later.body.span)
        guard one.isFollowed(by: other), let place = one.place(among: length), place == other.place(among: length),
            let body = earlier.body.joined(with: later.body, to: length)
        else { return nil }
        return Record(bootID: earlier.bootID, body: body)
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
