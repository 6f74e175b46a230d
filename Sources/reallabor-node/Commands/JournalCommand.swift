import ArgumentParser
import Diagnosis
import Glibc
import SensorCore
import StoreForward

struct JournalCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "journal", abstract: "Look into a journal, export it, check it, give its free space back.",
        discussion: """
            FILE is the journal of a running node, which lets the command in within a second, or a copy. docs/journal.md says how to \
            copy a running node's. All but compact only read. A journal that is not there or cannot be read ends with 66, \
            a damaged one with 65, one on a medium that fails or is full with 74.

            Example:
              reallabor-node journal stats /var/lib/reallabor-node/journal.sqlite
            """,
        subcommands: [
            JournalStatsCommand.self, JournalTailCommand.self, JournalExportCommand.self, JournalVerifyCommand.self,
            JournalCompactCommand.self,
        ])
}

struct JournalFile: ParsableArguments {
    @Argument(help: ArgumentHelp("The journal.", valueName: "file"))
    var file: String

    /// Opens it for reading, or ends the command.
    func open() throws -> JournalInspection {
        try ended { () throws(JournalError) in try JournalInspection(path: file) }
    }

    /// What `body` gives, or the end of the command.
    func ended<T>(_ body: () throws(JournalError) -> T) throws -> T { try journalEnded(file, body) }
}

extension JournalInspection {
    /// Whose the journal is: as it was said on the command line, or as the journal has it.
    func node(or given: String?) throws(JournalError) -> String {
        if let given { return given }
        return try node() ?? "node"
    }
}

/// What `body` gives, or the end of the command.
func journalEnded<T>(_ file: String, _ body: () throws(JournalError) -> T) throws -> T {
    do throws(JournalError) {
        return try body()
    } catch {
        throw CommandFailure(error, journal: file)
    }
}

extension CommandFailure {
    fileprivate init(_ error: JournalError, journal path: String) {
        let reason: ExitReason =
            switch error.kind {
            case .corrupt, .newerVersion, .olderVersion, .foreign: .dataError
            case .cannotOpen: .noInput
            case .full, .io, .readOnly: .inputOutput
            case .locked, .notAdmitted, .budgetTooSmall, .closed, .unexpected: .failure
            }
        if error.kind == .cannotOpen, error.systemCode == ENOENT {
            self.init(reason, "there is no journal at \(path): a node's is where its configuration says, under journal.path")
        } else {
            self.init(reason, Finding(error, journal: path).text)
        }
    }
}

/// Which records: by number, by time, or both.
struct RecordSelection: ParsableArguments {
    @Option(help: ArgumentHelp("Only records above this number.", valueName: "number"))
    var after: UInt64?

    @Option(help: ArgumentHelp("Only records up to this number.", valueName: "number"))
    var through: UInt64?

    @Option(
        help: ArgumentHelp("Only what ended after this moment: 2026-05-01, or 2026-05-01T12:00:00Z.", valueName: "time"), transform: moment)
    var from: WallClockTime?

    @Option(help: ArgumentHelp("Only what began before this moment.", valueName: "time"), transform: moment)
    var to: WallClockTime?

    /// Calls `body` for each, ascending. Records without UTC are left out when a time is asked for.
    func forEach(of journal: JournalInspection, _ body: (JournalledRecord) -> Void) throws(JournalError) {
        guard let kept = try journal.keptRange() else { return }
        let first = max(kept.lowerBound, (after ?? 0) &+ 1)
        let last = min(kept.upperBound, through ?? .max)
        var next = first
        while next <= last, StandardOutput.fault == nil {
            // In pieces, so that a running node's log does not grow meanwhile.
            let records = try journal.records(in: next...last, limit: 500)
            for record in records where isWanted(record) { body(record) }
            guard let reached = records.last?.sequence, records.count == 500 else { return }
            next = reached + 1
        }
    }

    private func isWanted(_ record: JournalledRecord) -> Bool {
        guard from != nil || to != nil else { return true }
        let body = record.record.body
        guard let span = body.span.utc else { return false }
        if let from, body.isMoment ? span.end < from : span.end <= from { return false }
        if let to, span.start >= to { return false }
        return true
    }
}

/// A line for people: number, time, what it is about.
extension JournalledRecord {
    var line: Sentence {
        let body = record.body
        let time: Sentence = body.isMoment ? body.span.utc.map { Sentence(verbatim: $0.start.rfc3339) } ?? "without UTC" : body.span.text
        let content: Sentence
        switch body {
        case .traffic(let interval):
            let count: Sentence = interval.flows.map { "\($0.reduce(0) { $0 + $1.count })" } ?? "unknown"
            content = interval.fault.map { "traffic \(interval.channel): \(count); \($0)" } ?? "traffic \(interval.channel): \(count)"
        case .climate(let interval):
            let values = interval.quantities.map { quantity -> Sentence in
                let name = quantity.quantity.rawValue
                guard let mean = quantity.statistics?.mean else { return "\(name) unknown" }
                return "\(name) \(mean.rounded(toPlaces: 2)) \(quantity.quantity.unit)"
            }
            content = "climate \(interval.sensor): \(Sentence.list(values, separator: ", "))"
        case .node(let interval): content = "node: \(interval.backlog) records waiting"
        case .timeFix: content = "time: the clock was known"
        case .notice(let notice): content = "notice \(notice.kind.rawValue): \(notice.text)"
        default: content = "\(body.name): a record of kind \(body.kind.code)"
        }
        guard record.isReplacement else { return "\(sequence)  \(time)  \(content)" }
        return "\(sequence)  \(time)  \(content)  [for \(record.replaces.numbersText)]"
    }
}

extension [ClosedRange<UInt64>] {
    /// "1-500, 502".
    var numbersText: String {
        map { $0.lowerBound == $0.upperBound ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }
            .joined(separator: ", ")
    }
}

extension IntervalSpan {
    fileprivate var text: Sentence {
        utc.map { "\($0.start.rfc3339) + \(Int(length.seconds)) s" } ?? "without UTC + \(Int(length.seconds)) s"
    }
}
