import ArgumentParser
import Glibc
import NodeConfiguration
import NodeRuntime
import SensorCore

@main
struct ReallaborNode: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reallabor-node",
        abstract: "Counts traffic and measures climate at the roadside, keeps it through any outage, and publishes it.",
        discussion: """
            Exit codes: 0 good; 1 not as it should be; 64 wrong command line; 65 wrong data in a file; 66 a file is missing; 69 hardware or broker is \
            not there; 70 the node itself failed; 74 a file or standard output can't be written, or a medium fails; 78 the configuration is wrong.

            Where a text names a page of docs/, an installed node has it in /usr/share/doc/reallabor-node/docs.

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
            guard let failure = CommandFailure(error) else { endOfCommandLine(error) }
            say(failure)
            if let lost = StandardOutput.failure { end(lost) }
            Glibc.exit(failure.reason.rawValue)
        }
        if let lost = StandardOutput.failure { end(lost) }
    }

    /// Help, version, or what is wrong with the command line.
    private static func endOfCommandLine(_ error: any Error) -> Never {
        let code = exitCode(for: error)
        let text = fullMessage(for: error)
        guard code == .success else {
            suggestCommand()
            writeStandardError(text + "\n")
            Glibc.exit(code.rawValue)
        }
        if !text.isEmpty { writeStandardOutput(text + "\n") }
        if let lost = StandardOutput.failure { end(lost) }
        Glibc.exit(code.rawValue)
    }

    private static func say(_ failure: CommandFailure) {
        if let text = failure.text?.text(in: readersLanguage) { writeStandardError(text.hasSuffix("\n") ? text : text + "\n") }
    }

    private static func end(_ failure: CommandFailure) -> Never {
        say(failure)
        Glibc.exit(failure.reason.rawValue)
    }

    /// ArgumentParser says that a word is unexpected, not which one was meant.
    private static func suggestCommand() {
        var names = configuration.subcommands
        for word in CommandLine.arguments.dropFirst() {
            if let next = names.first(where: { $0._commandName == word }) {
                names = next.configuration.subcommands
                continue
            }
            guard !names.isEmpty, !word.hasPrefix("-"), let near = nearest(to: word, among: names.map { $0._commandName }) else { return }
            return remark("there is no command '\(word)'; did you mean '\(near)'?")
        }
    }
}
