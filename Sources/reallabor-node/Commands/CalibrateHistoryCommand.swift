import ArgumentParser
import Calibration
import NodeRuntime
import SensorCore

struct CalibrateHistoryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history", abstract: "List every calibration record with its standing.",
        discussion: """
            Asks the running node; with --config it reads the files. Files that cannot be used are named with their place, and it \
            ends with 65.

            Example:
              reallabor-node calibrate history --json
            """)

    @OptionGroup var place: CalibrationPlace

    @Option(help: "With --config: only the records of this sensor.")
    var sensor: String?

    @Flag(help: "One JSON object.")
    var json = false

    func run() throws {
        guard let (plan, folder) = try place.files() else {
            if sensor != nil { throw ValidationError(saying: "--sensor belongs to --config") }
            writeStandardOutput(try place.ask("calibration-list", [json ? "json" : "text"]))
            return
        }
        let list = CalibrationList(folder.read(), of: plan, at: presentSecond(), sensor: sensor)
        writeStandardOutput(json ? list.json : list.text)
        if !list.faults.isEmpty { throw CommandFailure(.dataError, "\(list.faults.count) files of \(folder.path) are not applied") }
    }
}
