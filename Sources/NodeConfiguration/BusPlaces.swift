import SensorCore

/// Which address of which bus is whose, so that no two parts answer at once.
///
/// What is on a bus itself is always connected; what is behind different channels of its multiplexers never meets.
struct BusPlaces {
    private struct Place {
        var bus: String
        var port: MultiplexerPort?
        var address: I2CAddress
        var owner: Sentence
        var position: SourcePosition

        func meets(_ other: Place) -> Bool {
            bus == other.bus && address == other.address && (port == nil || other.port == nil || port == other.port)
        }
    }

    private var places: [Place] = []
    /// On each bus, by address.
    private var multiplexers: [Place] = []

    /// - Parameter port: nil on the bus itself.
    mutating func occupy(
        bus: String, port: MultiplexerPort?, portPosition: SourcePosition?, address: I2CAddress, by owner: Sentence,
        at position: SourcePosition, faults: FaultCollector
    ) {
        if let port, let portPosition {
            let multiplexer = Place(
                bus: bus, port: nil, address: port.address, owner: "the multiplexer of \(owner)", position: portPosition)
            if !multiplexers.contains(where: { $0.meets(multiplexer) }) {
                if let other = places.first(where: { $0.meets(multiplexer) }) { tell(multiplexer, other, faults) }
                multiplexers.append(multiplexer)
            }
        }
        let place = Place(bus: bus, port: port, address: address, owner: owner, position: position)
        if let other = (places + multiplexers).first(where: { $0.meets(place) }) { tell(place, other, faults) }
        places.append(place)
    }

    private func tell(_ place: Place, _ other: Place, _ faults: FaultCollector) {
        faults.add(
            at: place.position,
            """
            address \(place.address) on \(place.bus) is already taken by \(other.owner) at \(other.position); \
            set another address or use another bus
            """)
    }
}

extension MultiplexerPort {
    /// `multiplexer: {address: 0x70, channel: 2}`; nil when the key is missing or at fault.
    static func read(
        _ sensor: MappingReader, faults: FaultCollector
    ) -> (value: MultiplexerPort, position: SourcePosition)? {
        let example: Sentence = "{address: 0x70, channel: 2}"
        guard let node = sensor.node("multiplexer"),
            let reader = MappingReader(
                node, title: "the multiplexer of \(sensor.title)", keys: ["address", "channel"], example: example, faults: faults)
        else { return nil }
        let channel = reader.required("channel", as: .integer(in: 0...7, example: "2"), example: "channel: 2")
        guard let addressNode = reader.requiredNode("address", example: "address: 0x70"),
            let address = reader.value(of: addressNode, key: "address", as: .address)
        else { return nil }
        guard (0x70...0x77).contains(address.rawValue) else {
            faults.add(at: addressNode.position, "a tca9548a never has the address \(address); write 0x70 to 0x77")
            return nil
        }
        return channel.map { (MultiplexerPort(address: address, channel: Int($0)), addressNode.position) }
    }
}
