import Diagnosis
import NodeConfiguration
import NodeRuntime
import SensorCore

/// The plan of a checked configuration, or the end of the command.
func nodePlan(_ configuration: NodeConfiguration, file: String) throws -> NodePlan {
    switch NodePlan.checked(configuration, file: file) {
    case .success(let plan): return plan
    case .failure(let fault): throw CommandFailure(.badConfiguration, fault.finding.text)
    }
}
