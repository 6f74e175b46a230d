import SensorCore

/// Reads what is to be derived from one sensor's readings. Without a known part, quantities are only checked to exist.
struct DerivedReading {
    let part: PartDescription?
    let hasHeight: Bool
    let faults: FaultCollector

    static let all = Quantity.allCases.filter(\.isDerived)

    func read(_ sensor: MappingReader) -> [Quantity] {
        var derived: [Quantity] = []
        for node in sensor.list("derived", example: "'derived: [dew_point]'") {
            guard let name = sensor.value(of: node, key: "derived", as: .text) else { continue }
            guard let quantity = Self.all.first(where: { $0.rawValue == name }) else {
                let advice = suggestion(for: name, among: Self.all.map(\.rawValue), called: "derived quantities")
                faults.add(at: node.position, "nothing called \(quoted(name)) can be derived; \(advice)")
                continue
            }
            if derived.contains(quantity) {
                faults.add(at: node.position, "\(name) stands there twice; remove one")
                continue
            }
            if let part, let missing = quantity.inputs.first(where: { !part.quantities.contains($0) }) {
                faults.add(
                    at: node.position,
                    """
                    \(name) needs \(Sentence.all(of: quantity.inputs.map(\.rawValue))), and a \(part.name) does not \
                    measure \(missing.rawValue)
                    """)
                continue
            }
            if quantity == .seaLevelPressure, !hasHeight {
                faults.add(at: node.position, "sea_level_pressure needs the height of the site; write for example 'site: {height: 118m}'")
                continue
            }
            derived.append(quantity)
        }
        return derived
    }
}

/// Which other sensor tells a sensor the air's pressure or humidity.
struct AirSourceReading {
    private let sensor: MappingReader

    init(sensor: MappingReader) { self.sensor = sensor }

    /// Of the sensor that is named, else of the first one that measures it; nil when there is none.
    func name(of quantity: Quantity, among sensors: [SensorConfiguration], _ faults: FaultCollector) -> String? {
        let key = "\(quantity.rawValue)-from"
        let all = sensors.filter { $0.part.quantities.contains(quantity) }.map(\.name)
        guard sensor.has(key) else { return all.first }
        guard let node = sensor.node(key), let name = sensor.value(of: node, key: key, as: .text) else { return nil }
        if all.contains(name) { return name }
        let advice: Sentence =
            all.isEmpty ? "there is none that does: remove the key" : suggestion(for: name, among: all, called: "sensors that do")
        faults.add(at: node.position, "no sensor \(quoted(name)) measures \(quantity.rawValue); \(advice)")
        return nil
    }
}
