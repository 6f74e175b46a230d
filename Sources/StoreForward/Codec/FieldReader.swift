import SensorCore

/// Walks over the fields of one record body, or of a part of it. Offsets in errors count from the body's first byte.
///
/// Points into memory of its caller, so it must not outlive the call that made it.
struct FieldReader {
    private let body: UnsafeRawBufferPointer
    private var position: Int
    private let end: Int
    /// One for the whole body.
    private let unknown: UnsafeMutablePointer<Bool>

    /// - Parameter holdsUnknown: set where something is passed over that only a newer program can read.
    init(_ body: UnsafeRawBufferPointer, holdsUnknown: UnsafeMutablePointer<Bool>) {
        self.init(body, 0..<body.count, holdsUnknown)
    }

    private init(_ body: UnsafeRawBufferPointer, _ range: Range<Int>, _ unknown: UnsafeMutablePointer<Bool>) {
        self.body = body
        self.unknown = unknown
        position = range.lowerBound
        end = range.upperBound
    }

    /// One field, not yet interpreted.
    struct Field {
        fileprivate enum Value {
            case number(UInt64)
            case double(Double)
            case bytes(Range<Int>)
        }

        let tag: UInt64
        fileprivate let value: Value
        fileprivate let offset: Int
        fileprivate let body: UnsafeRawBufferPointer
        fileprivate let unknown: UnsafeMutablePointer<Bool>
    }

    /// Something was passed over, here or in another part of the body.
    var holdsUnknown: Bool { unknown.pointee }
    func noteUnknown() { unknown.pointee = true }

    /// nil at the end.
    mutating func next() throws(RecordCodecError) -> Field? {
        guard position < end else { return nil }
        let offset = position
        let key = try readVarint()
        let value: Field.Value
        switch FieldWriter.WireType(rawValue: key & 3) {
        case .number:
            value = .number(try readVarint())
        case .double:
            guard end - position >= 8 else { throw error(offset, "a double is cut short") }
            let bits = body.loadUnaligned(fromByteOffset: position, as: UInt64.self)
            value = .double(Double(bitPattern: UInt64(littleEndian: bits)))
            position += 8
        case .bytes:
            value = .bytes(try readRange())
        case nil:
            throw error(offset, "wire type \(key & 3) is not known")
        }
        return Field(tag: key >> 2, value: value, offset: offset, body: body, unknown: unknown)
    }

    mutating func readVarint() throws(RecordCodecError) -> UInt64 {
        let start = position
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while position < end {
            let byte = body[position]
            position += 1
            let bits = UInt64(byte & 0x7F)
            guard shift < 63 || bits <= 1 else { throw error(start, "a number has more than 64 bits") }
            value |= bits << shift
            if byte & 0x80 == 0 { return value }
            shift += 7
            guard shift <= 63 else { throw error(start, "a number has more than 64 bits") }
        }
        throw error(start, "a number is cut short")
    }

    /// A length, then a reader of exactly so many bytes.
    mutating func readPart() throws(RecordCodecError) -> FieldReader {
        FieldReader(body, try readRange(), unknown)
    }

    private mutating func readRange() throws(RecordCodecError) -> Range<Int> {
        let start = position
        let length = try readVarint()
        guard length <= UInt64(end - position) else {
            throw error(start, "\(length) bytes are announced, \(end - position) are there")
        }
        let range = position..<position + Int(length)
        position = range.upperBound
        return range
    }

    var isAtEnd: Bool { position == end }

    /// A field without which the part means nothing.
    func required<T>(_ value: T?, _ name: String) throws(RecordCodecError) -> T {
        guard let value else { throw error(position, "\(name) is missing") }
        return value
    }

    func error(_ offset: Int, _ detail: Sentence) -> RecordCodecError {
        RecordCodecError(offset: offset, detail: detail)
    }

    func malformed(_ detail: Sentence) -> RecordCodecError { error(position, detail) }
}

extension FieldReader.Field {
    func number() throws(RecordCodecError) -> UInt64 {
        guard case .number(let value) = value else { throw malformed("not a number") }
        return value
    }

    func signed() throws(RecordCodecError) -> Int64 {
        let folded = try number()
        return Int64(bitPattern: folded >> 1) ^ -Int64(bitPattern: folded & 1)
    }

    func narrow<T: FixedWidthInteger>(to type: T.Type) throws(RecordCodecError) -> T {
        let value = try number()
        guard let narrow = T(exactly: value) else { throw malformed("out of range: \(value)") }
        return narrow
    }

    func flag() throws(RecordCodecError) -> Bool {
        switch try number() {
        case 0: return false
        case 1: return true
        case let value: throw malformed("neither 0 nor 1: \(value)")
        }
    }

    func double() throws(RecordCodecError) -> Double {
        guard case .double(let value) = value else { throw malformed("not a double") }
        return value
    }

    func text() throws(RecordCodecError) -> String {
        guard case .bytes(let range) = value else { throw malformed("not text") }
        guard let text = String(validating: UnsafeRawBufferPointer(rebasing: body[range]), as: UTF8.self) else {
            throw malformed("not UTF-8")
        }
        return text
    }

    /// Text as `CommonPhrases` packs it; plain text is its own packed form.
    func phrases() throws(RecordCodecError) -> String {
        guard case .bytes(let range) = value else { throw malformed("not text") }
        guard let text = CommonPhrases.unpacked(body[range]) else { throw malformed("not UTF-8") }
        return text
    }

    func part() throws(RecordCodecError) -> FieldReader {
        guard case .bytes(let range) = value else { throw malformed("not a part") }
        return FieldReader(body, range, unknown)
    }

    /// A case of an enumeration, by the number the codec gave it.
    /// nil for a code that only a newer program knows, which is noted.
    func coded<T: Coded>(as type: T.Type) throws(RecordCodecError) -> T? {
        let code = try number()
        let value = T.allCases.first { $0.code == code }
        if value == nil { passOver() }
        return value
    }

    /// A field that only a newer program knows.
    func passOver() { unknown.pointee = true }

    private func malformed(_ detail: Sentence) -> RecordCodecError {
        RecordCodecError(offset: offset, detail: "field \(tag): \(detail)")
    }
}
