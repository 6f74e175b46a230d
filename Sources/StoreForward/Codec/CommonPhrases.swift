/// Texts that stand in nearly every row, with the phrases they are made of as one byte each.
///
/// UTF-8 never has the bytes 0xF5 to 0xFF (RFC 3629, section 3), so each can stand for a phrase and every other text
/// stays as it is. A byte never gets another meaning; a new phrase takes one of the bytes left and a new
/// `JournalSchema.version`.
enum CommonPhrases {
    /// A phrase that another begins with comes after it.
    private static let table: [(byte: UInt8, phrase: [UInt8])] = [
        (0xF5, Array("stable rise ".utf8)),
        (0xF6, Array(" ms, fall ".utf8)),
        (0xF7, Array("lockout ".utf8)),
        (0xF8, Array(" ms, glitches below ".utf8)),
        (0xF9, Array(" ms".utf8)),
    ]

    static func packed(_ text: String) -> [UInt8] {
        var packed: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let first = rest.first {
            if let (byte, phrase) = table.first(where: { rest.starts(with: $0.phrase) }) {
                packed.append(byte)
                rest = rest.dropFirst(phrase.count)
            } else {
                packed.append(first)
                rest = rest.dropFirst()
            }
        }
        return packed
    }

    /// nil for what is no text.
    static func unpacked(_ bytes: some Sequence<UInt8>) -> String? {
        var text: [UInt8] = []
        for byte in bytes {
            if let entry = table.first(where: { $0.byte == byte }) { text += entry.phrase } else { text.append(byte) }
        }
        return String(validating: text, as: UTF8.self)
    }
}
