package import NodeConfiguration
package import NodeRuntime
import PulsePipeline
import SensorCore

/// What is simulated: a node's plan, and where it publishes.
package struct SimulatedNode {
    package var plan: NodePlan
    /// Empty for one that publishes nothing.
    package var destinations: [DestinationConfiguration]

    package init(plan: NodePlan, destinations: [DestinationConfiguration] = []) {
        self.plan = plan
        self.destinations = destinations
    }

    /// With two contacts.
    package static var small: SimulatedNode { small(at: "") }

    /// Two sensors and two channels, as in the example configuration; publishes nothing. The channels are what belongs at such a
    /// street: two contacts, or detectors that tell direction, class and speed.
    package static func small(at scenario: String) -> SimulatedNode {
        func channel(_ name: String, line: UInt32, _ settings: ChannelSettings? = nil) -> ChannelConfiguration {
            let settings = settings ?? .contact(.stable(rise: .milliseconds(8), fall: .milliseconds(8)))
            let inputs = settings.kind.inputRoles.enumerated().map {
                InputConfiguration(role: $1, pinName: nil, lineOffset: line + UInt32($0))
            }
            return ChannelConfiguration(name: name, settings: settings, inputs: inputs)
        }
        let beams = ChannelSettings(
            detector: .beamPair(BeamGeometry(spacing: 0.5)), filter: .stable(rise: .milliseconds(1), fall: .milliseconds(1)))
        let tubes = ChannelSettings(
            detector: .axlePair(AxleGeometry(spacing: 1)), filter: PulseFilter(.lockout(.milliseconds(8)), glitchTime: .microseconds(250)))
        let channels =
            switch scenario {
            case "cycle-path": [channel("beams", line: 0, beams), channel("tubes", line: 2, tubes)]
            // No radar: to find its passes takes a processor for longer than they last, in a debug build and simulated time.
            case "main-road", "storm": [channel("gate", line: 0), channel("tubes", line: 1, tubes)]
            default: [channel("gate", line: 0), channel("path", line: 1)]
            }
        func sensor(_ name: String, _ part: String, _ address: Int) -> SensorPlan? {
            I2CAddress(address).map {
                SensorPlan(name: name, part: part, address: $0, period: .seconds(10), corrections: [])
            }
        }
        let sensors = [sensor("box-air", "bme280", 0x76), sensor("street-air", "sht40", 0x44)].compactMap { $0 }
        return SimulatedNode(
            plan: NodePlan(
                node: "simulated-node", interval: .seconds(60), inputs: channels,
                buses: [BusPlan(name: "i2c-1", device: "simulated", sensors: sensors)]))
    }
}
