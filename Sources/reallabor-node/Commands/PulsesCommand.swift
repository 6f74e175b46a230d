import ArgumentParser

struct PulsesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pulses", abstract: "Record and replay the edges of a channel.",
        discussion: """
            Example:
              reallabor-node pulses replay --config node.yaml --channel cycle-path trace.vcd
            """,
        subcommands: [PulsesRecordCommand.self, PulsesReplayCommand.self])
}
