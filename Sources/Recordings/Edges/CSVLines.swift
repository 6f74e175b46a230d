import SensorCore

/// Rows of comma-separated values (RFC 4180, and what spreadsheets make of it), with the place of each field.
struct CSVLines {
    var bytes: TraceBytes
    /// Set by the first row.
    private(set) var separator = UInt8(ascii: ",")
    /// Comment lines before the first row, without their mark.
    private(set) var remarks: [String] = []

    private var row: [UInt8] = []
    private var line = 1
    private var fields: [Field] = []
    private var isFirst = true

    private struct Field {
        /// In `row`, without blanks and quotes around it.
        var range: Range<Int>
        /// From 1, in bytes.
        var column: Int
    }

    private static let longestRow = 8 * longestField
    private static let mostRemarks = 32

    init(_ bytes: TraceBytes) { self.bytes = bytes }

    /// Of the row in hand.
    var count: Int { fields.count }

    func field(_ index: Int) -> ArraySlice<UInt8> { row[fields[index].range] }

    /// As text, for messages and names.
    func text(_ index: Int) -> String { String(decoding: field(index).prefix(80), as: UTF8.self) }

    /// An error at a field, or at the row's end.
    func fault(_ message: Sentence, at index: Int) -> TraceError {
        bytes.fault(message, line: line, column: index < fields.count ? fields[index].column : row.count + 1)
    }

    /// Takes the next row that says something; false at the end of the file.
    mutating func read() throws(TraceError) -> Bool {
        while try readLine() {
            let start = row.firstIndex { !Self.isBlank($0) }
            guard let start else { continue }
            if row[start] == UInt8(ascii: "#") || row[start] == UInt8(ascii: ";") {
                if isFirst, remarks.count < Self.mostRemarks {
                    remarks.append(String(decoding: row[(start + 1)...].drop(while: Self.isBlank).prefix(longestField), as: UTF8.self))
                }
                continue
            }
            if isFirst { separator = Self.separator(of: row) }
            isFirst = false
            try split()
            return true
        }
        return false
    }

    /// The bytes up to the next line end, which is not among them; false at the end of the file.
    private mutating func readLine() throws(TraceError) -> Bool {
        row.removeAll(keepingCapacity: true)
        line = bytes.line
        var isAny = false
        while let byte = try bytes.next() {
            isAny = true
            if byte == UInt8(ascii: "\n") { return true }
            row.append(byte)
            if row.count > Self.longestRow {
                throw bytes.fault("a row of more than \(Self.longestRow) bytes: this is not a trace", line: line, column: 1)
            }
        }
        return isAny
    }

    private mutating func split() throws(TraceError) {
        fields.removeAll(keepingCapacity: true)
        var start = 0
        var isQuoted = false
        for index in 0...row.count {
            if index < row.count {
                if row[index] == UInt8(ascii: "\"") { isQuoted.toggle() }
                if row[index] != separator || isQuoted { continue }
            }
            try add(start..<index)
            start = index + 1
        }
        if isQuoted { throw fault("a quote that does not end", at: fields.count - 1) }
    }

    private mutating func add(_ whole: Range<Int>) throws(TraceError) {
        var (start, end) = (whole.lowerBound, whole.upperBound)
        while start < end, Self.isBlank(row[start]) { start += 1 }
        while end > start, Self.isBlank(row[end - 1]) { end -= 1 }
        let column = start + 1
        if end - start >= 2, row[start] == UInt8(ascii: "\""), row[end - 1] == UInt8(ascii: "\"") {
            start += 1
            end -= 1
            while start < end, Self.isBlank(row[start]) { start += 1 }
            while end > start, Self.isBlank(row[end - 1]) { end -= 1 }
        }
        fields.append(Field(range: start..<end, column: column))
        guard whole.count <= longestField else {
            throw fault("a field of more than \(longestField) bytes: this is not a trace", at: fields.count - 1)
        }
    }

    /// Semicolons and tabs are never a part of a number or name here; commas may be.
    private static func separator(of row: [UInt8]) -> UInt8 {
        for candidate in [UInt8(ascii: ";"), UInt8(ascii: "\t")] {
            var isQuoted = false
            for byte in row {
                if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
                // A tab between blanks and commas is only a blank.
                if byte == candidate, !isQuoted, candidate == UInt8(ascii: ";") || !row.contains(UInt8(ascii: ",")) { return candidate }
            }
        }
        return UInt8(ascii: ",")
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\r")
    }
}
