import ClimateDrivers
import NodeConfiguration
import PulsePipeline
package import SensorCore

extension NodePlan {
    /// What formats may tell of the node.
    package var nodeDescription: NodeDescription {
        NodeDescription(
            id: node, version: ProgramVersion.text, site: site, interval: interval, sums: sums,
            channels: inputs.map { input in
                ChannelDescription(
                    name: input.name, detector: input.settings.kind,
                    directions: input.settings.givesDetails
                        ? [input.settings.directions.forward, input.settings.directions.backward] : nil,
                    inputs: input.inputs.compactMap(\.pinName), geometry: input.settings.detector.geometry)
            },
            sensors: buses.flatMap(\.sensors).map { sensor in
                let part = ClimateParts.description(of: sensor.part)
                return SensorDescription(
                    name: sensor.name, part: part, partName: sensor.part, period: sensor.period,
                    quantities: (part?.quantities ?? []) + sensor.derived.quantities)
            })
    }
}
