/// What Sensirion's parts send and take: words of two bytes, each followed by its CRC.
enum SensirionBytes {
    static func frame(_ words: [UInt16]) -> [UInt8] {
        words.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF), crc($0)] }
    }

    /// The words of a frame, or nil when a CRC is wrong or a byte is missing.
    static func words(_ bytes: ArraySlice<UInt8>) -> [UInt16]? {
        guard bytes.count % 3 == 0 else { return nil }
        var words: [UInt16] = []
        var index = bytes.startIndex
        while index < bytes.endIndex {
            let word = UInt16(bytes[index]) << 8 | UInt16(bytes[index + 1])
            guard bytes[index + 2] == crc(word) else { return nil }
            words.append(word)
            index += 3
        }
        return words
    }

    /// 0…1 to 0…65535, at the stops beyond.
    static func word(_ share: Double) -> UInt16 { UInt16((max(0, min(1, share)) * 65_535).rounded()) }

    /// x⁸ + x⁵ + x⁴ + 1 by long division of the 24-bit message; the initial 0xFF is XORed into its first byte.
    private static func crc(_ word: UInt16) -> UInt8 {
        var remainder = (UInt32(word) ^ 0xFF00) << 8
        for bit in stride(from: UInt32(23), through: 8, by: -1) where remainder & (1 << bit) != 0 {
            remainder ^= 0x131 << (bit - 8)
        }
        return UInt8(remainder)
    }
}
