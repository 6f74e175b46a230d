import Calibration
package import NodeConfiguration
package import NodeRuntime
import SensorCore

/// What is to be said of a configuration file before anything is touched.
package enum ConfigurationCheck {
    case sound(NodeConfiguration)
    /// The file itself is missing or cannot be read.
    case unreadable(Finding)
    /// Everything that is wrong in it, in order of position; never empty.
    case faulty([Finding])

    /// Reads the file, and the board file it names.
    package init(path: String, context: ConfigurationContext) {
        do {
            self = .sound(try NodeConfiguration.load(path: path, context: context))
        } catch let faults as ConfigurationFaults {
            self = .faulty(faults.faults.map(Finding.init))
        } catch let error as FileUnreadable {
            self = .unreadable(
                Finding(
                    id: "configuration-unreadable", .error, at: Sentence(verbatim: path), "cannot be read: \(error.reason)",
                    text: error.sentence))
        } catch {
            let text = Sentence(verbatim: "\(error)")
            self = .faulty([Finding(id: "configuration-fault", .error, at: Sentence(verbatim: path), text, text: text)])
        }
    }
}

extension Finding {
    init(_ fault: ConfigurationFault) {
        self.init(
            id: "configuration-fault", .error, at: "\(fault.file):\(fault.line):\(fault.column)", fault.said,
            text: fault.sentence)
    }
}

extension NodePlan {
    /// As a result, so that what the configuration cannot know is a finding too: a correction that makes no sense as a
    /// calibration record.
    package static func checked(_ configuration: NodeConfiguration, file: String) -> Result<NodePlan, PlanFault> {
        do throws(CalibrationRecordError) {
            return .success(try NodePlan(configuration))
        } catch {
            return .failure(
                PlanFault(finding: Finding(id: "correction-fault", .error, at: Sentence(verbatim: file), Sentence(verbatim: "\(error)"))))
        }
    }
}

/// Why there is no plan for a configuration.
package struct PlanFault: Error {
    package var finding: Finding
}
