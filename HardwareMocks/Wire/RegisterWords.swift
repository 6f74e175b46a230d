/// Registers of 16 bits behind a pointer, most significant byte first, as TMP117 and INA219 have them.
struct RegisterWords: Sendable {
    var pointer: UInt8 = 0

    /// Takes what was written: a pointer, then perhaps a word for that register. A word that was cut short is not taken.
    mutating func take(_ bytes: [UInt8]) -> (register: UInt8, word: UInt16)? {
        guard let first = bytes.first else { return nil }
        pointer = first
        return bytes.count >= 3 ? (first, UInt16(bytes[1]) << 8 | UInt16(bytes[2])) : nil
    }

    /// The word again and again: the pointer stays.
    static func bytes(_ word: UInt16, count: Int) -> [UInt8] {
        (0..<count).map { $0 % 2 == 0 ? UInt8(word >> 8) : UInt8(word & 0xFF) }
    }
}
