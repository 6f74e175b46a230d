/// Writes one JSON text (RFC 8259) in the order it is told, without spaces.
///
/// The caller keeps the grammar: in an object every value goes through a `…field`, in an array through an
/// `…element`.
/// Doubles come as the shortest decimal that reads back as the same value, always with a point or an exponent. NaN and
/// infinities have no JSON form and are written as `null`, like an absent value.
public struct JSONWriter: Sendable {
    /// The UTF-8 text so far.
    public private(set) var bytes: [UInt8] = []
    private var needsComma = false

    public init() {}

    /// The text of one object.
    public static func object(_ fields: (inout JSONWriter) -> Void) -> [UInt8] {
        var writer = JSONWriter()
        writer.bytes.reserveCapacity(768)
        writer.writeObject(fields)
        return writer.bytes
    }

    public mutating func field(_ name: String, _ value: String?) {
        writeName(name)
        write(value)
    }
    public mutating func field(_ name: String, _ value: Double?) {
        writeName(name)
        write(value)
    }
    public mutating func field(_ name: String, _ value: Bool?) {
        writeName(name)
        write(value)
    }
    public mutating func field(_ name: String, _ value: (some FixedWidthInteger)?) {
        writeName(name)
        write(value)
    }
    /// A field whose value is an object.
    public mutating func objectField(_ name: String, _ fields: (inout JSONWriter) -> Void) {
        writeName(name)
        writeObject(fields)
    }
    /// A field whose value is an array.
    public mutating func arrayField(_ name: String, _ elements: (inout JSONWriter) -> Void) {
        writeName(name)
        writeArray(elements)
    }
    /// A field that has no value: `null`.
    public mutating func nullField(_ name: String) {
        writeName(name)
        writeNull()
    }

    public mutating func element(_ value: String?) {
        separate()
        write(value)
    }
    public mutating func element(_ value: Double?) {
        separate()
        write(value)
    }
    public mutating func element(_ value: (some FixedWidthInteger)?) {
        separate()
        write(value)
    }
    public mutating func objectElement(_ fields: (inout JSONWriter) -> Void) {
        separate()
        writeObject(fields)
    }

    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
    }

    private mutating func writeName(_ name: String) {
        separate()
        writeText(name)
        bytes.append(UInt8(ascii: ":"))
    }

    private mutating func writeObject(_ fields: (inout JSONWriter) -> Void) {
        bytes.append(UInt8(ascii: "{"))
        needsComma = false
        fields(&self)
        bytes.append(UInt8(ascii: "}"))
        needsComma = true
    }

    private mutating func writeArray(_ elements: (inout JSONWriter) -> Void) {
        bytes.append(UInt8(ascii: "["))
        needsComma = false
        elements(&self)
        bytes.append(UInt8(ascii: "]"))
        needsComma = true
    }

    private mutating func write(_ value: String?) {
        guard let value else { return writeNull() }
        writeText(value)
        needsComma = true
    }

    private mutating func write(_ value: Double?) {
        guard let value, value.isFinite else { return writeNull() }
        bytes.append(contentsOf: value.description.utf8)
        needsComma = true
    }

    private mutating func write(_ value: Bool?) {
        guard let value else { return writeNull() }
        bytes.append(contentsOf: (value ? "true" : "false").utf8)
        needsComma = true
    }

    private mutating func write(_ value: (some FixedWidthInteger)?) {
        guard let value else { return writeNull() }
        bytes.append(contentsOf: String(value).utf8)
        needsComma = true
    }

    private mutating func writeNull() {
        bytes.append(contentsOf: "null".utf8)
        needsComma = true
    }

    /// Escapes what RFC 8259 §7 demands, and U+2028 and U+2029, which end a line in JavaScript.
    private mutating func writeText(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x22: bytes.append(contentsOf: "\\\"".utf8)
            case 0x5C: bytes.append(contentsOf: "\\\\".utf8)
            case 0x08: bytes.append(contentsOf: "\\b".utf8)
            case 0x09: bytes.append(contentsOf: "\\t".utf8)
            case 0x0A: bytes.append(contentsOf: "\\n".utf8)
            case 0x0C: bytes.append(contentsOf: "\\f".utf8)
            case 0x0D: bytes.append(contentsOf: "\\r".utf8)
            case 0x00..<0x20:
                bytes.append(contentsOf: (scalar.value < 0x10 ? "\\u000" : "\\u00").utf8)
                bytes.append(contentsOf: String(scalar.value, radix: 16).utf8)
            case 0x20..<0x80: bytes.append(UInt8(truncatingIfNeeded: scalar.value))
            case 0x2028: bytes.append(contentsOf: "\\u2028".utf8)
            case 0x2029: bytes.append(contentsOf: "\\u2029".utf8)
            default: bytes.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}
