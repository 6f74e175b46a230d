import PulsePipeline
import SensorCore

/// Reads where a Doppler radar stands and what it sends.
struct RadarReading {
    let channel: MappingReader
    let faults: FaultCollector

    private static let mostLanes = 4

    /// Without the key for two inputs in quadrature: one pulse train.
    func setup() -> RadarSetup? {
        let carrier = channel.required("carrier", as: ScalarForm<Double>.carrier, example: "carrier: 24.125GHz")
        let lanes = lanes()
        let height = channel.optional("height", as: ScalarForm<Double>.radarHeight, default: 0, shown: "0m")
        let azimuth = channel.required("azimuth", as: ScalarForm<Double>.azimuth, example: "azimuth: 30deg")
        guard let carrier, let lanes, let height, let azimuth else { return nil }
        return RadarSetup(carrier: carrier, lanes: lanes, height: height, azimuth: azimuth)
    }

    /// One distance or a list of them.
    private func lanes() -> [Double]? {
        guard let node = channel.requiredNode("lanes", example: "'lanes: 4m' or 'lanes: [3.5m, 7m]'") else { return nil }
        guard case .sequence(let items) = node.content else {
            return channel.value(of: node, key: "lanes", as: ScalarForm<Double>.laneOffset).map { [$0] }
        }
        guard (1...Self.mostLanes).contains(items.count) else {
            faults.add(
                at: node.position,
                "lanes: \(items.count) of them in \(channel.title); write the distances of 1 to \(Self.mostLanes), for example [3.5m, 7m]")
            return nil
        }
        let lanes = items.compactMap { channel.value(of: $0, key: "lanes", as: ScalarForm<Double>.laneOffset) }
        return lanes.count == items.count ? lanes : nil
    }
}

extension ScalarForm where Value == Double {
    /// In Hz: from modules at 5.8 GHz to those at 77 GHz.
    fileprivate static var carrier: Self {
        Self { text throws(ScalarFault) in Double(try MeasuredForm.frequency.read(text, in: 1_000_000...81_000_000)) * 1_000 }
    }

    /// In m.
    fileprivate static var laneOffset: Self {
        Self { text throws(ScalarFault) in Double(try MeasuredForm.length.read(text, in: 500...30_000)) / 1_000 }
    }

    /// In m.
    fileprivate static var radarHeight: Self {
        Self { text throws(ScalarFault) in Double(try MeasuredForm.length.read(text, in: 0...20_000)) / 1_000 }
    }

    /// In degrees.
    fileprivate static var azimuth: Self {
        Self { text throws(ScalarFault) in Double(try MeasuredForm.angle.read(text, in: 0...90_000)) / 1_000 }
    }
}
