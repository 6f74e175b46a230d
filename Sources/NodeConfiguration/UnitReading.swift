import SensorCore

/// A dimension whose values are written with a unit: `8ms`, `512MB`, `118m`.
///
/// Numbers are decimal and read exactly: `0.5s` is 500,000,000 ns. One space may stand before the unit.
struct MeasuredForm {
    let dimension: Dimension
    /// Units with their size in the dimension's base.
    let units: [(symbol: String, size: Int64)]
    let example: Sentence

    /// Base 1 ns.
    static let time = MeasuredForm(
        dimension: .time,
        units: [
            ("us", 1_000), ("ms", 1_000_000), ("s", 1_000_000_000), ("min", 60_000_000_000), ("h", 3_600_000_000_000),
        ], example: "8ms or 60s")

    /// Base 1 byte; k, M and G are decimal, Ki, Mi and Gi binary.
    static let size = MeasuredForm(
        dimension: .size,
        units: [
            ("kB", 1_000), ("MB", 1_000_000), ("GB", 1_000_000_000), ("KiB", 1 << 10), ("MiB", 1 << 20),
            ("GiB", 1 << 30),
        ], example: "512MB")

    /// Base 1 mm.
    /// The same between two inputs of a channel.
    static let spacing = MeasuredForm(dimension: .length, units: length.units, example: "50cm")

    /// Base 1 mm.
    static let length = MeasuredForm(
        dimension: .length, units: [("mm", 1), ("cm", 10), ("m", 1_000), ("km", 1_000_000)], example: "118m")

    /// Base 1 nm: gauges tip at 0.2794 mm.
    static let rain = MeasuredForm(dimension: .rain, units: [("mm", 1_000_000), ("in", 25_400_000)], example: "0.2794mm")

    /// Base 1 µΩ.
    static let resistance = MeasuredForm(
        dimension: .resistance, units: [("mOhm", 1_000), ("Ohm", 1_000_000)], example: "100mOhm")

    /// Base 1 mm/h.
    static let speed = MeasuredForm(
        dimension: .speed, units: [("m/s", 3_600_000), ("km/h", 1_000_000), ("mph", 1_609_344)], example: "2.4km/h")

    /// Base 1 per hour.
    static let rate = MeasuredForm(dimension: .rate, units: [("/h", 1), ("/min", 60), ("/s", 3600)], example: "5/s")

    /// Base 1 kHz.
    static let frequency = MeasuredForm(
        dimension: .frequency, units: [("MHz", 1_000), ("GHz", 1_000_000)], example: "24.125GHz")

    /// Base 1 thousandth of a degree.
    static let angle = MeasuredForm(dimension: .angle, units: [("deg", 1_000), ("°", 1_000)], example: "30deg")

    func read(_ text: String) throws(ScalarFault) -> Int64 {
        let advice = dimension.advice(example)
        let isNegative = text.utf8.first == UInt8(ascii: "-")
        let unsigned = isNegative ? text.dropFirst() : text[...]
        let whole = unsigned.prefix(while: Self.isDigit)
        var rest = unsigned[whole.endIndex...]
        guard !whole.isEmpty else { throw ScalarFault(dimension.isNone(quoted(text), advice)) }
        if rest.first == "," { throw ScalarFault("\(quoted(text)) has a comma; decimals have a point, so \(advice)") }
        var fraction = Substring()
        if rest.first == "." {
            fraction = rest.dropFirst().prefix(while: Self.isDigit)
            guard !fraction.isEmpty else { throw ScalarFault(dimension.isNone(quoted(text), advice)) }
            rest = rest[fraction.endIndex...]
        }
        if rest.first == " " { rest.removeFirst() }
        let symbol = String(rest)
        guard !symbol.isEmpty else { throw ScalarFault("\(quoted(text)) has no unit; \(advice)") }
        guard let size = units.first(where: { $0.symbol == symbol })?.size else {
            let symbols = units.map(\.symbol).joined(separator: ", ")
            throw ScalarFault(dimension.hasNoUnit(quoted(symbol), symbols, advice))
        }
        let magnitude = try multiply(whole, fraction, by: size, text: text)
        return isNegative ? -magnitude : magnitude
    }

