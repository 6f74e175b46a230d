import ArgumentParser
import Calibration
import ControlSocket
import Glibc
import NodeRuntime
import SensorCore

struct CalibrateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "calibrate", abstract: "Calibrate a sensor of the running node, look at its calibrations, or undo the last.",
        discussion: """
            The node applies a new record from the sensor's next interval on, without a restart. See docs/calibration.md.

            Example:
              reallabor-node calibrate climate --sensor street-air --quantity temperature --reference 21.4 \\
                --reference-device "Testo 625 no. 123" --by "M. Muster"
            """,
        subcommands: [CalibrateClimateCommand.self, CalibrateHistoryCommand.self, CalibrateRevertCommand.self])
}

/// Which node's calibrations are meant: the running one's, or those in the files of one that does not run.
struct CalibrationPlace: ParsableArguments {
    @Option(help: ArgumentHelp("The running node's control socket.", valueName: "path"))
    var control = defaultControlPath

    @Option(help: ArgumentHelp("Work on the files of a node that does not run: its configuration.", valueName: "file"))
    var config: String?

    @Option(
        help: ArgumentHelp(
            "With --config: the folder that holds calibrations/. Without it $STATE_DIRECTORY, or the journal's folder.",
            valueName: "folder"))
    var state: String?

    func validate() throws {
        if state != nil, config == nil { throw ValidationError(saying: "--state belongs to --config") }
    }

    /// The files of a node that does not run; nil when the running one is to be asked.
    func files() throws -> (plan: NodePlan, folder: CalibrationFolder)? {
        guard let config else { return nil }
        let configuration = try loadConfiguration(config)
        let folder = state.map(CalibrationFolder.init(state:)) ?? CalibrationFolder(journal: configuration.journal.path)
        return (try nodePlan(configuration, file: config), folder)
    }

    /// What the running node answers, whole.
    func ask(_ verb: String, _ arguments: [String], payload: [UInt8] = []) throws -> String {
        let client = try ControlClient(path: control)
        try client.request(ControlRequest(verb: verb, arguments: arguments, payload: payload), within: .seconds(30))
        return try client.rest()
    }
}

/// The machine's clock, cut to whole seconds: who calibrates or looks at calibrations stands beside it.
func presentSecond() -> WallClockTime { WallClockTime(secondsSince1970: Int64(time(nil))) }
