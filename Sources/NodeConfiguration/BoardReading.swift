import SensorCore

extension BoardDescription {
    private static let keys = ["model", "gpio-chip", "line-prefix", "pins", "other-pins", "buses"]

    /// Reads a board file. Faults are told in `faults`, which belongs to that file.
    static func read(_ bytes: [UInt8], name: String, faults: FaultCollector) -> BoardDescription? {
        guard let text = SourceText(bytes, faults: faults), let root = readYAML(text, faults: faults),
            let file = MappingReader(
                root, title: "the board file", keys: keys, example: "'model: Raspberry Pi 4 Model B' and so on", faults: faults)
        else { return nil }
        let model = file.required("model", as: .text, example: "model: Raspberry Pi 4 Model B")
        let chip = file.required("gpio-chip", as: .text, example: "gpio-chip: pinctrl-bcm2711, the label gpiodetect shows")
        let prefix = file.optional("line-prefix", as: .text)
        let pins = readPins(file)
        let otherPins = named("other-pins", in: file, example: "J8-6: ground").compactMap { entry, reader in
            reader.value(of: entry.value, key: entry.key, as: .text).map { OtherPin(name: entry.key, use: $0) }
        }
        let buses = readBuses(file, pins: pins)
        guard faults.isEmpty, let model, let chip else { return nil }
        return BoardDescription(
            name: name, model: model, chipLabel: chip, pins: pins, otherPins: otherPins, buses: buses, linePrefix: prefix)
    }

    private static func readPins(_ file: MappingReader) -> [Pin] {
        guard file.requiredNode("pins", example: "'pins: {J8-11: 17}'") != nil else { return [] }
        var places: [Int: (name: String, position: SourcePosition)] = [:]
        return named("pins", in: file, example: "J8-11: 17").compactMap { entry, reader in
            let form = ScalarForm.integer(in: 0...1023, example: "17, the line's number within the chip")
            guard let offset = reader.value(of: entry.value, key: entry.key, as: form) else { return nil }
            if let first = places[offset] {
                file.faults.add(
                    at: entry.value.position,
                    "line \(offset) is already pin \(first.name) at \(first.position); each pin has its own line")
                return nil
            }
            places[offset] = (entry.key, entry.value.position)
            return Pin(name: entry.key, lineOffset: UInt32(offset))
        }
    }

    private static func readBuses(_ file: MappingReader, pins: [Pin]) -> [Bus] {
        let example: Sentence = "'i2c-1: {device: /dev/i2c-1, pins: [J8-3, J8-5]}'"
        return named("buses", in: file, example: example).compactMap { entry, _ in
            guard
                let bus = MappingReader(
                    entry.value, title: "bus \(quoted(entry.key))", keys: ["device", "pins"], example: example,
                    faults: file.faults)
            else { return nil }
            let device = bus.required("device", as: .text, example: "device: /dev/i2c-1")
            let taken = bus.list("pins", example: "pins: [J8-3, J8-5]").compactMap { node -> String? in
                guard let name = bus.value(of: node, key: "pins", as: .text) else { return nil }
                guard pins.contains(where: { $0.name == name }) else {
                    file.faults.add(
                        at: node.position,
                        """
                        \(quoted(name)) is none of the 'pins' of this file; \
                        \(suggestion(for: name, among: pins.map(\.name), called: "pins"))
                        """)
                    return nil
                }
                return name
            }
            return device.map { Bus(name: entry.key, device: $0, pins: taken) }
        }
    }

    /// The entries of a mapping from names to values, with a reader for the values; empty when absent or at fault.
    private static func named(
        _ key: String, in file: MappingReader, example: Sentence
    ) -> [(YAMLMapping.Entry, MappingReader)] {
        guard let node = file.node(key),
            let mapping = MappingReader.mapping(node, title: "'\(key)'", example: example, faults: file.faults)
        else { return [] }
        let reader = MappingReader(mapping, at: node.position, title: Sentence(verbatim: key), faults: file.faults)
        return mapping.entries.map { ($0, reader) }
    }
}
