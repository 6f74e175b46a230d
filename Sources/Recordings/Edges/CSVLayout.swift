import SensorCore

/// What the columns of a table of edges are.
enum CSVLayout {
    /// `timestamp_ns,line,level`.
    case rows
    case columns(Columns)

    struct Columns {
        /// Decimals that make a time whole nanoseconds: 9 for seconds. nil where rows have no time.
        var timeDecimals: Int?
        /// Where rows have no time.
        var samplesPerSecond: Int64 = 1
        /// The column of each input.
        var ofInput: [Int]
    }

    static let rowForm = "timestamp_ns,line,level"
    private static let names = ["timestamp_ns", "line", "level"]
    private static let forms: Sentence =
        "the columns are timestamp_ns,line,level, or a time with its unit and a column per signal: Time [s],D0,D1"

    /// By the first row in hand. True when that row is a header, not data.
    static func find(in lines: inout CSVLines, inputs: [TraceInput]) throws(TraceError) -> (CSVLayout, isHeader: Bool) {
        let header = (0..<lines.count).map { lines.text($0) }
        let first = header[0].lowercased()
        if first == names[0] {
            try checkRowHeader(header, lines)
            return (.rows, true)
        }
        if isNumber(lines.field(0), lines.separator) {
            if let columns = try sampled(header, lines, inputs, hasHeader: false) { return (.columns(columns), false) }
            return (.rows, false)
        }
        switch TimeColumn(first) {
        case .inUnit(let decimals):
            let signals = named(Array(header.dropFirst()), lines)
            guard !signals.isEmpty else { throw lines.fault("a time and no signal: \(forms)", at: 0) }
            return (.columns(Columns(timeDecimals: decimals, ofInput: try place(signals, 1, inputs, lines))), true)
        case .withoutUnit:
            throw lines.fault("column '\(header[0])' does not say its unit: write \(header[0]) [s], [ms], [us] or [ns]", at: 0)
        case nil:
            if let columns = try sampled(header, lines, inputs, hasHeader: true) { return (.columns(columns), true) }
            // A row whose time is none is told as such; anything else is no table of ours.
            if header.count <= 3, first.isEmpty || first.utf8.contains(where: { (0x30...0x39).contains($0) }) { return (.rows, false) }
            throw lines.fault("column '\(header[0])' is no time: \(forms)", at: 0)
        }
    }

    private static func checkRowHeader(_ header: [String], _ lines: CSVLines) throws(TraceError) {
        for (index, name) in names.enumerated() {
            guard index < header.count else { throw lines.fault("the header ends too early: write \(rowForm)", at: header.count - 1) }
            guard header[index].lowercased() == name else {
                throw lines.fault("column '\(header[index])' where '\(name)' belongs: write \(rowForm)", at: index)
            }
        }
        guard header.count == 3 else { throw lines.fault("more than three columns: write \(rowForm)", at: 3) }
    }

    /// sigrok's rows without times: its comments give rate and channels.
    private static func sampled(
        _ header: [String], _ lines: CSVLines, _ inputs: [TraceInput], hasHeader: Bool
    ) throws(TraceError) -> Columns? {
        guard let rate = lines.remarks.lazy.compactMap(sampleRate).first else { return nil }
        let signals = named(hasHeader ? header : header.map { _ in "logic" }, lines)
        return Columns(timeDecimals: nil, samplesPerSecond: rate, ofInput: try place(signals, 0, inputs, lines))
    }

    private static func place(
        _ signals: [String], _ offset: Int, _ inputs: [TraceInput], _ lines: CSVLines
    ) throws(TraceError) -> [Int] {
        do throws(SignalFault) {
            return try inputs.chosen(from: signals.map { [$0] }).map { $0 + offset }
        } catch {
            throw lines.fault(error.message, at: offset)
        }
    }

    /// sigrok labels columns by their unit and lists the channels in a comment: "Channels (2/13): D0, D1".
    private static func named(_ header: [String], _ lines: CSVLines) -> [String] {
        guard header.allSatisfy({ $0.lowercased() == "logic" }) else { return header }
        let list = lines.remarks.lazy.compactMap { remark -> [String]? in
            guard remark.hasPrefix("Channels ("), let colon = remark.firstIndex(of: ":") else { return nil }
            return remark[remark.index(after: colon)...].split { $0 == "," || $0.isWhitespace }.map(String.init)
        }.first
        guard let list, list.count == header.count else { return header }
        return list
    }

    /// "Samplerate: 20 kHz".
    private static func sampleRate(_ remark: String) -> Int64? {
        let words = remark.split(whereSeparator: \.isWhitespace)
        guard words.count == 3, words[0] == "Samplerate:", let places = ["Hz": 0, "kHz": 3, "MHz": 6, "GHz": 9][words[2]] else {
            return nil
        }
        guard let rate = decimal(ArraySlice(words[1].utf8), places: places, takesComma: false, takesSign: false), rate > 0 else {
            return nil
        }
        return rate
    }

    private static func isNumber(_ field: ArraySlice<UInt8>, _ separator: UInt8) -> Bool {
        decimal(field, places: 9, takesComma: separator != UInt8(ascii: ",")) != nil || wholeNumber(field) != nil
    }
}

/// The header of a column of times.
private enum TimeColumn {
    /// Decimals that make it whole nanoseconds.
    case inUnit(Int)
    case withoutUnit

    /// nil for another column. "time [s]", "time(ms)", "timestamp_us", "zeit / s", "microseconds".
    init?(_ header: String) {
        let decimals = [
            "s": 9, "sec": 9, "seconds": 9, "ms": 6, "milliseconds": 6, "us": 3, "µs": 3, "μs": 3, "microseconds": 3,
            "ns": 0, "nanoseconds": 0,
        ]
        if header.count > 2, let unit = decimals[header] {
            self = .inUnit(unit)
            return
        }
        guard let name = ["timestamp", "time", "zeit"].first(where: { header.hasPrefix($0) }) else { return nil }
        let rest = header.dropFirst(name.count).filter { !" []()_/".contains($0) }
        if rest.isEmpty {
            self = .withoutUnit
        } else if let unit = decimals[String(rest)] {
            self = .inUnit(unit)
        } else {
            return nil
        }
    }
}
