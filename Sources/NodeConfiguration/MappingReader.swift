import SensorCore

/// Reads a mapping key by key. Each fault is told once, with its place; a value that could not be read is nil.
struct MappingReader {
    /// For messages: "mqtt", "channel 'north'", "the file".
    let title: Sentence
    /// nil for the file itself.
    private var place: Sentence? { title == MappingReader.wholeFile ? nil : title }
    static let wholeFile: Sentence = "the file"
    let position: SourcePosition
    let faults: FaultCollector
    private let values: [String: YAMLNode]
    private let isComplete: Bool

    /// nil, after a fault, when `node` is not a mapping. Keys that are not among `keys` are faults.
    init?(_ node: YAMLNode, title: Sentence, keys: [String], example: Sentence, faults: FaultCollector) {
        guard let mapping = MappingReader.mapping(node, title: title, example: example, faults: faults) else { return nil }
        self.init(mapping, at: node.position, title: title, faults: faults)
        for entry in mapping.entries where !keys.contains(entry.key) {
            if ["tls", "ssl"].contains(entry.key.lowercased()), keys.contains("ca-file") {
                faults.add(
                    at: entry.keyPosition,
                    "unknown key \(quoted(entry.key)) in \(title); TLS is on when 'ca-file' names the certificates that sign the broker's")
                continue
            }
            faults.add(
                at: entry.keyPosition,
                "unknown key \(quoted(entry.key)) in \(title); \(suggestion(for: entry.key, among: keys, called: "valid keys"))")
        }
    }

    /// A mapping whose keys are not checked.
    init(_ mapping: YAMLMapping, at position: SourcePosition, title: Sentence, faults: FaultCollector) {
        self.title = title
        self.position = position
        self.faults = faults
        isComplete = mapping.isComplete
        values = Dictionary(mapping.entries.map { ($0.key, $0.value) }, uniquingKeysWith: { first, _ in first })
    }

    /// The entries of `node`; nil after a fault when it is not a mapping.
    static func mapping(
        _ node: YAMLNode, title: Sentence, example: Sentence, faults: FaultCollector
    ) -> YAMLMapping? {
        switch node.content {
        case .mapping(let mapping): return mapping
        case .refused: return nil
        default:
            faults.add(at: node.position, "\(title) must be a mapping of keys to values, not \(node.kind); write \(example)")
            return nil
        }
    }

    /// A fault when the key is not there.
    func demand(_ key: String, example: Sentence) {
        guard values[key] == nil, isComplete else { return }
        faults.add(at: position, "\(title) lacks '\(key)'; write for example \(example)")
    }

    func has(_ key: String) -> Bool { values[key] != nil }

    var isEmpty: Bool { values.isEmpty }

    /// The value of a key that may be left out; an empty value is a fault.
    func node(_ key: String) -> YAMLNode? {
        guard let node = values[key] else { return nil }
        if node.isNull {
            faults.add(at: node.position, "'\(key)' in \(title) has no value; write one or remove the key")
            return nil
        }
        return node
    }

    /// The value of a key that must be there.
    func requiredNode(_ key: String, example: Sentence) -> YAMLNode? {
        demand(key, example: example)
        guard let node = values[key] else { return nil }
        if node.isNull {
            faults.add(at: node.position, "'\(key)' in \(title) has no value; write for example \(example)")
            return nil
        }
        return node
    }

    /// nil when absent or at fault.
    func optional<Value>(_ key: String, as form: ScalarForm<Value>) -> Value? {
        node(key).flatMap { value(of: $0, key: key, as: form) }
    }

    /// `fallback` when absent, nil when at fault.
    ///
    /// - Parameter shown: how it is written in a file, where its type does not say the unit.
    func optional<Value>(_ key: String, as form: ScalarForm<Value>, default fallback: Value, shown: String? = nil) -> Value? {
        if has(key) { return optional(key, as: form) }
        if let text = shown ?? written(fallback) { assume(key, text) }
        return fallback
    }

    /// A default that holds, as it would be written in the file.
    func assume(_ key: String, _ text: String) { faults.assume(AssumedValue(place: place, key: key, value: text)) }

    func required<Value>(_ key: String, as form: ScalarForm<Value>, example: Sentence) -> Value? {
        requiredNode(key, example: example).flatMap { value(of: $0, key: key, as: form) }
    }

    func value<Value>(of node: YAMLNode, key: String, as form: ScalarForm<Value>) -> Value? {
        switch node.content {
        case .scalar(let text, _):
            do throws(ScalarFault) {
                return try form.read(text)
            } catch {
                faults.add(at: node.position, "\(key): \(error.said)")
                return nil
            }
        case .sequence, .mapping:
            faults.add(at: node.position, "\(key) must be a single value, not \(node.kind)")
            return nil
        case .refused:
            return nil
        }
    }

    /// The items of a list; empty when the key is absent or at fault.
    func list(_ key: String, example: Sentence) -> [YAMLNode] {
        guard let node = node(key) else { return [] }
        switch node.content {
        case .sequence(let items): return items
        case .refused: return []
        default:
            faults.add(at: node.position, "\(key) must be a list, not \(node.kind); write for example \(example)")
            return []
        }
    }
}
