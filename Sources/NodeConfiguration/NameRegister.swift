import SensorCore

/// Names that may be given once, with the place where each was given first.
struct NameRegister {
    /// Says that a name is taken, and since where.
    let taken: (String, SourcePosition) -> Sentence
    private var places: [String: SourcePosition] = [:]

    init(taken: @escaping (String, SourcePosition) -> Sentence) { self.taken = taken }

    /// The value of the key `name`; nil after a fault.
    mutating func read(_ mapping: MappingReader, example: Sentence) -> String? {
        guard let node = mapping.requiredNode("name", example: example),
            let name = mapping.value(of: node, key: "name", as: .name)
        else { return nil }
        if let first = places[name] {
            mapping.faults.add(at: node.position, taken(name, first))
            return nil
        }
        places[name] = node.position
        return name
    }
}

extension YAMLNode {
    /// The text of one value of a mapping, to know what the others may be. Tells no fault.
    func peek(_ key: String) -> String? {
        guard case .mapping(let mapping) = content,
            let entry = mapping.entries.first(where: { $0.key == key }),
            case .scalar(let text, _) = entry.value.content
        else { return nil }
        return text
    }
}
