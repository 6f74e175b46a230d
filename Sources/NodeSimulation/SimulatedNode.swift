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

    /// Two contacts and two sensors, as in the example configuration; publishes nothing.
    package static var small: SimulatedNode {
        func channel(_ name: String) -> CountedInput {
            CountedInput(
                name: name, detector: .contact,
                settings: .contact(.stable(rise: .milliseconds(8), fall: .milliseconds(8))))
        }
        func sensor(_ name: String, _ part: String, _ address: Int) -> SensorPlan? {
            I2CAddress(address).map {
                SensorPlan(name: name, part: part, address: $0, period: .seconds(10), corrections: [])
            }
        }
        let sensors = [sensor("box-air", "bme280", 0x76), sensor("street-air", "sht40", 0x44)].compactMap { $0 }
        return SimulatedNode(
            plan: NodePlan(
                node: "simulated-node", interval: .seconds(60), inputs: [channel("gate"), channel("path")],
                buses: [BusPlan(name: "i2c-1", device: "simulated", sensors: sensors)]))
    }
}
