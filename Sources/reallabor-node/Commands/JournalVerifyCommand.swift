import ArgumentParser
import Diagnosis
import JSONText
import StoreForward
import SensorCore

struct JournalVerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Look at every page and every record of a journal and explain what is wrong.",
        discussion: """
            Ends with 65 when something is wrong.

            Example:
              reallabor-node journal verify journal.sqlite
            """)

    @OptionGroup var journal: JournalFile
    @Option(help: "text or json.")
    var format: OutputFormat = .text

    func run() throws {
        let report = try journal.ended { () throws(JournalError) in
            do throws(JournalError) {
                return try JournalCheck(verifying: journal.file)
            } catch {
                guard error.kind == .corrupt else { throw error }
                return JournalCheck(unreadable: error, journal: journal.file)
            }
        }
        switch format {
        case .json:
            let bytes = JSONWriter.object { json in
                json.field("records", report.records)
                json.field("sound", report.findings.isEmpty)
                json.arrayField("findings") { list in for finding in report.findings { list.element(finding.text.description) } }
            }
            writeStandardOutput(String(decoding: bytes, as: UTF8.self) + "\n")
        case .text where report.findings.isEmpty:
            say("\(report.records) records, all sound")
        case .text:
            var lines = report.findings.map(\.text)
            lines.append(
                """
                \(report.records) records are sound. A node that comes upon the damage sets the file aside under another name and goes \
                on with a new journal; 'journal export' with --after and --through gets the sound records out
                """)
            writeStandardOutput(lines.lines)
        }
        if !report.findings.isEmpty { throw CommandFailure(.dataError) }
    }
}

struct JournalCompactCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compact", abstract: "Give a journal's free space back to the file system.",
        discussion: """
            As root or as the node's own user, beside a running node too: it works in short steps, between the node's commits. A power cut leaves the journal as it was \
            before a step.

            Example:
              reallabor-node journal compact journal.sqlite
            """)

    @OptionGroup var journal: JournalFile

    func run() throws {
        let report = try journal.ended { () throws(JournalError) in try JournalCompaction.run(path: journal.file) }
        say("\(journal.file): \(report.before / 1024) KiB before, \(report.after / 1024) KiB now")
    }
}
