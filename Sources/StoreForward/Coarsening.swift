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
    private let length: TimeSpan
    /// In the order of their first parts.
    private(set) var records: [Record] = []
    /// Where the open record of a series is in `records`.
    private var open: [RecordSeries: Int] = [:]

    init(to length: TimeSpan) { self.length = length }

    /// What tells of a moment stays where it is, and so does what only a newer program can read all of.
    static func applies(to record: Record) -> Bool { RecordSeries(of: record) != nil }

    mutating func take(_ record: Record) {
        guard let series = RecordSeries(of: record) else { preconditionFailure("a record that is not to be joined") }
        if let index = open[series], let joined = records[index].joined(with: record, within: length) {
            records[index] = joined
        } else {
            open[series] = records.count
            records.append(Record(bootID: record.bootID, body: record.body))
        }
    }
}
