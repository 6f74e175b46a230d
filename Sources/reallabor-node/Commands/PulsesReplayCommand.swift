import ArgumentParser
import EdgeAnalysis
import NodeConfiguration
import NodeRuntime
import PulsePipeline
import SensorCore

struct PulsesReplayCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Run a channel of a configuration on a recorded edge trace.",
        discussion: """
            TRACE is a .vcd file as logic analysers write it, or a .csv file with the columns timestamp_ns,line,level, where \
            line is the input's role in the channel ("input") or its name ("J8-11"). Levels are electrical, as on the wire: \
            'active: low' of the configuration is applied here.

            --what-if puts other filters beside the configured one: stable=8ms, stable=1ms/6ms (rise, fall), lockout=20ms or none, \
            with commas between them; +glitch=250us behind one takes shorter pulses out before it.

            Example:
              reallabor-node pulses replay --config node.yaml --channel cycle-path trace.vcd --format json
              reallabor-node pulses replay --config node.yaml --channel cycle-path trace.vcd --what-if stable=8ms,lockout=20ms
            """)

    @OptionGroup var options: TraceOptions

    @Option(help: ArgumentHelp("Compare the configured filter with these, in one table.", valueName: "filters"))
    var whatIf: FilterList?

    func run() throws {
        let (channel, interval) = try options.load()
        if let whatIf {
            try compare(channel, with: whatIf.filters, interval: interval)
            return
        }
        do {
            try replay(channel, interval: interval)
        } catch let error as PassageSpool.Failure {
            throw CommandFailure(.failure, error)
        }
    }

    private func replay(_ channel: ChannelConfiguration, interval: TimeSpan) throws {
        var report = ReplayReport(channel)
        let element = report.element
        let spool = try options.format == .json ? PassageSpool() : nil
        let replayed = ReplayedChannel(channel.settings, interval: interval) { passages in
            guard let spool else { return }
            for index in 0..<passages.count { spool.add(element(passages[index])) }
        }
        try options.read(channel, interval: interval, into: [replayed])
        report.intervals = replayed.intervals
        if let spool {
            try report.writeJSON(spool) { writeStandardOutput($0) }
        } else {
            writeStandardOutput(report.text)
        }
    }

    private func compare(_ channel: ChannelConfiguration, with filters: [PulseFilter], interval: TimeSpan) throws {
        let comparison = FilterComparison(channel.settings, with: filters, interval: interval)
        try options.read(channel, interval: interval, into: comparison.consumers)
        let table = FilterTable(channel: channel.name, detector: channel.settings.kind, rows: comparison.rows)
        writeStandardOutput(options.format == .json ? table.json : table.text)
    }
}

/// "stable=8ms,lockout=20ms"
struct FilterList: ExpressibleByArgument {
    var filters: [PulseFilter]

    init?(argument: String) {
        filters = []
        for word in argument.split(separator: ",", omittingEmptySubsequences: false) {
            do throws(FilterShorthandFault) {
                filters.append(try PulseFilter(shorthand: String(word)))
            } catch {
                // What stands on the command line is said before its usage.
                remark("--what-if: \(error)")
                return nil
            }
        }
        guard filters.count <= 20 else { return nil }
    }
}
