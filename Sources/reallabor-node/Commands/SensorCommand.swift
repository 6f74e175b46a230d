import ArgumentParser

struct SensorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sensor", abstract: "Find climate parts, list what is known of them, record what one says, and look at it again.",
        discussion: """
            Example:
              reallabor-node sensor scan --bus /dev/i2c-1
              reallabor-node sensor replay --part sht40 recording.json
            """,
        subcommands: [SensorScanCommand.self, SensorListCommand.self, SensorRecordCommand.self, SensorReplayCommand.self],
        aliases: ["sensors"])
}
