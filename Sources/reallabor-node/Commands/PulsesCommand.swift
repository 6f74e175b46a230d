import ArgumentParser

struct PulsesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pulses", abstract: "Look at the edges of a channel.", subcommands: [PulsesReplayCommand.self])
}
