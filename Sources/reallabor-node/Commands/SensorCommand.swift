import ArgumentParser

struct SensorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sensor", abstract: "Record what a climate part says, and look at it again.",
        discussion: """
            Example:
              reallabor-node sensor replay --part sht40 recording.json
            """,
        subcommands: [SensorRecordCommand.self, SensorReplayCommand.self])
}
