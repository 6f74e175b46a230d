import SensorCore

/// Reads the list of sensors against parts and board. Without a board, buses are not checked.
struct SensorReading {
    let parts: [PartDescription]
    let board: BoardDescription?
    /// nil when it is at fault itself.
    let interval: TimeSpan?
    let faults: FaultCollector
    /// The buses in use by name, each with the first sensor on it as messages name it.
    private(set) var busUsers: [String: String] = [:]
    private var names = NameRegister(kind: "sensor")
    private var places: [Place: (sensor: String, position: SourcePosition)] = [:]

    private struct Place: Hashable {
        var bus: String
        var address: I2CAddress
    }

    init(parts: [PartDescription], board: BoardDescription?, interval: TimeSpan?, faults: FaultCollector) {
        self.parts = parts
        self.board = board
        self.interval = interval
        self.faults = faults
    }

    private static let keys = ["name", "part", "bus", "address", "period", "corrections"]
    private static let example = "'- {name: air, part: bme280, bus: i2c-1}'"

    mutating func read(_ file: MappingReader) -> [SensorConfiguration] {
        var sensors: [SensorConfiguration] = []
        for node in file.list("sensors", example: Self.example) {
            if let sensor = sensor(node) { sensors.append(sensor) }
        }
        return sensors
    }

    private mutating func sensor(_ node: YAMLNode) -> SensorConfiguration? {
        let title = node.peek("name").map { "sensor \(quoted($0))" } ?? "this sensor"
        guard
            let reader = MappingReader(node, title: title, keys: Self.keys, example: Self.example, faults: faults)
        else { return nil }
        let name = names.read(reader, example: "name: air")
        let part = part(reader)
        let bus = bus(reader)
        let address = address(reader, of: part)
        if let bus, let address { occupy(Place(bus: bus.name, address: address), by: reader) }
        let longest = max(interval ?? .seconds(3600), .seconds(1))
        let period = reader.optional(
            "period", as: .time(in: .seconds(1)...longest), default: min(.seconds(10), longest))
        let corrections = CorrectionReading(part: part, faults: faults).read(reader)
        guard let name, let part, let bus, let address, let period else { return nil }
        return SensorConfiguration(
            name: name, part: part, bus: bus, address: address, period: period, corrections: corrections)
    }

    private func part(_ sensor: MappingReader) -> PartDescription? {
        let example = "part: \(parts.first?.name ?? "bme280")"
        guard let node = sensor.requiredNode("part", example: example),
            let name = sensor.value(of: node, key: "part", as: .text)
        else { return nil }
        guard let part = parts.first(where: { $0.name == name }) else {
            let advice = suggestion(for: name, among: parts.map(\.name), called: "parts")
            faults.add(at: node.position, "there is no driver for the part \(quoted(name)); \(advice)")
            return nil
        }
        return part
    }

    private mutating func bus(_ sensor: MappingReader) -> BoardDescription.Bus? {
        let example = "bus: \(board?.buses.first?.name ?? "i2c-1")"
        guard let node = sensor.requiredNode("bus", example: example),
            let name = sensor.value(of: node, key: "bus", as: .text), let board
        else { return nil }
        guard let bus = board.bus(named: name) else {
            let advice = suggestion(for: name, among: board.buses.map(\.name), called: "buses")
            faults.add(at: node.position, "\(board.model) has no bus \(quoted(name)); \(advice)")
            return nil
        }
        if busUsers[bus.name] == nil { busUsers[bus.name] = sensor.title }
        return bus
    }

    /// The address as written, or the usual one of the part.
    private func address(_ sensor: MappingReader, of part: PartDescription?) -> I2CAddress? {
        guard sensor.has("address") else { return part?.addresses.first }
        guard let node = sensor.node("address"), let address = sensor.value(of: node, key: "address", as: .address)
        else { return nil }
        guard let part, !part.addresses.contains(address) else { return address }
        let known = part.addresses.map(\.description).joined(separator: " or ")
        faults.add(at: node.position, "a \(part.name) never has the address \(address); write \(known)")
        return nil
    }

    private mutating func occupy(_ place: Place, by sensor: MappingReader) {
        let position = sensor.node("address")?.position ?? sensor.position
        if let first = places[place] {
            faults.add(
                at: position,
                "address \(place.address) on \(place.bus) is already taken by \(first.sensor) at \(first.position); "
                    + "set another address or use another bus")
        } else {
            places[place] = (sensor.title, position)
        }
    }
}

extension ScalarForm where Value == I2CAddress {
    /// `0x76` or decimal `118`.
    static var address: Self {
        Self { text throws(ScalarFault) in
            let isHexadecimal = text.hasPrefix("0x") || text.hasPrefix("0X")
            let digits = isHexadecimal ? text.dropFirst(2) : text[...]
            guard !digits.isEmpty, digits.utf8.first.map({ "+-".utf8.contains($0) }) == false,
                let number = Int(digits, radix: isHexadecimal ? 16 : 10)
            else {
                throw ScalarFault("\(quoted(text)) is not an I2C address; write it as 0x76 or in decimal as 118")
            }
            guard let address = I2CAddress(number) else {
                throw ScalarFault(
                    "\(quoted(text)) is outside the 7-bit I2C addresses 0x08 to 0x77; i2cdetect shows the one to write")
            }
            return address
        }
    }
}
