import SensorCore
import Glibc
package import LinuxHardware
package import NodeRuntime
import SensorCore

/// Which of a plan's inputs and buses can be had on this machine.
package struct HardwareCheck {
    package var findings: [Finding]
    /// Not one input and not one bus: nothing can be counted or measured.
    package var hasNothing: Bool

    /// - Parameter edges: with the lines requested, one channel per input of the plan.
    package init(_ plan: NodePlan, edges: GPIOEdgeSource) {
        findings = zip(plan.inputs, edges.faults).compactMap { input, fault in
            fault.map {
                Finding(
                    id: "input-unusable", .error, at: "channel \(input.name)", "\($0.operation) failed",
                    advice: $0.advice,
                    text: Sentence(verbatim: "\($0)"))
            }
        }
        let buses = plan.buses.map(Self.check)
        findings += buses.compactMap(\.self)
        hasNothing = !edges.faults.contains { $0 == nil } && !buses.contains { $0 == nil }
    }

    /// nil for a bus that can be opened.
    private static func check(_ bus: BusPlan) -> Finding? {
        guard access(bus.device, R_OK | W_OK) != 0 else { return nil }
        return Finding(
            id: "bus-unusable", .error, at: "bus \(bus.name)", "\(bus.device): \(systemText(errno))",
            advice: "switch I2C on (raspi-config, or dtparam=i2c_arm=on) and let the user into group i2c")
    }
}
