import PulsePipeline
import SensorCore

/// Reads the list of channels against a board. Without a board, pins are not checked.
struct ChannelReading {
    let edges: EdgeCapabilities
    let board: BoardDescription?
    /// The buses in use by name, each with the first sensor on it as messages name it.
    let busUsers: [String: Sentence]
    let faults: FaultCollector
    private var names = NameRegister { name, first in
        "there is already a channel '\(name)' at \(first); give this one another name"
    }
    /// The inputs so far, by line.
    private var pins: [UInt32: (channel: Sentence, position: SourcePosition)] = [:]

    init(edges: EdgeCapabilities, board: BoardDescription?, busUsers: [String: Sentence], faults: FaultCollector) {
        self.edges = edges
        self.board = board
        self.busUsers = busUsers
        self.faults = faults
    }

    private static let example: Sentence = "'- {name: north, detector: contact, input: J8-11, debounce: {kind: stable, time: 8ms}}'"

    mutating func read(_ file: MappingReader) -> [ChannelConfiguration] {
        var channels: [ChannelConfiguration] = []
        for node in file.list("channels", example: Self.example) {
            if let channel = channel(node) { channels.append(channel) }
        }
        return channels
    }

    private mutating func channel(_ node: YAMLNode) -> ChannelConfiguration? {
        let detector = node.peek("detector").flatMap(DetectorKind.init(rawValue:))
        let candidates = detector.map { [$0] } ?? DetectorKind.allCases
        var keys = ["name", "detector"]
        for key in candidates.flatMap(\.keys) where !keys.contains(key) { keys.append(key) }
        let title: Sentence = node.peek("name").map { "channel \(quoted($0))" } ?? "this channel"
        guard
            let reader = MappingReader(
                node, title: title, keys: keys + ["debounce", "max-rate"], example: Self.example, faults: faults)
        else { return nil }
        let name = names.read(reader, example: "name: north")
        _ = reader.required("detector", as: ScalarForm<DetectorKind>.oneOf(called: "detectors"), example: "detector: contact")
        // Without a known detector nothing is required, but what is there is still checked.
        let present = detector?.inputRoles ?? ["input", "first", "second"].filter(reader.has)
        var inputs: [InputConfiguration] = []
        for role in present {
            if let input = input(role, of: reader) { inputs.append(input) }
        }
        let filter: PulseFilter?
        if let detector, detector.isRadar, !reader.has("debounce") {
            filter = PulseFilter.none
        } else {
            filter = reader.requiredNode("debounce", example: "'debounce: {kind: stable, time: 8ms}'").flatMap {
                PulseFilter.read($0, of: title, edges: edges, faults: faults)
            }
        }
        guard let detector else { return nil }
        let own = DetectorReading(channel: reader, faults: faults)
        if let filter { own.check(filter, of: detector) }
        let directions = own.directions(of: detector)
        let read = own.read(detector)
        let rate = reader.optional(
            "max-rate", as: ScalarForm<Double?>.ratePerSecond, default: read?.plausibleRate,
            shown: read?.plausibleRate.map { "\($0.rounded(toPlaces: 1))/s" })
        guard let read, let rate, let directions, let name, let filter, inputs.count == detector.inputRoles.count else { return nil }
        let settings = ChannelSettings(
            detector: read.detector, filter: filter, meaning: read.meaning, mostPerSecond: rate,
            countsBothEdges: read.countsBothEdges, directions: directions)
        own.checkRange(of: settings)
        return ChannelConfiguration(name: name, settings: settings, inputs: inputs)
    }

    private mutating func input(_ role: String, of channel: MappingReader) -> InputConfiguration? {
        let example: Sentence = "'\(role): J8-11' or '\(role): {pin: J8-11, bias: pull-up, active: low}'"
        guard let node = channel.requiredNode(role, example: example) else { return nil }
        var pinNode: YAMLNode? = node
        var bias: InputBias? = .asIs
        var active: ActiveLevel? = .high
        if case .scalar = node.content {
        } else {
            guard
                let mapping = MappingReader(
                    node, title: "'\(role)' of \(channel.title)", keys: ["pin", "bias", "active"], example: example,
                    faults: faults)
            else { return nil }
            pinNode = mapping.requiredNode("pin", example: "pin: J8-11")
            bias = mapping.optional("bias", as: .oneOf(called: "biases"), default: .asIs)
            active = mapping.optional("active", as: .oneOf(called: "levels"), default: .high)
        }
        guard let pinNode, let name = channel.value(of: pinNode, key: "pin", as: .text), let board,
            let pin = pin(name, at: pinNode.position, of: channel, on: board), let bias, let active
        else { return nil }
        return InputConfiguration(
            role: role, pinName: pin.name, lineName: board.lineName(pin), lineOffset: pin.lineOffset, bias: bias,
            isActiveLow: active == .low)
    }

    private mutating func pin(
        _ name: String, at position: SourcePosition, of channel: MappingReader, on board: BoardDescription
    ) -> BoardDescription.Pin? {
        guard let pin = board.pin(named: name) else {
            faults.add(at: position, board.faultForPin(name))
            return nil
        }
        if let bus = board.buses.first(where: { $0.pins.contains(pin.name) && busUsers[$0.name] != nil }),
            let sensor = busUsers[bus.name]
        {
            faults.add(
                at: position,
                "\(board.fullName(pin)) belongs to bus \(bus.name), which \(sensor) uses; take another pin")
            return nil
        }
        if let first = pins[pin.lineOffset] {
            faults.add(
                at: position,
                """
                \(board.fullName(pin)) at \(position) is already the input of \(first.channel) at \(first.position); \
                each input needs a pin of its own
                """)
            return nil
        }
        pins[pin.lineOffset] = (channel.title, position)
        return pin
    }
}

private enum ActiveLevel: String, CaseIterable {
    case low
    case high
}
