import ArgumentParser

struct SensorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sensor", abstract: "Look at a climate part.", subcommands: [SensorReplayCommand.self])
}
