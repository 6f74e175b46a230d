/// Appends fields to a byte buffer.
///
/// A field is a key and a value. The key is a varint: tag × 4 + wire type. Varints are little-endian base 128, the
/// high bit saying "more"; signed numbers are zigzag-folded first (0, −1, 1, −2 … become 0, 1, 2, 3 …).
struct FieldWriter {
    enum WireType: UInt64 {
        /// A varint.
        case number = 0
        /// Eight bytes, least significant first: an IEEE 754 double.
        case double = 1
        /// A varint length and so many bytes: UTF-8 text, or fields of a part.
        case bytes = 2
    }

    var bytes: [UInt8] = []

    mutating func write(_ tag: UInt64, _ value: UInt64) {
        writeKey(tag, .number)
        writeVarint(value)
    }

    mutating func write(_ tag: UInt64, signed value: Int64) {
        write(tag, UInt64(bitPattern: value << 1 ^ value >> 63))
    }

    mutating func write(_ tag: UInt64, _ value: Bool) { write(tag, value ? 1 : 0 as UInt64) }

    mutating func write(_ tag: UInt64, _ value: Double) {
        writeKey(tag, .double)
        withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
    }

    mutating func write(_ tag: UInt64, _ text: String) {
        writeKey(tag, .bytes)
        writeVarint(UInt64(text.utf8.count))
        bytes.append(contentsOf: text.utf8)
    }

    /// Text as `CommonPhrases` packs it.
    mutating func write(_ tag: UInt64, phrases text: String) {
        write(tag) { CommonPhrases.pack(text, into: &$0.bytes) }
    }

    /// A part with fields of its own.
    mutating func write(_ tag: UInt64, part: (inout FieldWriter) -> Void) {
        writeKey(tag, .bytes)
        writeWithLength(part)
    }

    mutating func writeVarint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    /// The length is known only afterwards; nearly always it fits the one byte kept free for it.
    mutating func writeWithLength(_ content: (inout FieldWriter) -> Void) {
        let lengthIndex = bytes.count
        bytes.append(0)
        content(&self)
        let length = bytes.count - lengthIndex - 1
        if length < 0x80 {
            bytes[lengthIndex] = UInt8(length)
        } else {
            var prefix = FieldWriter()
            prefix.writeVarint(UInt64(length))
            bytes.replaceSubrange(lengthIndex...lengthIndex, with: prefix.bytes)
        }
    }

    private mutating func writeKey(_ tag: UInt64, _ wire: WireType) { writeVarint(tag << 2 | wire.rawValue) }
}
