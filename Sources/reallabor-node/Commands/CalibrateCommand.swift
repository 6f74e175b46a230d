import ArgumentParser
import Calibration
import ClimateDrivers
import Glibc
import SensorCore

struct CalibrateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "calibrate", abstract: "Look at the dated calibrations of a node, or undo the last one.",
        discussion: """
            A running node takes a new record up by itself, from each sensor's next interval on.

            Example:
              reallabor-node calibrate history --config /etc/reallabor-node/node.yaml
            """,
        subcommands: [CalibrateHistoryCommand.self, CalibrateRevertCommand.self])
}

/// Which node's calibrations are meant.
struct CalibrationPlace: ParsableArguments {
    @Option(help: ArgumentHelp("The node's configuration.", valueName: "file"))
    var config: String

    @Option(
        help: ArgumentHelp(
            "The node's state folder, which holds calibrations/. Without it $STATE_DIRECTORY, or the journal's folder.",
            valueName: "folder"))
    var state: String?

    /// The node's plan and its folder, or the end of the command.
    func open() throws -> (plan: NodePlan, folder: CalibrationFolder) {
        let configuration = try loadConfiguration(config)
        let folder = state.map(CalibrationFolder.init(state:)) ?? CalibrationFolder(journal: configuration.journal.path)
        return (try nodePlan(configuration, file: config), folder)
    }
}

extension CalibrationHistory {
    init(_ entries: [CalibrationEntry], of plan: NodePlan) {
        self.init(entries, node: plan.node, sensors: plan.calibratedSensors(ClimateParts.all))
    }
}

/// The machine's clock, cut to whole seconds: who calibrates or looks at calibrations stands beside it.
func presentSecond() -> WallClockTime { WallClockTime(secondsSince1970: Int64(time(nil))) }
