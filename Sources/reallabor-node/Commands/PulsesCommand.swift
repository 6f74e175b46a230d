import ArgumentParser

struct PulsesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pulses", abstract: "Look at the edges of a channel.",
        discussion: """
            Example:
              reallabor-node pulses replay --config node.yaml --channel cycle-path trace.vcd
            """,
        subcommands: [PulsesReplayCommand.self])
}
