import ArgumentParser

struct SensorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sensor", abstract: "Look at a climate part.",
        discussion: """
            Example:
              reallabor-node sensor replay --part sht40 recording.json
            """,
        subcommands: [SensorReplayCommand.self])
}
