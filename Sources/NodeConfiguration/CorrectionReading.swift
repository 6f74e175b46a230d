import SensorCore

/// Reads the corrections of one sensor. Without a known part, quantities are only checked to exist.
struct CorrectionReading {
    let part: PartDescription?
    let faults: FaultCollector

    private static let example: Sentence =
        "'- {quantity: temperature, offset: -0.3, reference: \"Testo 625\", date: 2026-05-01}'"

    func read(_ sensor: MappingReader) -> [CorrectionConfiguration] {
        var firstPlaces: [Quantity: SourcePosition] = [:]
        return sensor.list("corrections", example: Self.example).compactMap { node in
            correction(node, of: sensor.title, firstPlaces: &firstPlaces)
        }
    }

    private func correction(
        _ node: YAMLNode, of sensor: Sentence, firstPlaces: inout [Quantity: SourcePosition]
    ) -> CorrectionConfiguration? {
        guard
            let reader = MappingReader(
                node, title: "this correction of \(sensor)", keys: ["quantity", "offset", "gain", "reference", "date"],
                example: Self.example, faults: faults)
        else { return nil }
        let quantity = quantity(reader, firstPlaces: &firstPlaces)
        let meaning: Sentence =
            quantity.map { "what is to be added in \($0.unit), without the unit" } ?? "what is to be added, without the unit"
        let offset = reader.required(
            "offset", as: .number(in: -1e9...1e9, meaning: meaning, example: "-0.3"), example: "offset: -0.3")
        let gain = reader.optional(
            "gain", as: .number(in: 1e-6...1e6, meaning: "a factor above 0", example: "1.02"), default: 1)
        let reference = reader.required("reference", as: .text, example: "'reference: Testo 625, serial 1234'")
        let date = reader.required("date", as: .date, example: "date: 2026-05-01")
        guard let quantity, let offset, let gain, let reference, let date else { return nil }
        return CorrectionConfiguration(
            quantity: quantity, offset: offset, gain: gain, reference: reference, date: date)
    }

    private func quantity(_ reader: MappingReader, firstPlaces: inout [Quantity: SourcePosition]) -> Quantity? {
        guard let node = reader.requiredNode("quantity", example: "quantity: temperature"),
            let quantity = reader.value(
                of: node, key: "quantity", as: ScalarForm<Quantity>.oneOf(called: "quantities"))
        else { return nil }
        if let part, !part.quantities.contains(quantity) {
            let given = part.quantities.map(\.rawValue).joined(separator: ", ")
            faults.add(at: node.position, "a \(part.name) does not measure \(quantity.rawValue); it gives \(given)")
            return nil
        }
        if let first = firstPlaces[quantity] {
            faults.add(
                at: node.position, "\(quantity.rawValue) is already corrected at \(first); join the two corrections")
            return nil
        }
        firstPlaces[quantity] = node.position
        return quantity
    }
}

extension ScalarForm where Value == String {
    /// A day of the Gregorian calendar, 2000-01-01 or later.
    static var date: Self {
        Self { text throws(ScalarFault) in
            let advice: Sentence = "write the day as YYYY-MM-DD, for example 2026-05-01"
            let shape = text.utf8.map { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) ? "d" : Character(.init($0)) }
            let fields = text.split(separator: "-").compactMap { Int($0) }
            guard String(shape) == "dddd-dd-dd", fields.count == 3 else {
                throw ScalarFault("\(quoted(text)) is not a date; \(advice)")
            }
            let (year, month, day) = (fields[0], fields[1], fields[2])
            let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
            let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
            guard year >= 2000, (1...12).contains(month), (1...lengths[month - 1]).contains(day) else {
                throw ScalarFault("\(quoted(text)) is not a day of the calendar since 2000; \(advice)")
            }
            return text
        }
    }
}
