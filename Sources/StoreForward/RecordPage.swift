import SensorCore

/// One page, read as a leaf of the table `record` (sqlite.org/fileformat2.html, sections 1.6 and 2.1). Every number in it may be
/// wrong: what leads out of the page, or to a row whose checksum is not right, is no row.
struct RecordPage {
    private let bytes: [UInt8]
    private let files: ScannedFiles
    private let page: ScannedPage

    private static let leafOfATable: UInt8 = 0x0D
    /// sequence, kind, boot, start_ns, end_ns, checksum, body.
    private static let columns = 7

    init(_ bytes: [UInt8], _ files: ScannedFiles, _ page: ScannedPage) {
        self.bytes = bytes
        self.files = files
        self.page = page
    }

    func forEach(_ body: (UInt64, PageScan.Row) -> Void) {
        // The first page begins with the file's header and holds the schema.
        guard bytes.count >= 512, bytes[0] == Self.leafOfATable else { return }
        let cells = Int(bytes[3]) << 8 | Int(bytes[4])
        guard 8 + 2 * cells <= bytes.count else { return }
        for index in 0..<cells {
            let start = Int(bytes[8 + 2 * index]) << 8 | Int(bytes[9 + 2 * index])
            guard let (number, row) = cell(at: start) else { continue }
            body(number, row)
        }
    }

    private func cell(at start: Int) -> (UInt64, PageScan.Row)? {
        var bytes = FieldBytes(bytes, at: start)
        guard let length = bytes.varint(), length > 0, length <= UInt64(JournalSchema.greatestRowBytes), let number = bytes.varint(),
            number > 0,
            number <= JournalSchema.greatestSequence
        else { return nil }
        let local = localBytes(of: Int(length))
        guard bytes.position + local <= self.bytes.count else { return nil }
        let head = self.bytes[bytes.position..<bytes.position + local]
        if local == Int(length) { return row(number, Array(head)) }
        guard bytes.position + local + 4 <= self.bytes.count else { return nil }
        let next = self.bytes[bytes.position + local..<bytes.position + local + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        for fromLog in page.isInLog ? [true, false] : [false, true] {
            if let payload = payload(head, next, Int(length), fromLog), let row = row(number, payload) { return row }
        }
        return nil
    }

    /// How much of a payload is on the page itself ("B-tree Cell Format").
    private func localBytes(of length: Int) -> Int {
        let usable = bytes.count
        guard length > usable - 35 else { return length }
        let least = (usable - 12) * 32 / 255 - 23
        let fitting = least + (length - least) % (usable - 4)
        return fitting <= usable - 35 ? fitting : least
    }

    private func payload(_ head: ArraySlice<UInt8>, _ first: UInt32, _ length: Int, _ fromLog: Bool) -> [UInt8]? {
        var payload = Array(head)
        var next = first
        var more: [UInt8] = []
        while payload.count < length {
            guard next > 0, let page = files.page(next, fromLog: fromLog), files.read(page, into: &more) else { return nil }
            next = more[0..<4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            payload += more[4..<min(more.count, 4 + length - payload.count)]
        }
        return payload
    }

    private func row(_ number: UInt64, _ payload: [UInt8]) -> (UInt64, PageScan.Row)? {
        var header = FieldBytes(payload, at: 0)
        guard let headerBytes = header.varint(), headerBytes <= UInt64(payload.count) else { return nil }
        var types: [UInt64] = []
        while header.position < Int(headerBytes) {
            guard types.count < Self.columns, let type = header.varint() else { return nil }
            types.append(type)
        }
        // The first column is the row's number, and stands for it as NULL; the last is a blob.
        guard types.count == Self.columns, types[0] == 0, types[6] >= 12, types[6] % 2 == 0 else { return nil }
        var fields = FieldBytes(payload, at: Int(headerBytes))
        var values: [Int64] = []
        for type in types[1...5] {
            guard let value = fields.integer(ofType: type) else { return nil }
            values.append(value)
        }
        let length = (types[6] - 12) / 2
        guard length == UInt64(payload.count - fields.position) else { return nil }
        let body = Array(payload[fields.position...])
        let right = body.withUnsafeBytes { JournalSchema.checksum(sequence: Int64(number), boot: values[1], body: $0) }
        guard right == values[4] else { return nil }
        return (number, PageScan.Row(boot: values[1], checksum: values[4], body: body))
    }
}

/// SQLite's fields, one after the other.
private struct FieldBytes {
    private let bytes: [UInt8]
    private(set) var position: Int

    init(_ bytes: [UInt8], at position: Int) {
        self.bytes = bytes
        self.position = position
    }

    /// One to nine bytes; nil at the end.
    mutating func varint() -> UInt64? {
        var value: UInt64 = 0
        for index in 0..<9 {
            guard position < bytes.count else { return nil }
            let byte = bytes[position]
            position += 1
            if index == 8 { return value << 8 | UInt64(byte) }
            value = value << 7 | UInt64(byte & 0x7F)
            if byte < 0x80 { return value }
        }
        return value
    }

    /// "Serial Type Codes Of The Record Format"; nil for what is no integer.
    mutating func integer(ofType type: UInt64) -> Int64? {
        let length: Int
        switch type {
        case 1...4: length = Int(type)
        case 5: length = 6
        case 6: length = 8
        case 8: return 0
        case 9: return 1
        default: return nil
        }
        guard position + length <= bytes.count else { return nil }
        var value: Int64 = bytes[position] >= 0x80 ? -1 : 0
        for byte in bytes[position..<position + length] { value = value << 8 | Int64(byte) }
        position += length
        return value
    }
}
