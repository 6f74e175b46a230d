import ArgumentParser
import EdgeAnalysis
import NodeRuntime
import PulsePipeline
import SensorCore

struct PulsesSuggestCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "suggest",
        abstract: "Propose a filter for a channel from the bounce in a recorded trace.",
        discussion: """
            Counts the trace with many filter times at once and looks where the time makes no difference: longer than any \
            bounce, shorter than anything that is to be counted. Says what the proposal would change, and when. Of two inputs in \
            quadrature it also says which leads when something approaches, if the trace shows it; for a doppler_iq channel that is the \
            line 'approach-leads' to write. Record some hundred passages \
            for it, of the kinds that are to be counted.

            Example:
              reallabor-node pulses suggest --config node.yaml --channel cycle-path trace.vcd
            """)

    @OptionGroup var options: TraceOptions

    func run() throws {
        let (channel, interval) = try options.load()
        let study = FilterStudy(inputs: channel.inputs.count)
        try options.read(channel, interval: interval, into: [study])
        let settings = channel.settings
        let advice = study.advice(present: settings.filter)
        var report = SuggestionReport(channel, study: study, advice: advice)
        if !settings.isRadar, let filter = advice.filter {
            // Once more, through the whole channel: the detector has a say in what counts.
            let comparison = FilterComparison(settings, with: [filter], interval: interval)
            try options.read(channel, interval: interval, into: comparison.consumers)
            report.rows = comparison.rows
        }
        writeStandardOutput(options.format == .json ? report.json : report.text)
    }
}
