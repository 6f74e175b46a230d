/// Edges as rows `timestamp_ns,line,level`: whole nanoseconds, the input's role or name, 0 or 1.
///
/// Each row is a change; a first row of an input with level 0 on a quiet line may also be its state and is taken so by
/// the replay. A header row is allowed. Blank lines, and rows that begin with `#`, are skipped.
public struct CSVTrace: EdgeTrace {
    private var bytes: TraceBytes
    private let inputs: [TraceInput]
    private var field: [UInt8] = []
    private var fieldLine = 1
    private var fieldColumn = 1
    private var isFirstRow = true
    /// What an input may be called in a row, one after the other.
    private let names: [UInt8]
    private let nameEnds: [(end: Int, input: Int)]
    private let longestName: Int

    public private(set) var firstTimestamp: Int64?
    public private(set) var lastTimestamp: Int64?

    public init(_ bytes: TraceBytes, inputs: [TraceInput]) {
        self.bytes = bytes
        self.inputs = inputs
        field.reserveCapacity(64)
        var names: [UInt8] = []
        var ends: [(end: Int, input: Int)] = []
        var longest = 0
        for (index, input) in inputs.enumerated() {
            for name in [input.name, input.role] {
                names += Array(name.utf8)
                ends.append((names.count, index))
                longest = max(longest, name.utf8.count)
            }
        }
        (self.names, nameEnds, longestName) = (names, ends, longest)
    }

    private enum Ending { case comma, line, file }

    public mutating func next() throws(TraceError) -> TraceSample? {
        if !isFirstRow, let sample = nextPlain() { return sample }
        while true {
            let ending = try readField()
            if field.isEmpty && ending == .file { return nil }
            if field.isEmpty && ending == .line { continue }
            if field.first == UInt8(ascii: "#") {
                var ending = ending
                while ending == .comma { ending = try readField() }
                continue
            }
            defer { isFirstRow = false }
            if isFirstRow && field.elementsEqual("timestamp_ns".utf8) {
                try readHeader(after: ending)
                continue
            }
            return try readRow(after: ending)
        }
    }

    /// The next row, if it looks as nearly all do, without a blank in it, and surely lies in the piece in hand. Any other is
    /// left for `readField`; so is everything that is wrong.
    private mutating func nextPlain() -> TraceSample? {
        let row = bytes.window
        guard row.count > longestPlainNumber + longestName + 4,
            let (timestamp, timeEnd) = plainNumber(in: row, from: 0), row[timeEnd] == UInt8(ascii: ","),
            timestamp >= lastTimestamp ?? timestamp, let (input, nameEnd) = name(in: row, from: timeEnd + 1)
        else { return nil }
        let level = row[nameEnd + 1]
        guard level == UInt8(ascii: "0") || level == UInt8(ascii: "1"), row[nameEnd + 2] == UInt8(ascii: "\n") else { return nil }
        bytes.skip(nameEnd + 3, lines: 1, lastEnd: nameEnd + 2)
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

    private mutating func readHeader(after first: Ending) throws(TraceError) {
        var ending = first
        for name in ["line", "level"] {
            guard ending == .comma else { throw fieldFault("the header ends too early: write timestamp_ns,line,level") }
            ending = try readField()
            guard field.elementsEqual(name.utf8) else {
                throw fieldFault("column '\(text)' where '\(name)' belongs: write timestamp_ns,line,level")
            }
        }
        guard ending != .comma else { throw bytes.fault("more than three columns: write timestamp_ns,line,level") }
    }

    private mutating func readRow(after first: Ending) throws(TraceError) -> TraceSample {
        guard let timestamp = wholeNumber() else {
            throw fieldFault("'\(text)' is not a time in whole nanoseconds")
        }
        if let last = lastTimestamp, timestamp < last {
            throw fieldFault("time runs backwards: \(timestamp) ns after \(last) ns")
        }
        guard first == .comma else { throw fieldFault("the row ends after its time: write timestamp_ns,line,level") }
        let second = try readField()
        guard let input = inputs.firstIndex(where: { field.elementsEqual($0.role.utf8) || field.elementsEqual($0.name.utf8) })
        else { throw fieldFault("unknown line '\(text)': the channel has \(listed(inputs))") }
        guard second == .comma else { throw fieldFault("the row ends without a level: write timestamp_ns,line,level") }
        let third = try readField()
        guard field.count == 1, field[0] == UInt8(ascii: "0") || field[0] == UInt8(ascii: "1") else {
            throw fieldFault("level '\(text)': write 0 or 1")
        }
        let level = field[0] == UInt8(ascii: "1")
        guard third != .comma else { throw bytes.fault("more than three columns: write timestamp_ns,line,level") }
        if firstTimestamp == nil { firstTimestamp = timestamp }
        lastTimestamp = timestamp
        return TraceSample(nanoseconds: timestamp, input: input, level: level, isInitial: false)
    }

    /// Reads up to the next comma or line end; blanks around the field are not part of it.
    private mutating func readField() throws(TraceError) -> Ending {
        field.removeAll(keepingCapacity: true)
        fieldLine = bytes.line
        fieldColumn = bytes.column
        let start = bytes.column
        while let byte = try bytes.next() {
            switch byte {
            case UInt8(ascii: ","): return trimmed(.comma)
            case UInt8(ascii: "\n"): return trimmed(.line)
            case UInt8(ascii: "\r"), UInt8(ascii: " "), UInt8(ascii: "\t"):
                if !field.isEmpty { field.append(byte) } else { fieldColumn = bytes.column }
            default: field.append(byte)
            }
            if bytes.column - start > longestField {
                throw fieldFault("a field of more than \(longestField) bytes: this is not a trace")
            }
        }
        return trimmed(.file)
    }

    private mutating func trimmed(_ ending: Ending) -> Ending {
        while let last = field.last, last == UInt8(ascii: "\r") || last == UInt8(ascii: " ") || last == UInt8(ascii: "\t") {
            field.removeLast()
        }
        return ending
    }

    private var text: String { String(decoding: field.prefix(80), as: UTF8.self) }

    private func fieldFault(_ message: String) -> TraceError {
        bytes.fault(message, line: fieldLine, column: fieldColumn)
    }

    private func wholeNumber() -> Int64? {
        guard !field.isEmpty else { return nil }
        var value: Int64 = 0
        for byte in field {
            guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
            let (shifted, tooLong) = value.multipliedReportingOverflow(by: 10)
            let (sum, tooLarge) = shifted.addingReportingOverflow(Int64(byte - UInt8(ascii: "0")))
            if tooLong || tooLarge { return nil }
            value = sum
        }
        return value
    }
}
