import ArgumentParser

@main
struct ReallaborNode: ParsableCommand {
    static let version = "0.1.0"

    static let configuration = CommandConfiguration(
        commandName: "reallabor-node",
        abstract: "Counts traffic and measures climate at the roadside, keeps it through any outage, and publishes it.",
        discussion: """
            Exit codes: 0 good; 1 not as it should be; 64 wrong command line; 65 wrong data in a file; 66 a file is missing; 69 hardware or broker is \
            not there; 70 the node itself failed; 78 the configuration is wrong.

            Example:
              reallabor-node simulate school-gate
            """,
        version: version,
        subcommands: [
            RunCommand.self, StatusCommand.self, CheckCommand.self, SimulateCommand.self, SensorCommand.self, PulsesCommand.self,
            CalibrateCommand.self, JournalCommand.self, AuditCommand.self,
        ])
}
