public import Calibration
import SensorCore

extension CalibrationEntry {
    /// A file holds one entry; `fileText` of the longest texts needs less.
    public static let largestFile = 16_384

    /// Reads and checks the bytes of a calibration file. `file` names it in messages; `id` is its name without `.yaml`.
    public static func parse(_ bytes: [UInt8], file: String, id: String) throws(ConfigurationFaults) -> CalibrationEntry {
        let faults = FaultCollector(file: file)
        if bytes.count > largestFile { faults.add(at: .start, "more than \(largestFile) bytes; a record is far smaller") }
        var entry: CalibrationEntry?
        if faults.isEmpty, let text = SourceText(bytes, faults: faults) {
            entry = readYAML(text, faults: faults).flatMap { CalibrationReading(id: id, faults: faults).read($0) }
            if text.endsWithoutLineBreak {
                if faults.isEmpty {
                    faults.add(at: text.end, "the file ends without a line break: it was cut off; restore it")
                } else {
                    faults.noteOnLast("the file ends without a line break: was it cut off?")
                }
            }
        }
        guard let entry, faults.isEmpty else { throw ConfigurationFaults(faults: faults.faults) }
        return entry
    }
}

/// Reads one entry. The unit must be there and is written last, so a file that was cut short is told by it.
private struct CalibrationReading {
    let id: String
    let faults: FaultCollector

    private static let keys = [
        "id", "node", "sensor", "part", "serial", "quantity", "unit", "when", "by", "where", "reference", "expires", "offset",
        "gain", "points", "revert",
    ]

    func read(_ root: YAMLNode) -> CalibrationEntry? {
        guard
            let file = MappingReader(
                root, title: "the calibration", keys: Self.keys, example: "'sensor: street-air' and so on",
                faults: faults)
        else { return nil }
        checkID(file)
        let node = file.required("node", as: .name, example: "node: main-street-2")
        let sensor = file.required("sensor", as: .name, example: "sensor: street-air")
        let part = file.required("part", as: .text, example: "part: bme280")
        let serial = file.optional("serial", as: .text)
        let quantity = file.required(
            "quantity", as: ScalarForm<Quantity>.oneOf(called: "quantities"), example: "quantity: temperature")
        if let quantity { checkUnit(file, of: quantity) }
        let moment = file.required("when", as: .moment, example: "when: 2026-05-01T12:00:00Z")
        let by = file.required("by", as: .text, example: "by: M. Muster")
        let place = file.optional("where", as: .text)
        let reference = file.required("reference", as: .text, example: "'reference: Testo 625 no. 123'")
        let expiry = file.optional("expires", as: .moment)
        let change = change(file)
        guard let node, let sensor, let part, let quantity, let moment, let by, let reference, let change else { return nil }
        return CalibrationEntry(
            id: id, node: node, sensor: sensor, part: part, serial: serial, quantity: quantity, performedAt: moment, by: by,
            place: place, reference: reference, expiresAt: expiry, change: change)
    }

    private func checkID(_ file: MappingReader) {
        guard let node = file.requiredNode("id", example: "id: \(id)"),
            let written = file.value(of: node, key: "id", as: .recordID)
        else { return }
        if written != id {
            faults.add(at: node.position, "the file is named \(quoted(id)) but holds \(quoted(written)); name it as its id")
        }
    }

    private func checkUnit(_ file: MappingReader, of quantity: Quantity) {
        guard let node = file.requiredNode("unit", example: "unit: \"\(quantity.unit)\""),
            let unit = file.value(of: node, key: "unit", as: .text), unit != quantity.unit
        else { return }
        faults.add(at: node.position, "\(quantity.rawValue) is calibrated in \(quantity.unit), not in \(quoted(unit))")
    }

    private func change(_ file: MappingReader) -> CalibrationEntry.Change? {
        let given = ["offset", "points", "revert"].filter { file.has($0) }
        if given.count > 1 || (file.has("gain") && given != ["offset"]) {
            faults.add(at: file.position, "write either offset and gain, or points, or revert; not several of them")
            return nil
        }
        switch given.first {
        case "revert":
            return file.optional("revert", as: .recordID).map { $0 == "factory" ? .factory : .backTo(id: $0) }
        case "points": return points(file).map { .correct(.piecewise($0)) }
        default:
            let offset = file.required("offset", as: Self.value, example: "offset: -0.3")
            let gain = file.required(
                "gain", as: .number(in: 1e-6...1e6, meaning: "a factor above 0", example: "1.0"), example: "gain: 1.0")
            guard let offset, let gain else { return nil }
            return .correct(.linear(LinearCorrection(offset: offset, gain: gain)))
        }
    }

    private func points(_ file: MappingReader) -> PiecewiseCorrection? {
        let example: Sentence = "'- {raw: 20.4, reference: 20.0}'"
        let points = file.list("points", example: example).map { node -> ReferencePair? in
            guard
                let point = MappingReader(
                    node, title: "this point", keys: ["raw", "reference"], example: example, faults: faults)
            else { return nil }
            let raw = point.required("raw", as: Self.value, example: "raw: 20.4")
            let reference = point.required("reference", as: Self.value, example: "reference: 20.0")
            guard let raw, let reference else { return nil }
            return ReferencePair(raw: raw, reference: reference)
        }
        let read = points.compactMap { $0 }
        guard read.count == points.count, let place = file.node("points")?.position else { return nil }
        do throws(PiecewiseError) {
            return try PiecewiseCorrection(points: read)
        } catch {
            faults.add(at: place, "points: \(error)")
            return nil
        }
    }

    private static var value: ScalarForm<Double> {
        .number(in: -1e9...1e9, meaning: "a number in the quantity's unit, without the unit", example: "-0.3")
    }
}

extension ScalarForm where Value == WallClockTime {
    /// A whole second of UTC.
    fileprivate static var moment: Self {
        Self { text throws(ScalarFault) in
            guard let moment = WallClockTime(wholeSecond: text) else {
                throw ScalarFault("\(quoted(text)) is not a moment of UTC; write for example 2026-05-01T12:00:00Z")
            }
            return moment
        }
    }
}

extension ScalarForm where Value == String {
    /// 1 to 128 of a-z, 0-9 and '-': the name of a file.
    fileprivate static var recordID: Self {
        Self { text throws(ScalarFault) in
            let isFit = text.utf8.allSatisfy {
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                    || $0 == UInt8(ascii: "-")
            }
            guard (1...128).contains(text.utf8.count), isFit else {
                throw ScalarFault("\(quoted(text)) is not an id; write 1 to 128 of a-z, 0-9 and '-'")
            }
            return text
        }
    }
}
