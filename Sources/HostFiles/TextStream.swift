/// Makes UTF-8 of the text in a file: without its byte order mark, and from UTF-16 where the mark says so, as Windows PowerShell
/// and editors of Windows write it. Bytes without a mark are passed on as they are.
///
/// What is no character in UTF-16, and half a character at the end of the file, becomes U+FFFD.
struct TextStream {
    private enum Form {
        case unknown
        case utf8
        case utf16(isBigEndian: Bool)
    }

    private var form = Form.unknown
    /// Bytes that can't be judged yet: a beginning of less than three, half a unit.
    private var held: [UInt8] = []
    /// The first half of a pair.
    private var highSurrogate: UInt16?

    /// The text of a piece; the empty piece is the end of the file.
    mutating func take(_ piece: ArraySlice<UInt8>) -> [UInt8] {
        let isEnd = piece.isEmpty
        var bytes = held + piece
        held = []
        if case .unknown = form {
            if bytes.count < 3, !isEnd {
                held = bytes
                return []
            }
            if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
                form = .utf16(isBigEndian: bytes[0] == 0xFE)
                bytes.removeFirst(2)
            } else {
                form = .utf8
                if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes.removeFirst(3) }
            }
        }
        guard case .utf16(let isBigEndian) = form else { return bytes }
        return utf8(of: bytes, isBigEndian, isEnd: isEnd)
    }

    private mutating func utf8(of bytes: [UInt8], _ isBigEndian: Bool, isEnd: Bool) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count)
        func append(_ scalar: Unicode.Scalar) {
            if scalar.isASCII { text.append(UInt8(truncatingIfNeeded: scalar.value)) } else { text += Array(String(scalar).utf8) }
        }
        var index = 0
        while index + 1 < bytes.count {
            let (first, second) = (UInt16(bytes[index]), UInt16(bytes[index + 1]))
            let unit = isBigEndian ? first << 8 | second : second << 8 | first
            index += 2
            if let high = highSurrogate {
                highSurrogate = nil
                if UTF16.isTrailSurrogate(unit) {
                    let value = 0x10000 + (UInt32(high - 0xD800) << 10 | UInt32(unit - 0xDC00))
                    append(Unicode.Scalar(value) ?? "\u{FFFD}")
                    continue
                }
                append("\u{FFFD}")
            }
            if UTF16.isLeadSurrogate(unit) { highSurrogate = unit } else { append(Unicode.Scalar(unit) ?? "\u{FFFD}") }
        }
        if index < bytes.count { held = [bytes[index]] }
        if isEnd, highSurrogate != nil || !held.isEmpty {
            (highSurrogate, held) = (nil, [])
            append("\u{FFFD}")
        }
        return text
    }
}
