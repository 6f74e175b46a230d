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

    /// The text of one array.
    public static func array(_ elements: (inout JSONWriter) -> Void) -> [UInt8] {
        var writer = JSONWriter()
        writer.bytes.reserveCapacity(768)
        writer.writeArray(elements)
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
    /// A field whose value is a string that `append` writes as UTF-8, without a `String` of its own. None of what it writes
    /// may need an escape (RFC 8259 §7).
    public mutating func field(_ name: String, unescaped append: (inout [UInt8]) -> Void) {
        writeName(name)
        bytes.append(UInt8(ascii: "\""))
        append(&bytes)
        bytes.append(UInt8(ascii: "\""))
        needsComma = true
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

    public mutating func arrayElement(_ elements: (inout JSONWriter) -> Void) {
        separate()
        writeArray(elements)
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
        writeDigits(of: value)
        needsComma = true
    }

    /// From the right into its place, without a text of its own: most of a record is whole numbers.
    private mutating func writeDigits(of value: some FixedWidthInteger) {
        if value < 0 { bytes.append(UInt8(ascii: "-")) }
        let first = bytes.count
        var rest = UInt64(value.magnitude)
        repeat {
            bytes.append(UInt8(ascii: "0") + UInt8(rest % 10))
            rest /= 10
        } while rest > 0
        bytes[first...].reverse()
    }

    private mutating func writeNull() {
        bytes.append(contentsOf: "null".utf8)
        needsComma = true
    }

    /// Escapes what RFC 8259 §7 demands, and U+2028 and U+2029, which end a line in JavaScript.
    private mutating func writeText(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        var text = text
        text.withUTF8 { utf8 in
            // Nearly all text needs no escape and is copied as it is.
            if utf8.contains(where: Self.mayNeedEscape) { writeEscaped(utf8) } else { bytes.append(contentsOf: utf8) }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private static func mayNeedEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == 0x22 || byte == 0x5C || byte == 0xE2
    }

    private mutating func writeEscaped(_ utf8: UnsafeBufferPointer<UInt8>) {
        var index = 0
        while index < utf8.count {
            let length = Self.escapedLength(in: utf8, at: index)
            if length > 0 {
                appendEscape(of: utf8[index], last: utf8[index + length - 1])
            } else {
                bytes.append(utf8[index])
            }
            index += max(length, 1)
        }
    }

    /// How many bytes at `index` are to be escaped together: 0 for none, 3 for E2 80 A8 and E2 80 A9 (U+2028, U+2029).
    private static func escapedLength(in utf8: UnsafeBufferPointer<UInt8>, at index: Int) -> Int {
        switch utf8[index] {
        case 0..<0x20, 0x22, 0x5C: 1
        case 0xE2: utf8[index + 1] == 0x80 && utf8[index + 2] & 0xFE == 0xA8 ? 3 : 0
        default: 0
        }
    }

    private mutating func appendEscape(of first: UInt8, last: UInt8) {
        let escape =
            switch last {
            case 0x22: "\\\""
            case 0x5C: "\\\\"
            case 0x08: "\\b"
            case 0x09: "\\t"
            case 0x0A: "\\n"
            case 0x0C: "\\f"
            case 0x0D: "\\r"
            case 0xA8: "\\u2028"
            case 0xA9: "\\u2029"
            default: (first < 0x10 ? "\\u000" : "\\u00") + String(first, radix: 16)
            }
        bytes.append(contentsOf: escape.utf8)
    }
}
