/// Edges as comma-separated values, in either of two shapes.
///
/// - **A row per change**, `timestamp_ns,line,level`: whole nanoseconds, the input's role or name, 0 or 1. The header row may be
///   left out. A first row of an input with level 0 on a quiet line may also be its state and is taken so by the replay.
/// - **A column per signal**, as logic analysers export: a column of times with its unit in the header (`Time [s]`, `Time (ms)`,
///   sigrok's `microseconds`), then columns of 0 and 1. sigrok's rows without times are placed by its `Samplerate` comment. The
///   first row is the state that the recording began with.
///
/// Fields are separated by commas, semicolons or tabs, and may be quoted. With semicolons or tabs a decimal comma is read too. Blank
/// lines, and lines that begin with `#` or `;`, are skipped.
public struct CSVTrace: EdgeTrace {
    private var lines: CSVLines
    private let inputs: [TraceInput]
    private var layout: CSVLayout?
    private var waiting: ArraySlice<TraceSample> = []
    private var levels: [Bool?]
    private var rows: Int64 = 0
    /// What an input may be called in a row, one after the other.
    private let names: [UInt8]
    private let nameEnds: [(end: Int, input: Int)]
    private let longestName: Int

    public private(set) var firstTimestamp: Int64?
    public private(set) var lastTimestamp: Int64?
    public var givesEveryLevel: Bool {
        if case .columns = layout { true } else { false }
    }

    public init(_ bytes: TraceBytes, inputs: [TraceInput]) {
        lines = CSVLines(bytes)
        self.inputs = inputs
        levels = [Bool?](repeating: nil, count: inputs.count)
        var names: [UInt8] = []
        var ends: [(end: Int, input: Int)] = []
        var longest = 0
        for (index, input) in inputs.enumerated() {
            for name in input.names {
                names += Array(name.utf8)
                ends.append((names.count, index))
                longest = max(longest, name.utf8.count)
            }
        }
        (self.names, nameEnds, longestName) = (names, ends, longest)
    }

    public mutating func next() throws(TraceError) -> TraceSample? {
        while true {
            if let sample = waiting.popFirst() { return sample }
            if case .rows = layout, lines.separator == UInt8(ascii: ","), let sample = nextPlain() { return sample }
            guard try lines.read() else { return nil }
            if let layout {
                try take(layout)
            } else {
                let (found, isHeader) = try CSVLayout.find(in: &lines, inputs: inputs)
                layout = found
                if !isHeader { try take(found) }
            }
        }
    }

    private mutating func take(_ layout: CSVLayout) throws(TraceError) {
        switch layout {
        case .rows: waiting = [try changeRow()]
        case .columns(let columns): try takeColumns(columns)
        }
        rows += 1
    }

    // MARK: A row per change

    /// The next row, if it looks as nearly all do, without a blank in it, and surely lies in the piece in hand. Any other is
    /// left for the reader of lines; so is everything that is wrong.
    private mutating func nextPlain() -> TraceSample? {
        let row = lines.bytes.window
        guard row.count > longestPlainNumber + longestName + 4,
            let (timestamp, timeEnd) = plainNumber(in: row, from: 0), row[timeEnd] == UInt8(ascii: ","),
            timestamp >= lastTimestamp ?? timestamp, let (input, nameEnd) = name(in: row, from: timeEnd + 1)
        else { return nil }
        let level = row[nameEnd + 1]
        guard level == UInt8(ascii: "0") || level == UInt8(ascii: "1"), row[nameEnd + 2] == UInt8(ascii: "\n") else { return nil }
        lines.bytes.skip(nameEnd + 3, lines: 1, lastEnd: nameEnd + 2)
        if firstTimestamp == nil { firstTimestamp = timestamp }
        lastTimestamp = timestamp
        return TraceSample(nanoseconds: timestamp, input: input, level: level == UInt8(ascii: "1"), isInitial: false)
    }

    /// The input named up to the next comma, and where that is. Unknown names are found out about elsewhere.
    private func name(in row: UnsafeRawBufferPointer, from start: Int) -> (input: Int, end: Int)? {
        var begin = 0
        for (end, input) in nameEnds {
            let length = end - begin
            var same = 0
            while same < length && row[start + same] == names[begin + same] { same += 1 }
            if same == length && row[start + length] == UInt8(ascii: ",") { return (input, start + length) }
            begin = end
        }
        return nil
    }

