import ArgumentParser
import ControlSocket
import HostFiles
import LinuxHardware
import NodeRuntime
import Recordings
import SensorCore

struct SensorRecordCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "record",
        abstract: "Record what a sensor of the running node says on its bus, while the node goes on measuring.",
        discussion: """
            The node starts the part anew, so that its coefficients are in the file; 'sensor replay' reads it. The file has its name \
            once it is whole. Ctrl-C ends it and keeps the whole readings. Ends with 1 when something is missing in it, 69 when no \
            node answers.

            Example:
              reallabor-node sensor record --sensor street-air --for 1m -o street-air.json
            """)

    @Option(help: "The sensor, by its name in the node's configuration.")
    var sensor: String

    @Option(name: .customLong("for"), help: ArgumentHelp("How long: 30s, 10m or 2h.", valueName: "time"))
    var length: RecordingTime

    @Option(name: .shortAndLong, help: ArgumentHelp("The recording, .json.", valueName: "file"))
    var output: String

    @Option(help: ArgumentHelp("The node's control socket.", valueName: "path"))
    var control = defaultControlPath

    func validate() throws {
        guard output.hasSuffix(".json") else {
            throw ValidationError(saying: "\(output): a recording is JSON; let its name end with .json")
        }
    }

    func run() throws {
        let signals = try TerminationSignals()
        let clock = try SystemClock(assumeSynchronised: true)
        let client = try ControlClient(path: control)
        try client.request(ControlRequest(verb: "transfers", arguments: [sensor]))
        let file = try FileInProgress(output)
        var recorded = RecordedTransfers()
        let end = clock.now() + length.span
        var isFull = false
        reading: while true {
            switch try client.line(until: end, wake: signals.descriptor) {
            case .text(let line):
                guard recorded.take(line) else {
                    throw CommandFailure(.dataError, "the node sent '\(line.prefix(80))', which is no transfer")
                }
                isFull = recorded.recording.size > I2CRecording.sizeLimit / 2
                if isFull || clock.now() >= end || signals.take() != nil { break reading }
            case .waiting, .end: break reading
            }
        }
        guard recorded.recording.readings > 0 else {
            throw CommandFailure(
                .unavailable, "nothing was recorded: \(sensor) gave no reading in that time; see reallabor-node status")
        }
        let bytes = recorded.recording.json(by: "reallabor-node \(ProgramVersion.text)")
        try file.write(String(decoding: bytes, as: UTF8.self))
        try file.finish()
        remark("\(recorded.recording.readings) readings in \(output), \(recorded.recording.failedReadings) failed ones beside them")
        if isFull { remark("ended early: a recording holds no more") }
        if recorded.lost > 0 || recorded.recording.unkept > 0 {
            throw CommandFailure(
                .mismatch,
                "\(recorded.lost) transfers were lost and \(recorded.recording.unkept) cannot be kept in a recording: \(output) lacks them"
            )
        }
    }
}
