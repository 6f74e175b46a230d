import SensorCore

/// Reads JSON (RFC 8259) and says where it stops being JSON.
///
/// Written out here since the JSON decoder of FoundationEssentials does not tell where a value of the wrong kind stands,
/// and a person has to find it.
public struct JSONReader {
    /// Deeper nesting is refused: nothing this program reads needs it, and each level costs stack.
    package static let depthLimit = 16

    private let bytes: [UInt8]
    private var position = 0
    private var line = 1
    private var column = 1

    /// The one value `bytes` hold, with white space around it.
    public static func read(_ bytes: [UInt8]) throws(JSONFault) -> JSONValue {
        var reader = JSONReader(bytes: bytes)
        reader.skipByteOrderMark()
        reader.skipSpace()
        let value = try reader.value(depth: 0)
        reader.skipSpace()
        if reader.position < bytes.count { throw reader.error("more text after the end of the value") }
        return value
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    private var place: TextPlace { TextPlace(line: line, column: column) }
    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    private func error(_ message: Sentence) -> JSONFault { JSONFault(place: place, message: message) }

    private func unexpected(_ wanted: Sentence) -> JSONFault {
        guard let next else { return error("the file ends where \(wanted) should stand") }
        return (0x20...0x7E).contains(next)
            ? error("'\(Character(UnicodeScalar(next)))' where \(wanted) should stand") : error("byte \(next) where \(wanted) should stand")
    }

    private mutating func advance() {
        let byte = bytes[position]
        position += 1
        if byte == UInt8(ascii: "\n") {
            line += 1
            column = 1
        } else if byte & 0xC0 != 0x80 {
            // A continuation byte of UTF-8 belongs to the character before it.
            column += 1
        }
    }

    private mutating func skipByteOrderMark() {
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
    }

    private mutating func skipSpace() {
        while let next, next == 0x20 || next == 0x09 || next == 0x0A || next == 0x0D { advance() }
    }

    private mutating func take(_ character: Character, _ wanted: Sentence) throws(JSONFault) {
        guard let next, next == character.asciiValue else { throw unexpected(wanted) }
        advance()
    }

    private mutating func value(depth: Int) throws(JSONFault) -> JSONValue {
        if depth > Self.depthLimit { throw error("nested deeper than \(Self.depthLimit) levels") }
        let begin = place
        guard let next else { throw unexpected("a value") }
        switch next {
        case UInt8(ascii: "{"): return JSONValue(content: .object(try object(depth: depth)), place: begin)
        case UInt8(ascii: "["): return JSONValue(content: .array(try array(depth: depth)), place: begin)
        case UInt8(ascii: "\""): return JSONValue(content: .string(try string()), place: begin)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            return JSONValue(content: .number(try number()), place: begin)
        case UInt8(ascii: "n"), UInt8(ascii: "t"), UInt8(ascii: "f"):
            return JSONValue(content: try word(), place: begin)
        default: throw unexpected("a value")
        }
    }

    private mutating func object(depth: Int) throws(JSONFault) -> [(key: String, value: JSONValue)] {
        advance()
        skipSpace()
        var members: [(key: String, value: JSONValue)] = []
        var keys: Set<String> = []
        if next == UInt8(ascii: "}") {
            advance()
            return members
        }
        while true {
            skipSpace()
            let begin = place
            guard next == UInt8(ascii: "\"") else { throw unexpected("a key in quotes") }
            let key = try string()
            if !keys.insert(key).inserted { throw JSONFault(place: begin, message: "\"\(key)\" is given twice") }
            skipSpace()
            try take(":", "':'")
            skipSpace()
            members.append((key, try value(depth: depth + 1)))
            skipSpace()
            if next == UInt8(ascii: "}") {
                advance()
                return members
            }
            try take(",", "',' or '}'")
        }
    }

    private mutating func array(depth: Int) throws(JSONFault) -> [JSONValue] {
        advance()
        skipSpace()
        var items: [JSONValue] = []
        if next == UInt8(ascii: "]") {
            advance()
            return items
        }
        while true {
            skipSpace()
            items.append(try value(depth: depth + 1))
            skipSpace()
            if next == UInt8(ascii: "]") {
                advance()
                return items
            }
            try take(",", "',' or ']'")
        }
    }

    private mutating func word() throws(JSONFault) -> JSONValue.Content {
        for (text, content) in [("null", JSONValue.Content.null), ("true", .bool(true)), ("false", .bool(false))]
        where bytes[position...].starts(with: Array(text.utf8)) {
            for _ in text.utf8 { advance() }
            return content
        }
        throw error("not a value: text stands in quotes")
    }

    private mutating func number() throws(JSONFault) -> String {
        let begin = position
        if next == UInt8(ascii: "-") { advance() }
        if next == UInt8(ascii: "0") { advance() } else { try digits() }
        if next == UInt8(ascii: ".") {
            advance()
            try digits()
        }
        if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
            advance()
            if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { advance() }
            try digits()
        }
        return String(decoding: bytes[begin..<position], as: UTF8.self)
    }

