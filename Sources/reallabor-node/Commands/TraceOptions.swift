import ArgumentParser
import EdgeAnalysis
import NodeConfiguration
import SensorCore

/// Which trace is looked at, as which channel.
struct TraceOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The node's configuration.", valueName: "file"))
    var config: String

    @Option(help: "The channel, by its name in the configuration.")
    var channel: String

    @Argument(help: ArgumentHelp("The recorded trace, .vcd or .csv.", valueName: "trace"))
    var trace: String

    @Option(help: "text or json.")
    var format: OutputFormat = .text

    /// The channel, and the interval of its node; ends the command where there is none.
    func load() throws -> (channel: ChannelConfiguration, interval: TimeSpan) {
        let configuration = try loadConfiguration(config)
        guard let found = configuration.channels.first(where: { $0.name == channel }) else {
            let names = configuration.channels.map(\.name).joined(separator: ", ")
            throw CommandFailure(
                .badConfiguration,
                names.isEmpty
                    ? "\(config): no channel '\(channel)'; it has none" : "\(config): no channel '\(channel)'; it has \(names)")
        }
        return (found, configuration.interval)
    }

    /// Shows the trace's edges to each of them; ends the command where it can't be read.
    func read(_ channel: ChannelConfiguration, interval: TimeSpan, into consumers: [any EdgeConsumer]) throws {
        do throws(TraceReadingError) {
            try TraceReading(channel, interval: interval).read(path: trace, into: consumers)
        } catch {
            throw CommandFailure(error, of: trace)
        }
    }
}

extension CommandFailure {
    /// What is wrong with the trace at `path`.
    fileprivate init(_ error: TraceReadingError, of path: String) {
        switch error {
        case .unreadable(let error): self.init(.noInput, error)
        case .malformed(let error): self.init(.dataError, "\(path):\(error)")
        case .endless(let nanoseconds):
            self.init(.dataError, "\(path): the time stamp \(nanoseconds) ns lies too far from the first one")
        case .unknownFormat: self.init(.dataError, "\(path): name it .vcd or .csv, so that its format is known")
        }
    }
}
