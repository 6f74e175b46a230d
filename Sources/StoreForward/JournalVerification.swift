public import SensorCore

/// Looks at every page and every record of a journal and says what is wrong, for people.
public final class JournalVerification {
    public struct Report: Sendable {
        /// Records looked at.
        public var records: UInt64 = 0
        /// What is wrong, in the order it was found; empty for a sound journal.
        public var findings: [Sentence] = []
    }

    private static let mostFindings = 50
    private static let batch: UInt64 = 512

    private let inspection: JournalInspection
    private let reader: JournalReader

    public init(path: String) throws(JournalError) {
        inspection = try JournalInspection(path: path)
        reader = try JournalReader(inspection.database)
    }

    /// Of one moment: a writer goes on meanwhile, and its log grows by what it commits.
    public func run() throws(JournalError) -> Report {
        try inspection.snapshot { () throws(JournalError) in
            var report = Report()
            try checkPages(&report)
            do throws(JournalError) {
                let standing = try JournalStanding(inspection.database)
                try checkStanding(standing, &report)
                for range in standing.everything.subtracting(standing.gone).ranges { try checkRecords(range, &report) }
            } catch {
                guard error.kind == .corrupt else { throw error }
                report.findings.append("\(error.detail); the counts and cursors of this journal cannot be trusted")
            }
            return report
        }
    }

    private func checkPages(_ report: inout Report) throws(JournalError) {
        do throws(JournalError) {
            let statement = try Statement(
                inspection.database, "PRAGMA integrity_check(\(Self.mostFindings))", "verify")
            while try statement.step() {
                guard let text = statement.text(0), text != "ok" else { continue }
                report.findings.append("SQLite: \(text); the medium lost or changed a page of the file")
            }
        } catch {
            guard error.kind == .corrupt else { throw error }
            report.findings.append("SQLite: \(error.detail); the medium lost or changed a page of the file")
        }
    }

    private func checkStanding(_ standing: JournalStanding, _ report: inout Report) throws(JournalError) {
        let rows = try inspection.database.integer("SELECT count(*) FROM record", "verify") ?? 0
        if UInt64(rows) != standing.kept {
            report.findings.append(
                "\(rows) records are there, \(standing.kept) should be: some were lost, or put there by another program")
        }
        for (level, numbers) in standing.levels where !numbers.intersection(standing.gone).isEmpty {
            report.findings.append("records noted as level \(level.rawValue) are gone: the notes do not fit the records")
        }
    }

    /// In pieces; a piece with something wrong is looked at one number at a time, to name each.
    private func checkRecords(_ range: ClosedRange<UInt64>, _ report: inout Report) throws(JournalError) {
        var first = range.lowerBound
        while true {
            let last = range.upperBound - first < Self.batch ? range.upperBound : first + Self.batch - 1
            do throws(JournalError) {
                report.records += UInt64(try reader.records(in: first...last, limit: .max).count)
            } catch {
                guard error.kind == .corrupt else { throw error }
                for number in first...last { try checkRecord(number, &report) }
            }
            guard last < range.upperBound, report.findings.count < Self.mostFindings else { return }
            first = last + 1
        }
    }

    private func checkRecord(_ number: UInt64, _ report: inout Report) throws(JournalError) {
        do throws(JournalError) {
            report.records += UInt64(try reader.records(in: number...number, limit: 1).count)
        } catch {
            guard error.kind == .corrupt else { throw error }
            guard report.findings.count < Self.mostFindings else { return }
            report.findings.append(error.detail)
        }
    }
}

/// Reads through a journal bit by bit while the node runs, so that damage is found before a destination needs the record.
final class JournalPatrol {
    private let place: ReadingPlace
    private var next: UInt64 = 1
    /// Times it got through.
    private(set) var rounds = 0

    init(_ place: ReadingPlace) { self.place = place }

    /// Looks at up to `count` records, and begins anew behind the last.
    func look(at count: Int, last: UInt64) throws(JournalError) {
        guard last > 0 else { return }
        if next > last {
            next = 1
            rounds += 1
        }
        let found = try place.records(in: SequenceRanges(next...last), limit: count)
        next = found.count < count ? last + 1 : found[count - 1].sequence + 1
    }
}
