import ArgumentParser
import RecordFormats
import SensorCore
import StoreForward

struct JournalExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Write a journal's records as CSV or JSON lines.",
        discussion: """
            jsonl: each record as it is published (docs/native-format.md). csv: a row per value, UTF-8, times in UTC after ISO 8601, \
            empty where a value is not known (docs/journal.md).

            Example:
              reallabor-node journal export journal.sqlite --format csv --from 2026-05-01T00:00:00Z --to 2026-06-01T00:00:00Z
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case csv
        case jsonl
    }

    @OptionGroup var journal: JournalFile
    @OptionGroup var selection: RecordSelection
    @Option(help: "csv or jsonl.")
    var format: Format = .jsonl
    @Option(help: ArgumentHelp("The node's id, where the journal does not say it.", valueName: "id"))
    var node: String?

    func run() throws {
        let inspection = try journal.open()
        try journal.ended { () throws(JournalError) in
            let epoch = try inspection.epochs()
            let node = try inspection.node(or: node)
            let encoder = NativeFormat(node: node, baseTopic: node)
            if format == .csv { writeStandardOutput(RecordCSV.header) }
            var text = ""
            try selection.forEach(of: inspection) { record in
                switch format {
                case .jsonl:
                    let payload = encoder.message(for: record, epoch: epoch(record.sequence), isHistorical: false).payload
                    text += String(decoding: payload, as: UTF8.self) + "\n"
                case .csv: text += RecordCSV.rows(of: record, node: node, epoch: epoch(record.sequence))
                }
                if text.utf8.count > 1 << 16 {
                    writeStandardOutput(text)
                    text = ""
                }
            }
            writeStandardOutput(text)
        }
    }
}
