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
                    name: input.name, detector: input.detector,
                    directions: input.settings.givesDetails ? [input.directions.forward, input.directions.backward] : nil,
                    inputs: input.wiring.compactMap(\.pin), geometry: input.settings.detector.geometry)
            },
            sensors: buses.flatMap(\.sensors).map { sensor in
                let part = ClimateParts.description(of: sensor.part)
                return SensorDescription(
                    name: sensor.name, part: part, partName: sensor.part, period: sensor.period,
                    quantities: (part?.quantities ?? []) + sensor.derived.quantities)
            })
    }
}

extension ChannelSettings.Detector {
    /// The measures of its place, by the configuration's keys.
    fileprivate var geometry: [GeometryFact] {
        switch self {
        case .contact, .presence: []
        case .beamPair(let beams): [GeometryFact(name: "spacing", value: beams.spacing, unit: "m")]
        case .axlePair(let tubes): [GeometryFact(name: "spacing", value: tubes.spacing, unit: "m")]
        case .doppler(let radar):
            [
                GeometryFact(name: "carrier", value: radar.carrier, unit: "Hz"), GeometryFact(name: "height", value: radar.height, unit: "m"),
                GeometryFact(name: "azimuth", value: radar.azimuth, unit: "deg"),
            ] + radar.lanes.map { GeometryFact(name: "lane", value: $0, unit: "m") }
        }
    }
}
