import SensorCore

/// Reads the list of sensors against parts and board. Without a board, buses are not checked.
struct SensorReading {
    let parts: [PartDescription]
    let board: BoardDescription?
    /// nil when it is at fault itself.
    let interval: TimeSpan?
    /// Whether the file says how high the node stands.
    let hasHeight: Bool
    let faults: FaultCollector
    /// The buses in use by name, each with the first sensor on it as messages name it.
    private(set) var busUsers: [String: Sentence] = [:]
    private var names = NameRegister { name, first in
        "there is already a sensor '\(name)' at \(first); give this one another name"
    }
    private var places = BusPlaces()

    init(
        parts: [PartDescription], board: BoardDescription?, interval: TimeSpan?, hasHeight: Bool, faults: FaultCollector
    ) {
        self.parts = parts
        self.board = board
        self.interval = interval
        self.hasHeight = hasHeight
        self.faults = faults
    }

    private static let keys = [
        "name", "part", "bus", "address", "multiplexer", "period", "derived", "pressure-from", "humidity-from", "corrections",
    ]
    private static let example: Sentence = "'- {name: air, part: bme280, bus: i2c-1}'"

    mutating func read(_ file: MappingReader) -> [SensorConfiguration] {
        var sensors: [SensorConfiguration] = []
        var sources: [AirSourceReading] = []
        for node in file.list("sensors", example: Self.example) {
            guard let (sensor, source) = sensor(node) else { continue }
            sensors.append(sensor)
            sources.append(source)
        }
        for index in sensors.indices {
            sensors[index].pressureFrom = sources[index].name(of: .pressure, among: sensors, faults)
            sensors[index].humidityFrom = sources[index].name(of: .humidity, among: sensors, faults)
        }
        return sensors
    }

    private mutating func sensor(_ node: YAMLNode) -> (SensorConfiguration, AirSourceReading)? {
        let title: Sentence = node.peek("name").map { "sensor \(quoted($0))" } ?? "this sensor"
        let options = parts.first { $0.name == node.peek("part") }?.options ?? []
        guard
            let reader = MappingReader(
                node, title: title, keys: Self.keys + options.map(\.name), example: Self.example, faults: faults)
        else { return nil }
        let name = names.read(reader, example: "name: air")
        let part = part(reader)
        let bus = bus(reader)
        let address = address(reader, of: part)
        let port = MultiplexerPort.read(reader, faults: faults)
        if let bus, let address {
            let position = reader.node("address")?.position ?? reader.position
            places.occupy(
                bus: bus.name, port: port?.value, portPosition: port?.position, address: address, by: reader.title,
                at: position, faults: faults)
        }
        let period = period(reader, of: part)
        let corrections = CorrectionReading(part: part, faults: faults).read(reader)
        let derived = DerivedReading(part: part, hasHeight: hasHeight, faults: faults).read(reader)
        var values: [String: PartOption.Value] = [:]
        for option in options { values[option.name] = option.read(reader) }
        guard let name, let part, let bus, let address, let period else { return nil }
        let sensor = SensorConfiguration(
            name: name, part: part, bus: bus, address: address, multiplexer: port?.value, period: period, derived: derived,
            options: values, pressureFrom: nil, humidityFrom: nil, corrections: corrections)
        return (sensor, AirSourceReading(sensor: reader))
    }

    /// No more often than the part has something new to say.
    private func period(_ sensor: MappingReader, of part: PartDescription?) -> TimeSpan? {
        let longest = max(interval ?? .seconds(3600), .seconds(1))
        let shortest = part?.timing.shortestPeriod ?? .seconds(1)
        if shortest > longest {
            faults.add(
                at: sensor.position,
                """
                a \(part?.name ?? "part") is read every \(MeasuredForm.time.text(shortest.nanoseconds)) at most, and the \
                interval is \(MeasuredForm.time.text(longest.nanoseconds)); make the interval longer
                """)
            return nil
        }
        return sensor.optional(
            "period", as: .time(in: shortest...longest), default: min(max(.seconds(10), shortest), longest))
    }

    private func part(_ sensor: MappingReader) -> PartDescription? {
        let example: Sentence = "part: \(parts.first?.name ?? "bme280")"
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
        let example: Sentence = "bus: \(board?.buses.first?.name ?? "i2c-1")"
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
        let known = Sentence.one(of: part.addresses.map(\.description))
        // Data sheets write 76h, and i2cdetect 76, for what is 0x76.
        if case .scalar(let text, _) = node.content, let meant = part.addresses.first(where: { $0.description == "0x\(text)" }) {
            faults.add(
                at: node.position, "a \(part.name) never has the address \(address), which is \(text) in decimal; write \(meant)")
            return nil
        }
        faults.add(at: node.position, "a \(part.name) never has the address \(address); write \(known)")
        return nil
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
