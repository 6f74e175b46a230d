import SensorCore

/// Reads `mqtt:` or the list `destinations:`.
struct DestinationKeys {
    let node: String?
    let interval: TimeSpan?
    let sums: [TimeSpan]
    let channels: [String]
    let sensors: [String]
    let formats: [FormatDescription]
    let faults: FaultCollector

    private static let own = [
        "name", "kind", "format", "lanes", "show", "finest-interval", "begin-with", "formerly",
    ]
    private static let example: Sentence = "'destinations: [{name: city, host: broker.example.org}]'"

    private enum Kind: String, CaseIterable {
        case mqtt
    }

    /// nil after a fault.
    func read(_ file: MappingReader) -> [DestinationConfiguration]? {
        if file.has("destinations") {
            if let mqtt = file.node("mqtt") {
                faults.add(
                    at: mqtt.position,
                    "'mqtt' is the short form of a single destination; with 'destinations' write it there, as {name: mqtt, …} so that it keeps its place in the journal"
                )
                return nil
            }
            guard file.node("destinations") != nil else { return nil }
            return list(file)
        }
        guard
            let node = file.requiredNode(
                "mqtt", example: "'mqtt: {host: broker.example.org}', or 'destinations: []' for a node that publishes nothing")
        else { return nil }
        guard let format = formats.first, let mqtt = MQTTConfiguration.read(node, node: self.node, faults: faults) else { return nil }
        return [
            DestinationConfiguration(
                name: "mqtt", isShortForm: true, format: format, formerly: nil, beginning: .oldest, lanes: .both,
                view: DestinationView(), mqtt: mqtt)
        ]
    }

    private func list(_ file: MappingReader) -> [DestinationConfiguration]? {
        var names = NameRegister { name, first in
            "there is already a destination '\(name)' at \(first); give this one another name"
        }
        var destinations: [DestinationConfiguration] = []
        var isSound = true
        for node in file.list("destinations", example: Self.example) {
            if let destination = destination(node, &names) {
                checkAgainst(destinations, destination, node)
                destinations.append(destination)
            } else {
                isSound = false
            }
        }
        return isSound ? destinations : nil
    }

    private func destination(_ node: YAMLNode, _ names: inout NameRegister) -> DestinationConfiguration? {
        let title: Sentence = node.peek("name").map { "destination \(quoted($0))" } ?? "this destination"
        guard
            let reader = MappingReader(
                node, title: title, keys: Self.own + MQTTConfiguration.keys, example: Self.example, faults: faults)
        else { return nil }
        let name = names.read(reader, example: "name: city")
        _ = reader.optional("kind", as: .oneOf(called: "kinds of destination"), default: Kind.mqtt)
        let format = format(reader)
        let lanes = reader.optional("lanes", as: .oneOf(called: "ways to take a backlog"), default: DeliveryLanes.both)
        let beginning = reader.optional(
            "begin-with", as: .oneOf(called: "records to begin with"), default: DestinationConfiguration.Beginning.oldest)
        let formerly = reader.optional("formerly", as: .name)
        let view = view(reader)
        guard
            let mqtt = MQTTConfiguration.read(
                reader, node: self.node, clientID: "reallabor-\(self.node ?? "")-\(name ?? "")"),
            let name, let format, let lanes, let beginning, let view
        else { return nil }
        if mqtt.receiptTopic != nil, !format.hasReceipts {
            faults.add(at: reader.position, "'confirm: receiver' is for formats with receipts, and \(format.name) has none; remove it")
            return nil
        }
        return DestinationConfiguration(
            name: name, isShortForm: false, format: format, formerly: formerly, beginning: beginning, lanes: lanes, view: view,
            mqtt: mqtt)
    }

    private func format(_ reader: MappingReader) -> FormatDescription? {
        guard let node = reader.node("format") else { return reader.has("format") ? nil : formats.first }
        guard let name = reader.value(of: node, key: "format", as: .text) else { return nil }
        if let format = formats.first(where: { $0.name == name }) { return format }
        faults.add(
            at: node.position,
            "there is no format \(quoted(name)); \(suggestion(for: name, among: formats.map(\.name), called: "formats"))")
        return nil
    }

    // MARK: What it may see

    /// nil after a fault.
    private func view(_ reader: MappingReader) -> DestinationView? {
        var view = DestinationView()
        view.sums = sums
        if let finest = reader.node("finest-interval") {
            guard let length = reader.value(of: finest, key: "finest-interval", as: .time(in: .seconds(1)...(.seconds(86_400)))) else {
                return nil
            }
            let hour = TimeSpan.seconds(3600).nanoseconds
            guard hour % length.nanoseconds == 0 || length.nanoseconds % hour == 0,
                interval.map({ length.nanoseconds % $0.nanoseconds == 0 }) ?? true
            else {
                faults.add(
                    at: finest.position,
                    "finest-interval: it must be a multiple of the interval, and divide an hour or be whole hours; write for example 15min")
                return nil
            }
            view.finestInterval = length
        }
        guard let node = reader.node("show") else { return reader.has("show") ? nil : view }
        guard
            let show = MappingReader(
                node, title: "show", keys: ["kinds", "channels", "sensors"], example: "{kinds: [traffic]}", faults: faults)
        else { return nil }
        if show.has("kinds") {
            guard let kinds = names("kinds", of: show, among: RecordKind.known.map(\.name)) else { return nil }
            view.kinds = kinds
        }
        if show.has("channels") {
            guard let names = names("channels", of: show, among: channels) else { return nil }
            view.channels = names
        }
        if show.has("sensors") {
            guard let names = names("sensors", of: show, among: sensors) else { return nil }
            view.sensors = names
        }
        return view
    }

    /// nil after a fault.
    private func names(_ key: String, of show: MappingReader, among known: [String]) -> Set<String>? {
        var names: Set<String> = []
        var isSound = show.node(key) != nil
        for node in show.list(key, example: "'\(key): [\(known.first ?? "gate")]'") {
            guard let name = show.value(of: node, key: key, as: .text) else {
                isSound = false
                continue
            }
            if known.contains(name) {
                names.insert(name)
            } else {
                faults.add(
                    at: node.position, "\(key): there is no \(quoted(name)); \(suggestion(for: name, among: known, called: "there are"))")
                isSound = false
            }
        }
        return isSound ? names : nil
    }

    // MARK: Beside the others

    private func checkAgainst(_ others: [DestinationConfiguration], _ new: DestinationConfiguration, _ node: YAMLNode) {
        for other in others where other.mqtt.host == new.mqtt.host && other.mqtt.port == new.mqtt.port {
            if other.mqtt.clientID == new.mqtt.clientID {
                faults.add(
                    at: node.position,
                    "destinations \(quoted(other.name)) and \(quoted(new.name)) have one client-id at one broker, where the second throws the first out; give each its own"
                )
            }
            if other.mqtt.topic == new.mqtt.topic, other.format == new.format {
                faults.add(
                    at: node.position,
                    "destinations \(quoted(other.name)) and \(quoted(new.name)) publish the same format under one topic at one broker; give each its own topic"
                )
            }
        }
        for other in others where new.formerly != nil && (other.name == new.formerly || other.formerly == new.formerly) {
            faults.add(
                at: node.position,
                "formerly: \(quoted(new.formerly ?? "")) is the name of destination \(quoted(other.name)); only one can take its place")
        }
    }
}
