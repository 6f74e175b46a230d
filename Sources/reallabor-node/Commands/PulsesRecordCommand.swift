import ArgumentParser
import ControlSocket
import HostFiles
import LinuxHardware
import SensorCore

struct PulsesRecordCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "record",
        abstract: "Record a channel's edges from the running node, which goes on counting.",
        discussion: """
            The file is a .vcd in microseconds, as PulseView and GTKWave open it, or a .csv in nanoseconds; 'pulses replay' counts either. It has its name once it \
            is whole. Ctrl-C ends it and keeps what is there. Ends with 1 when lines were lost, 69 when no node answers.

            Example:
              reallabor-node pulses record --channel cycle-path --for 10m -o trace.vcd
            """)

    @Option(help: "The channel, by its name in the node's configuration.")
    var channel: String

    @Option(name: .customLong("for"), help: ArgumentHelp("How long: 30s, 10m or 2h.", valueName: "time"))
    var length: RecordingTime

    @Option(name: .shortAndLong, help: ArgumentHelp("The trace, .vcd or .csv.", valueName: "file"))
    var output: String

    @Option(help: ArgumentHelp("The node's control socket.", valueName: "path"))
    var control = defaultControlPath

    func validate() throws {
        guard output.hasSuffix(".vcd") || output.hasSuffix(".csv") else {
            throw ValidationError(saying: "\(output): the name tells the format; let it end with .vcd or .csv")
        }
    }

    func run() throws {
        do {
            let signals = try TerminationSignals()
            let clock = try SystemClock(assumeSynchronised: true)
            let client = try ControlClient(path: control)
            try client.request(ControlRequest(verb: "edges", arguments: [channel]))
            let file = try FileInProgress(output)
            var recorded = RecordedEdges(isCSV: output.hasSuffix(".csv"))
            let end = clock.now() + length.span
            var hasEnded = false
            reading: while true {
                switch try client.line(until: end, wake: signals.descriptor) {
                case .text(let line):
                    guard let text = recorded.take(line) else {
                        throw CommandFailure(.dataError, "the node sent '\(line.prefix(80))', which is no edge")
                    }
                    try file.write(text)
                    // A busy line never lets the client wait.
                    if clock.now() >= end || signals.take() != nil { break reading }
                case .waiting: break reading
                case .end:
                    hasEnded = true
                    break reading
                }
            }
            guard recorded.hasBegun else {
                throw CommandFailure(.unavailable, "nothing was recorded: \(channel) was not observed; see reallabor-node status")
            }
            try file.write(recorded.end(at: clock.now().nanoseconds))
            try file.finish()
            remark("\(recorded.edges) edges in \(output)")
            if hasEnded { remark("the node ended the stream early; what came until then is kept") }
            if recorded.lost > 0 {
                throw CommandFailure(
                    .mismatch,
                    output.hasSuffix(".csv")
                        ? "\(recorded.lost) edges are missing in \(output), where its comments say so"
                        : "\(recorded.lost) edges are missing in \(output), where its signal 'lost' is high")
            }
            if hasEnded { throw CommandFailure(.unavailable) }
        } catch let error as ControlSocketError {
            throw CommandFailure(.unavailable, error)
        } catch let error as FileError {
            throw CommandFailure(.inputOutput, error)
        } catch let error as HostError {
            throw CommandFailure(.failure, error)
        }
    }
}
