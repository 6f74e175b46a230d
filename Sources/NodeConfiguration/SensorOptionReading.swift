import SensorCore

extension PartOption {
    /// The value in the file, or the usual one; nil when it is at fault.
    func read(_ sensor: MappingReader) -> Value? { sensor.optional(name, as: .option(form), default: usual) }
}

extension ScalarForm where Value == PartOption.Value {
    fileprivate static func option(_ form: PartOption.Form) -> Self {
        switch form {
        case .flag:
            Self { text throws(ScalarFault) in .flag(try Self.flag(text)) }
        case .time(let range):
            Self { text throws(ScalarFault) in .time(try ScalarForm<TimeSpan>.time(in: range).read(text)) }
        case .resistance(let range):
            Self { text throws(ScalarFault) in .resistance(try Self.resistance(text, in: range)) }
        case .number(let range, let unit):
            Self { text throws(ScalarFault) in .number(try Self.number(text, in: range, unit: unit)) }
        case .choice(let words):
            Self { text throws(ScalarFault) in
                guard words.contains(text) else {
                    throw ScalarFault("there is no \(quoted(text)); \(suggestion(for: text, among: words, called: "words"))")
                }
                return .choice(text)
            }
        }
    }

    private static func flag(_ text: String) throws(ScalarFault) -> Bool {
        switch text {
        case "true": return true
        case "false": return false
        default: throw ScalarFault("\(quoted(text)) is neither; write true or false")
        }
    }

    /// Ohm.
    private static func resistance(_ text: String, in range: ClosedRange<Double>) throws(ScalarFault) -> Double {
        let limits = Int64((range.lowerBound * 1e6).rounded())...Int64((range.upperBound * 1e6).rounded())
        return Double(try MeasuredForm.resistance.read(text, in: limits)) / 1e6
    }

    /// Decimal, with or without its unit behind it.
    private static func number(
        _ text: String, in range: ClosedRange<Double>, unit: String
    ) throws(ScalarFault) -> Double {
        let shown = unit.isEmpty ? "" : " \(unit)"
        let advice: Sentence = "write \("\(range.lowerBound)\(shown)") to \("\(range.upperBound)\(shown)")"
        var digits = text[...]
        if !unit.isEmpty, digits.hasSuffix(unit) {
            digits.removeLast(unit.count)
            if digits.last == " " { digits.removeLast() }
        }
        // Double's own reading takes hexadecimal, exponents and "nan" too.
        guard digits.utf8.allSatisfy({ "+-.0123456789".utf8.contains($0) }), let number = Double(digits) else {
            throw ScalarFault(
                unit.isEmpty ? "\(quoted(text)) is not a number; \(advice)" : "\(quoted(text)) is not a number of \(unit); \(advice)")
        }
        guard range.contains(number) else { throw ScalarFault("\(quoted(text)) is out of range; \(advice)") }
        return number
    }
}