    private mutating func digits() throws(JSONFault) {
        func isDigit(_ byte: UInt8?) -> Bool {
            byte.map { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ?? false
        }
        guard isDigit(next) else { throw unexpected("a digit") }
        while isDigit(next) { advance() }
    }

    private mutating func string() throws(JSONFault) -> String {
        let begin = place
        advance()
        var text: [UInt8] = []
        while let byte = next {
            switch byte {
            case UInt8(ascii: "\""):
                advance()
                guard let valid = String(validating: text, as: UTF8.self) else {
                    throw JSONFault(place: begin, message: "a string that is not UTF-8")
                }
                return valid
            case UInt8(ascii: "\\"):
                advance()
                text.append(contentsOf: String(try escaped()).utf8)
            case 0x00...0x1F: throw error("a line break or control character within a string")
            default:
                text.append(byte)
                advance()
            }
        }
        throw JSONFault(place: begin, message: "a string that does not end")
    }

    private mutating func escaped() throws(JSONFault) -> Unicode.Scalar {
        guard let letter = next else { throw unexpected("the rest of an escape") }
        let simple: [UInt8: Unicode.Scalar] = [
            UInt8(ascii: "\""): "\"", UInt8(ascii: "\\"): "\\", UInt8(ascii: "/"): "/", UInt8(ascii: "b"): "\u{8}",
            UInt8(ascii: "f"): "\u{C}", UInt8(ascii: "n"): "\n", UInt8(ascii: "r"): "\r", UInt8(ascii: "t"): "\t",
        ]
        if let scalar = simple[letter] {
            advance()
            return scalar
        }
        guard letter == UInt8(ascii: "u") else { throw unexpected("one of \" \\ / b f n r t u after '\\'") }
        let begin = place
        advance()
        let unit = try fourHexDigits()
        if let scalar = Unicode.Scalar(unit) { return scalar }
        // Half of a surrogate pair: the other half must follow.
        if UTF16.isLeadSurrogate(UInt16(unit)), next == UInt8(ascii: "\\") {
            advance()
            try take("u", "the second half of a surrogate pair")
            let trail = try fourHexDigits()
            if UTF16.isTrailSurrogate(UInt16(trail)),
                let scalar = Unicode.Scalar(0x10000 + (unit - 0xD800) << 10 + (trail - 0xDC00))
            {
                return scalar
            }
        }
        throw JSONFault(place: begin, message: "half of a surrogate pair")
    }

    private mutating func fourHexDigits() throws(JSONFault) -> UInt32 {
        var unit: UInt32 = 0
        for _ in 0..<4 {
            guard let next, let digit = Character(UnicodeScalar(next)).hexDigitValue else {
                throw unexpected("four hexadecimal digits")
            }
            unit = unit << 4 | UInt32(digit)
            advance()
        }
        return unit
    }
}
