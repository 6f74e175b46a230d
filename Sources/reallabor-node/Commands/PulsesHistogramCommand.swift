import ArgumentParser
import EdgeAnalysis

struct PulsesHistogramCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "histogram",
        abstract: "Show how long a channel's inputs are active and inactive in a recorded trace.",
        discussion: """
            Bounce shows as many short times, what is to be counted as a hump apart from them. No filter is applied; a row \
            without a bar is one that nothing fell into.

            Example:
              reallabor-node pulses histogram --config node.yaml --channel cycle-path trace.vcd
            """)

    @OptionGroup var options: TraceOptions

    func run() throws {
        let (channel, interval) = try options.load()
        let study = WidthStudy(inputs: channel.inputs.count)
        try options.read(channel, interval: interval, into: [study])
        let report = WidthReport(channel, study: study)
        writeStandardOutput(options.format == .json ? report.json : report.text)
    }
}
