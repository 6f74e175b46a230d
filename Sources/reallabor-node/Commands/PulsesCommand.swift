import ArgumentParser

struct PulsesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pulses", abstract: "Record the edges of a channel, count them again, look at them.",
        discussion: """
            Example:
              reallabor-node pulses replay --config node.yaml --channel cycle-path trace.vcd
            """,
        subcommands: [
            PulsesRecordCommand.self, PulsesReplayCommand.self, PulsesHistogramCommand.self, PulsesSuggestCommand.self,
        ])
}