    private mutating func changeRow() throws(TraceError) -> TraceSample {
        let form = CSVLayout.rowForm
        guard let timestamp = wholeNumber(lines.field(0)) else {
            throw lines.fault("'\(lines.text(0))' is not a time in whole nanoseconds", at: 0)
        }
        try move(to: timestamp, text: "\(timestamp)")
        guard lines.count > 1 else { throw lines.fault("the row ends after its time: write \(form)", at: 0) }
        let name = lines.text(1)
        guard let input = inputs.firstIndex(where: { $0.isCalled(name) })
        else { throw lines.fault("unknown line '\(name)': the channel has \(listed(inputs))", at: 1) }
        guard lines.count > 2 else { throw lines.fault("the row ends without a level: write \(form)", at: 1) }
        guard let level = level(2) else { throw lines.fault("level '\(lines.text(2))': write 0 or 1", at: 2) }
        guard lines.count == 3 else { throw lines.fault("more than three columns: write \(form)", at: 3) }
        note(timestamp)
        return TraceSample(nanoseconds: timestamp, input: input, level: level, isInitial: false)
    }

    // MARK: A column per signal

    private mutating func takeColumns(_ columns: CSVLayout.Columns) throws(TraceError) {
        let timestamp: Int64
        if let decimals = columns.timeDecimals {
            guard let time = decimal(lines.field(0), places: decimals, takesComma: lines.separator != UInt8(ascii: ",")) else {
                throw lines.fault("'\(lines.text(0))' is not a time", at: 0)
            }
            try move(to: time, text: lines.text(0))
            timestamp = time
        } else {
            // By the number of the row: exact, since the rate divides or is rounded once.
            let (product, overflow) = rows.multipliedReportingOverflow(by: 1_000_000_000)
            guard !overflow else { throw lines.fault("more rows than a trace can have", at: 0) }
            timestamp = product / columns.samplesPerSecond
        }
        for (input, column) in columns.ofInput.enumerated() {
            guard column < lines.count else {
                throw lines.fault("the row ends before column \(column + 1), which is \(listed([inputs[input]]))", at: lines.count - 1)
            }
            guard let level = level(column) else {
                throw lines.fault("level '\(lines.text(column))' of \(listed([inputs[input]])): write 0 or 1", at: column)
            }
            guard levels[input] != level else { continue }
            waiting.append(TraceSample(nanoseconds: timestamp, input: input, level: level, isInitial: levels[input] == nil))
            levels[input] = level
        }
        note(timestamp)
    }

    private func level(_ column: Int) -> Bool? {
        let field = lines.field(column)
        guard field.count == 1 else { return nil }
        return field.first == UInt8(ascii: "1") ? true : field.first == UInt8(ascii: "0") ? false : nil
    }

    private func move(to timestamp: Int64, text: String) throws(TraceError) {
        guard let last = lastTimestamp, timestamp < last else { return }
        throw lines.fault("time runs backwards: \(timestamp) ns after \(last) ns", at: 0)
    }

    private mutating func note(_ timestamp: Int64) {
        if firstTimestamp == nil { firstTimestamp = timestamp }
        lastTimestamp = timestamp
    }
}

/// nil for anything but digits, and above 2^63 - 1.
func wholeNumber(_ field: ArraySlice<UInt8>) -> Int64? { decimal(field, places: 0, takesComma: false, takesSign: false) }

/// A decimal number times 10^`places`; digits beyond that are cut off. nil for what is none, and for one that is too large.
func decimal(_ field: ArraySlice<UInt8>, places: Int, takesComma: Bool, takesSign: Bool = true) -> Int64? {
    var digits = field
    var isNegative = false
    if takesSign, let sign = digits.first, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") {
        isNegative = sign == UInt8(ascii: "-")
        digits = digits.dropFirst()
    }
    guard !digits.isEmpty else { return nil }
    var value: Int64 = 0
    var fraction: Int?
    var hasDigit = false
    func append(_ digit: Int64) -> Bool {
        let (shifted, tooLong) = value.multipliedReportingOverflow(by: 10)
        let (sum, tooLarge) = shifted.addingReportingOverflow(digit)
        value = sum
        return !tooLong && !tooLarge
    }
    for byte in digits {
        if byte == UInt8(ascii: ".") || takesComma && byte == UInt8(ascii: ",") {
            guard fraction == nil, places > 0 else { return nil }
            fraction = 0
            continue
        }
        guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
        hasDigit = true
        if let cut = fraction {
            guard cut < places else { continue }
            fraction = cut + 1
        }
        guard append(Int64(byte - UInt8(ascii: "0"))) else { return nil }
    }
    guard hasDigit else { return nil }
    for _ in (fraction ?? 0)..<places {
        guard append(0) else { return nil }
    }
    return isNegative ? -value : value
}
