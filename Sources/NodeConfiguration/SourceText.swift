/// The bytes of a file that are known to be readable text: UTF-8 without control characters, at most 1 MB.
struct SourceText {
    /// Without a byte order mark.
    let bytes: [UInt8]
    /// Just behind the last character.
    let end: SourcePosition

    static let largestSize = 1_000_000

    /// nil after a fault.
    init?(_ raw: [UInt8], faults: FaultCollector) {
        guard raw.count <= Self.largestSize else {
            faults.add(at: .start, "the file is larger than 1 MB; is it the right file?")
            return nil
        }
        if raw.starts(with: [0xFF, 0xFE]) || raw.starts(with: [0xFE, 0xFF]) {
            faults.add(at: .start, "the file is UTF-16; save it as UTF-8")
            return nil
        }
        bytes = raw.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(raw.dropFirst(3)) : raw

        var position = SourcePosition.start
        var afterCarriageReturn = false
        var iterator = bytes.makeIterator()
        var decoder = UTF8()
        scan: while true {
            switch decoder.decode(&iterator) {
            case .emptyInput:
                break scan
            case .error:
                faults.add(at: position, "this is not UTF-8 text; save the file with the encoding UTF-8")
                return nil
            case .scalarValue(let scalar):
                switch scalar {
                case "\n":
                    if !afterCarriageReturn { position = SourcePosition(line: position.line + 1, column: 1) }
                case "\r":
                    position = SourcePosition(line: position.line + 1, column: 1)
                case _ where Self.isText(scalar):
                    position.column += 1
                default:
                    faults.add(
                        at: position,
                        "the control character U+\(Self.fourDigits(scalar)) cannot stand in this file; remove it")
                    return nil
                }
                afterCarriageReturn = scalar == "\r"
            }
        }
        end = position
    }

    /// The file ends in the middle of a line, as files do that were cut off.
    var endsWithoutLineBreak: Bool { end.column > 1 }

    /// The first blank among those before a line's text that is none to YAML, as web pages and word processors write them: it begins
    /// the text, so that the line belongs to nothing.
    var strangeIndentation: (position: SourcePosition, name: String)? {
        var position = SourcePosition.start
        var isIndentation = true
        for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
            if scalar == "\n" {
                position = SourcePosition(line: position.line + 1, column: 1)
                isIndentation = true
                continue
            }
            if isIndentation, scalar != " ", scalar != "\t", scalar.properties.generalCategory == .spaceSeparator || scalar.value == 0x200B
            {
                return (position, "U+\(Self.fourDigits(scalar))")
            }
            if scalar != " " { isIndentation = false }
            position.column += 1
        }
        return nil
    }

    /// What YAML 1.1 allows (§5.1), less the line breaks that editors do not count as such (U+0085, U+2028, U+2029).
    private static func isText(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x09, 0x20...0x7E, 0xA0...0x2027, 0x202A...0xD7FF, 0xE000...0xFEFE, 0xFF00...0xFFFD, 0x10000...0x10FFFF: true
        default: false
        }
    }

    private static func fourDigits(_ scalar: Unicode.Scalar) -> String {
        let digits = String(scalar.value, radix: 16, uppercase: true)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}
