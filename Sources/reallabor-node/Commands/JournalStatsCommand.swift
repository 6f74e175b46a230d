import ArgumentParser
import JSONText
import RecordFormats
import SensorCore
import StoreForward

struct JournalStatsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stats", abstract: "Say what a journal holds, for whom, and how much room it takes.",
        discussion: """
            Example:
              reallabor-node journal stats journal.sqlite --format json
            """)

    @OptionGroup var journal: JournalFile
    @Option(help: "text or json.")
    var format: OutputFormat = .text

    func run() throws {
        let inspection = try journal.open()
        let stats = try journal.ended { () throws(JournalError) in try inspection.stats() }
        writeStandardOutput(format == .json ? stats.json : stats.text)
    }
}

extension JournalStats {
    fileprivate var text: String {
        var lines: [Sentence] = [
            holder.map { "\(path), format \(format), open in process \($0)" } ?? "\(path), format \(format), not open anywhere"
        ]
        for link in epochs { lines.append("epoch \(link.epoch.text) from number \(link.first)") }
        lines.append("records: \(kept) kept of \(lastSequence) numbered")
        lines.append("  joined to quarters of an hour \(quarterHours), to hours \(hours), to days or not to be joined \(days)")
        if let oldest { lines.append("oldest: \(oldest.line)") }
        if let newest { lines.append("newest: \(newest.line)") }
        for destination in destinations {
            let owed: Sentence =
                destination.passedOver == 0
                ? "destination \(destination.name): \(destination.owed) records owed"
                : """
                destination \(destination.name): \(destination.owed) records owed, \(destination.passedOver) of them older than some it \
                has (refused, or still in the backlog)
                """
            let standing: Sentence = "\(owed), settled without a gap up to \(destination.settledThrough)"
            lines.append(destination.isNamed ? standing : "\(standing); no longer configured, nothing is held for it")
        }
        for (channel, total) in totals.sorted(by: { $0.key < $1.key }) { lines.append("total of \(channel): \(total)") }
        lines.append(
            "size: \(databaseSize / 1024) KiB, of which \(freeSize / 1024) KiB free; log \(logSize / 1024) KiB")
        return lines.lines
    }

    fileprivate var json: String {
        let bytes = JSONWriter.object { json in
            json.field("path", path)
            json.field("format", format)
            json.field("process", holder)
            json.arrayField("epochs") { list in
                for link in epochs {
                    list.objectElement {
                        $0.field("epoch", link.epoch.text)
                        $0.field("first_sequence", link.first)
                    }
                }
            }
            json.field("last_sequence", lastSequence)
            json.field("records", kept)
            json.objectField("joined") {
                $0.field("quarter_hours", quarterHours)
                $0.field("hours", hours)
                $0.field("days_and_others", days)
            }
            json.field("oldest_sequence", oldest?.sequence)
            json.field("newest_sequence", newest?.sequence)
            json.arrayField("destinations") { list in
                for destination in destinations {
                    list.objectElement {
                        $0.field("name", destination.name)
                        $0.field("owed", destination.owed)
                        $0.field("passed_over", destination.passedOver)
                        $0.field("settled_through", destination.settledThrough)
                        $0.field("configured", destination.isNamed)
                    }
                }
            }
            json.objectField("totals") {
                for (channel, total) in totals.sorted(by: { $0.key < $1.key }) { $0.field(channel, total) }
            }
            json.field("database_bytes", databaseSize)
            json.field("free_bytes", freeSize)
            json.field("log_bytes", logSize)
        }
        return String(decoding: bytes, as: UTF8.self) + "\n"
    }
}

struct JournalTailCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tail", abstract: "Show the newest records, one a line.",
        discussion: """
            With --format json each line is the record as it is published (docs/native-format.md).

            Example:
              reallabor-node journal tail journal.sqlite --count 20
            """)

    @OptionGroup var journal: JournalFile
    @Option(help: "How many.")
    var count = 10
    @Option(help: "text or json.")
    var format: OutputFormat = .text
    @Option(help: ArgumentHelp("The node's id, where the journal does not say it.", valueName: "id"))
    var node: String?

    func validate() throws {
        guard (1...1_000_000).contains(count) else { throw ValidationError(saying: "--count takes 1 to 1000000") }
    }

    func run() throws {
        let inspection = try journal.open()
        try journal.ended { () throws(JournalError) in
            guard let first = try inspection.start(ofNewest: count), let kept = try inspection.keptRange() else { return }
            let epoch = try inspection.epochs()
            let node = try inspection.node(or: node)
            let encoder = NativeFormat(node: node, baseTopic: node)
            for record in try inspection.records(in: first...max(first, kept.upperBound), limit: count) {
                let json = {
                    String(
                        decoding: encoder.message(for: record, epoch: epoch(record.sequence), isHistorical: false).payload, as: UTF8.self)
                }
                writeStandardOutput((format == .json ? json() : record.line.text(in: readersLanguage)) + "\n")
            }
        }
    }
}
