import ArgumentParser
import EdgeTraces
import NodeConfiguration
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

            Example:
              reallabor-node pulses replay --config node.yaml --channel cycle-path trace.vcd --format json
            """)

    @Option(help: ArgumentHelp("The node's configuration.", valueName: "file"))
    var config: String

    @Option(help: "The channel, by its name in the configuration.")
    var channel: String

    @Argument(help: ArgumentHelp("The recorded trace, .vcd or .csv.", valueName: "trace"))
    var trace: String

    @Option(help: "text or json.")
    var format: OutputFormat = .text

    func run() throws {
        let configuration = try loadConfiguration(config)
        guard let channel = configuration.channels.first(where: { $0.name == self.channel }) else {
            let names = configuration.channels.map(\.name).joined(separator: ", ")
            throw ExitReason.badConfiguration.exit(
                "\(config): no channel '\(self.channel)'; it has \(names.isEmpty ? "none" : names)")
        }
        let report: ReplayReport
        do throws(ReplayError) {
            report = try PulseReplay(channel: channel, interval: configuration.interval).run(path: trace)
        } catch {
            switch error {
            case .unreadable(let error): throw ExitReason.noInput.exit("\(error)")
            case .malformed(let error): throw ExitReason.dataError.exit("\(trace):\(error)")
            case .endless(let nanoseconds):
                throw ExitReason.dataError.exit("\(trace): the time stamp \(nanoseconds) ns lies too far from the first one")
            case .unknownFormat: throw ExitReason.dataError.exit("\(trace): name it .vcd or .csv, so that its format is known")
            }
        }
        writeStandardOutput(format == .json ? report.json : report.text)
    }
}

enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
    case text
    case json
}
