import Glibc

/// Texts that stand in nearly every row, with the phrases they are made of as one byte each.
///
/// UTF-8 never has the bytes 0xF5 to 0xFF (RFC 3629, section 3), so each can stand for a phrase and every other text
/// stays as it is. A byte never gets another meaning; a new phrase takes one of the bytes left and a new
/// `JournalSchema.version`.
enum CommonPhrases {
    /// A phrase that another begins with comes after it.
    private static let table: [(byte: UInt8, phrase: StaticString)] = [
        (0xF5, "stable rise "),
        (0xF6, " ms, fall "),
        (0xF7, "lockout "),
        (0xF8, " ms, glitches below "),
        (0xF9, " ms"),
    ]

    static func pack(_ text: String, into packed: inout [UInt8]) {
        var text = text
        text.withUTF8 { text in
            var rest = text[...]
            while let first = rest.first {
                if let (byte, phrase) = table.first(where: { begins(rest, with: $0.phrase) }) {
                    packed.append(byte)
                    rest = rest.dropFirst(phrase.utf8CodeUnitCount)
                } else {
                    packed.append(first)
                    rest = rest.dropFirst()
                }
            }
        }
    }

    private static func begins(_ text: Slice<UnsafeBufferPointer<UInt8>>, with phrase: StaticString) -> Bool {
        let length = phrase.utf8CodeUnitCount
        guard text.count >= length, text.first == phrase.utf8Start.pointee,
            let start = UnsafeBufferPointer(rebasing: text).baseAddress
        else { return false }
        return memcmp(start, phrase.utf8Start, length) == 0
    }

    /// nil for what is no text.
    static func unpacked(_ bytes: some Sequence<UInt8>) -> String? {
        var text: [UInt8] = []
        for byte in bytes {
            if let entry = table.first(where: { $0.byte == byte }) {
                text += UnsafeBufferPointer(start: entry.phrase.utf8Start, count: entry.phrase.utf8CodeUnitCount)
            } else {
                text.append(byte)
            }
        }
        return String(validating: text, as: UTF8.self)
    }
}
