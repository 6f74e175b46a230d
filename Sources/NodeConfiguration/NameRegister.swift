/// Names that may be given once, with the place where each was given first.
struct NameRegister {
    /// "channel", for messages.
    let kind: String
    private var places: [String: SourcePosition] = [:]

    init(kind: String) { self.kind = kind }

    /// The value of the key `name`; nil after a fault.
    mutating func read(_ mapping: MappingReader, example: String) -> String? {
        guard let node = mapping.requiredNode("name", example: example),
            let name = mapping.value(of: node, key: "name", as: .name)
        else { return nil }
        if let first = places[name] {
            mapping.faults.add(
                at: node.position, "there is already a \(kind) '\(name)' at \(first); give this one another name")
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
