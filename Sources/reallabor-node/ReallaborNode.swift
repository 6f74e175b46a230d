import ArgumentParser
import Glibc
import NodeRuntime
import SensorCore

@main
struct ReallaborNode: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reallabor-node",
        abstract: "Counts traffic and measures climate at the roadside, keeps it through any outage, and publishes it.",
        discussion: """
            Exit codes: 0 good; 1 not as it should be; 64 wrong command line; 65 wrong data in a file; 66 a file is missing; 69 hardware or broker is \
            not there; 70 the node itself failed; 78 the configuration is wrong.

            Example:
              reallabor-node simulate school-gate
            """,
        version: ProgramVersion.text,
        subcommands: [
            RunCommand.self, StatusCommand.self, CheckCommand.self, SimulateCommand.self, SensorCommand.self, PulsesCommand.self,
            CalibrateCommand.self, JournalCommand.self, AuditCommand.self, TransportCommand.self,
        ])

    /// The one place where a failed command says why.
    static func main() {
        do {
            var command = try parseAsRoot()
            try command.run()
        } catch {
            guard let failure = CommandFailure(error) else { exit(withError: error) }
            if let text = failure.text?.text(in: readersLanguage) { writeStandardError(text.hasSuffix("\n") ? text : text + "\n") }
            Glibc.exit(failure.reason.rawValue)
        }
    }
}
