/// Numbers, texts and lists as bytes: little-endian, each list with its length before it.
struct FrameWriter {
    var bytes: [UInt8]

    mutating func number<Number: FixedWidthInteger>(_ number: Number) {
        withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
    }

    mutating func flag(_ flag: Bool) { bytes.append(flag ? 1 : 0) }

    mutating func list(_ list: [UInt8]) {
        number(UInt32(clamping: list.count))
        bytes.append(contentsOf: list)
    }

    mutating func text(_ text: String) {
        number(UInt32(clamping: text.utf8.count))
        bytes.append(contentsOf: text.utf8)
    }

    mutating func optional<Value>(_ value: Value?, _ write: (inout FrameWriter, Value) -> Void) {
        flag(value != nil)
        if let value { write(&self, value) }
    }

    mutating func text(_ text: String?) { optional(text) { $0.text($1) } }
}

/// Reads what `FrameWriter` has written, from bytes that may be anything. After the first that cannot be, everything it gives is
/// empty and `isWhole` stays false.
struct FrameReader {
    private let bytes: UnsafeRawBufferPointer
    private var offset = 0
    private(set) var isBroken = false

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    /// Nothing more can come.
    var isOver: Bool { isBroken || offset == bytes.count }
    /// All of it was read, and all of it could be.
    var isWhole: Bool { !isBroken && offset == bytes.count }

    private mutating func take(_ count: Int) -> UnsafeRawBufferPointer? {
        guard !isBroken, count <= bytes.count - offset else {
            isBroken = true
            return nil
        }
        defer { offset += count }
        return UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + count])
    }

    mutating func number<Number: FixedWidthInteger>(_ type: Number.Type = Number.self) -> Number {
        guard let piece = take(MemoryLayout<Number>.size) else { return 0 }
        return Number(littleEndian: piece.loadUnaligned(as: Number.self))
    }

    mutating func flag() -> Bool {
        let number = number(UInt8.self)
        if number > 1 { isBroken = true }
        return number == 1
    }

    mutating func list() -> [UInt8] { take(Int(number(UInt32.self))).map { Array($0) } ?? [] }

    mutating func text() -> String {
        guard let piece = take(Int(number(UInt32.self))), let text = String(validating: piece, as: UTF8.self) else {
            isBroken = true
            return ""
        }
        return text
    }

    mutating func optional<Value>(_ read: (inout FrameReader) -> Value) -> Value? { flag() ? read(&self) : nil }

    mutating func optionalText() -> String? { optional { $0.text() } }

    /// Text that a person is shown: what would move a terminal's cursor or forge a line of a log is taken out.
    mutating func line() -> String {
        Self.line(text())
    }

    static func line(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isControl) || text.utf8.count > longestLine else { return text }
        return String(String.UnicodeScalarView(text.unicodeScalars.prefix(longestLine / 4).map { isControl($0) ? "?" : $0 }))
    }

    static let longestLine = 4000

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool { scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) }

    /// A value that must be one; else the rest is broken.
    mutating func known<Value>(_ value: Value?, or other: Value) -> Value {
        if let value { return value }
        isBroken = true
        return other
    }
}
