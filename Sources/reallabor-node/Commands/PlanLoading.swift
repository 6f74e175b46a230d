import Calibration
import NodeConfiguration
import NodeRuntime

/// The plan of a checked configuration, or the end of the command.
func nodePlan(_ configuration: NodeConfiguration, file: String) throws -> NodePlan {
    do throws(CalibrationRecordError) {
        return try NodePlan(configuration)
    } catch {
        throw CommandFailure(.badConfiguration, "\(file): \(error)")
    }
}
