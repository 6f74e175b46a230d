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
        var name: String
        var summedOver: TimeSpan?
    }

    private let length: TimeSpan
    /// In the order of their first parts.
    private(set) var records: [Record] = []
    /// Where the open record of a series is in `records`.
    private var open: [Series: Int] = [:]

    init(to length: TimeSpan) { self.length = length }

    /// Notices and time fixes have no length; they stay where they are.
    static func applies(to body: Record.Body) -> Bool { body.span != nil }

    mutating func take(_ record: Record) {
        guard let series = Self.series(of: record) else {
            preconditionFailure("a record without a length is not to be joined")
        }
        if let index = open[series], let joined = join(records[index], record) {
            records[index] = joined
        } else {
            open[series] = records.count
            records.append(Record(bootID: record.bootID, body: record.body))
        }
    }

    private func join(_ earlier: Record, _ later: Record) -> Record? {
        guard let one = earlier.body.span, let other = later.body.span, one.isFollowed(by: other),
            let place = one.place(among: length), place == other.place(among: length)
        else { return nil }
        var body: Record.Body
        switch (earlier.body, later.body) {
        case (.traffic(let one), .traffic(let other)):
            guard one.isJoinable(with: other) else { return nil }
            var sum = one.joined(with: other)
            sum.span.isPartial = !sum.span.isWhole(length)
            body = .traffic(sum)
        case (.climate(let one), .climate(let other)):
            guard one.isJoinable(with: other) else { return nil }
            var sum = one.joined(with: other)
            sum.span.isPartial = !sum.span.isWhole(length)
            body = .climate(sum)
        case (.node(let one), .node(let other)):
            var sum = one.joined(with: other)
            sum.span.isPartial = !sum.span.isWhole(length)
            body = .node(sum)
        default: return nil
        }
        return Record(bootID: earlier.bootID, body: body)
    }

    private static func series(of record: Record) -> Series? {
        switch record.body {
        case .traffic(let interval):
            Series(boot: record.bootID, kind: .traffic, name: interval.channel, summedOver: interval.summedOver)
        case .climate(let interval): Series(boot: record.bootID, kind: .climate, name: interval.sensor)
        case .node: Series(boot: record.bootID, kind: .node, name: "")
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

extension Record.Body {
    /// nil for what happened at one moment.
    var span: IntervalSpan? {
        switch self {
        case .traffic(let interval): interval.span
        case .climate(let interval): interval.span
        case .node(let interval): interval.span
        case .timeFix, .notice: nil
        }
    }
}