    private func multiply(
        _ whole: Substring, _ fraction: Substring, by size: Int64, text: String
    ) throws(ScalarFault) -> Int64 {
        guard let count = Int64(whole) else { throw tooLarge(text) }
        let (product, overflow) = count.multipliedReportingOverflow(by: size)
        guard !overflow else { throw tooLarge(text) }
        guard let last = fraction.lastIndex(where: { $0 != "0" }) else { return product }
        let digits = fraction[...last]
        // 10^18 is the largest power of ten in 64 bits.
        guard digits.count <= 18, let numerator = Int64(digits) else { throw tooFine(text) }
        let scale = digits.reduce(Int64(1)) { scale, _ in scale * 10 }
        let (part, remainder) = scale.dividingFullWidth(numerator.multipliedFullWidth(by: size))
        guard remainder == 0 else { throw tooFine(text) }
        let (total, isTooLarge) = product.addingReportingOverflow(part)
        guard !isTooLarge else { throw tooLarge(text) }
        return total
    }

    private func tooFine(_ text: String) -> ScalarFault {
        ScalarFault("\(quoted(text)) is finer than can be kept; write fewer decimals")
    }

    private func tooLarge(_ text: String) -> ScalarFault { ScalarFault("\(quoted(text)) is too large") }

    private static func isDigit(_ character: Character) -> Bool { character.isASCII && character.isWholeNumber }

    /// In the largest unit that gives a whole number; else with decimals in the first unit.
    func text(_ value: Int64) -> String {
        let unit = value == 0 ? units.first : units.sorted { $0.size > $1.size }.first { value % $0.size == 0 }
        if let unit { return "\(value / unit.size)\(unit.symbol)" }
        guard let first = units.first else { return "\(value)" }
        var (decimals, rest) = ("", value.magnitude % first.size.magnitude)
        while rest > 0, decimals.count < 9 {
            rest *= 10
            decimals += "\(rest / first.size.magnitude)"
            rest %= first.size.magnitude
        }
        return "\(value < 0 ? "-" : "")\(value.magnitude / first.size.magnitude).\(decimals)\(first.symbol)"
    }

    func read(_ text: String, in range: ClosedRange<Int64>) throws(ScalarFault) -> Int64 {
        let value = try read(text)
        guard range.contains(value) else {
            if value < 0, range.lowerBound >= 0 { throw ScalarFault("\(quoted(text)) is negative; write \(example)") }
            throw ScalarFault(
                "\(quoted(text)) is out of range; write \(self.text(range.lowerBound)) to \(self.text(range.upperBound))")
        }
        return value
    }
}

extension ScalarForm where Value == TimeSpan {
    static func time(in range: ClosedRange<TimeSpan>) -> Self {
        Self { text throws(ScalarFault) in
            let limits = range.lowerBound.nanoseconds...range.upperBound.nanoseconds
            return TimeSpan(nanoseconds: try MeasuredForm.time.read(text, in: limits))
        }
    }
}

extension ScalarForm where Value == Int64 {
    /// Bytes.
    static func size(in range: ClosedRange<Int64>) -> Self {
        Self { text throws(ScalarFault) in try MeasuredForm.size.read(text, in: range) }
    }
}

extension ScalarForm where Value == Double? {
    static var ratePerSecond: Self {
        Self { text throws(ScalarFault) in Double(try MeasuredForm.rate.read(text, in: 1...36_000_000)) / 3600 }
    }
}

extension ScalarForm where Value == Double {
    /// Metres above sea level; below it is negative.
    static var height: Self {
        Self { text throws(ScalarFault) in
            Double(try MeasuredForm.length.read(text, in: -500_000...9_000_000)) / 1_000
        }
    }
}
