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

    @Option(
        help: ArgumentHelp(
            """
            The trace's signal that is the channel's input, where its name does not say so; of two inputs 'first=D0' and 'second=D1'.
            """, valueName: "name"))
    var signal: [String] = []

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

    /// By role.
    private func signals(of channel: ChannelConfiguration) throws -> [String: String] {
        let roles = channel.inputs.map(\.role)
        var signals: [String: String] = [:]
        for text in signal {
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            if parts.count == 2, roles.contains(parts[0]), !parts[1].isEmpty {
                signals[parts[0]] = parts[1]
            } else if roles.count == 1 {
                signals[roles[0]] = text
            } else {
                throw ValidationError(saying: "--signal \(text): write which input it is, '\(roles[0])=\(text)' or '\(roles[1])=\(text)'")
            }
        }
        return signals
    }

    /// Shows the trace's edges to each of them; ends the command where it can't be read.
    func read(_ channel: ChannelConfiguration, interval: TimeSpan, into consumers: [any EdgeConsumer]) throws {
        let signals = try signals(of: channel)
        do throws(TraceReadingError) {
            try TraceReading(channel, interval: interval, signals: signals).read(path: trace, into: consumers)
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
        case .silent(let roles):
            self.init(
                .dataError,
                "\(path): nothing is recorded of \(Sentence.all(of: roles)), not even its level; an empty trace is no quiet street"
            )
        case .unknownFormat: self.init(.dataError, "\(path): name it .vcd or .csv, so that its format is known")
        }
    }
}
