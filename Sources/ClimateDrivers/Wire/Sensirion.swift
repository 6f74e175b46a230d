import SensorCore

/// How Sensirion's parts speak (SHT3x, SHT4x, SCD4x, SPS30): commands, and words of two bytes each followed by a CRC
/// with polynomial 0x31 and initial value 0xFF. Worked value: 0xBEEF has the CRC 0x92.
extension PartLink {
    static let sensirionCRC = CRC8(polynomial: 0x31, initialValue: 0xFF)

    /// Sends a command of 16 bits.
    func send(command: UInt16) throws(SensorError) {
        let high = UInt8(command >> 8), low = UInt8(truncatingIfNeeded: command)
        _ = try exchange(SIMD8(high, low, 0, 0, 0, 0, 0, 0), writing: 2, reading: 0)
    }

    /// Sends a command that a part may refuse by design, as a sleeping one refuses to be woken.
    func sendUnlessRefused(command: UInt16) throws(SensorError) {
        do throws(SensorError) {
            try send(command: command)
        } catch {
            if error.kind != .nack { throw error }
        }
    }

    /// Sends a command of 16 bits and one word with its CRC.
    func send(command: UInt16, word: UInt16) throws(SensorError) {
        let high = UInt8(word >> 8), low = UInt8(truncatingIfNeeded: word)
        _ = try exchange(
            SIMD8(
                UInt8(command >> 8), UInt8(truncatingIfNeeded: command), high, low,
                Self.sensirionCRC.checksum(of: high, low), 0, 0, 0),
            writing: 5, reading: 0)
    }

    /// Sends a command of 16 bits and two words with their CRCs.
    func send(command: UInt16, words first: UInt16, _ second: UInt16) throws(SensorError) {
        let high = UInt8(first >> 8), low = UInt8(truncatingIfNeeded: first)
        let nextHigh = UInt8(second >> 8), nextLow = UInt8(truncatingIfNeeded: second)
        _ = try exchange(
            SIMD8(
                UInt8(command >> 8), UInt8(truncatingIfNeeded: command), high, low,
                Self.sensirionCRC.checksum(of: high, low), nextHigh, nextLow,
                Self.sensirionCRC.checksum(of: nextHigh, nextLow)),
            writing: 8, reading: 0)
    }

    /// Reads `count` words, each with a right CRC; `subject` says of what, for errors.
    func readWords(_ count: Int, _ subject: String) throws(SensorError) -> SensirionWords {
        let frame = try read(count * 3)
        for start in stride(from: 0, to: count * 3, by: 3) {
            let expected = Self.sensirionCRC.checksum(of: frame[start], frame[start + 1])
            if frame[start + 2] != expected {
                throw error(
                    .crc,
                    "byte \(start + 2) of the \(subject) is 0x\(hexadecimal(frame[start + 2])), the two before it need "
                        + "0x\(hexadecimal(expected))")
            }
        }
        return SensirionWords(frame: frame)
    }

    /// As `readWords`, for what a recording may lack without harm; nil when it was not recorded.
    func readWordsIfRecorded(_ count: Int, _ subject: String) throws(SensorError) -> SensirionWords? {
        do throws(SensorError) {
            return try readWords(count, subject)
        } catch {
            if error.kind == .notRecorded { return nil }
            throw error
        }
    }
}

/// Words whose CRCs were right.
struct SensirionWords: Hashable {
    let frame: I2CFrame

    subscript(index: Int) -> UInt16 { frame.bigEndian16(at: index * 3) }

    /// An IEEE 754 float, most significant byte first, split over two words.
    func float(at index: Int) -> Float { Float(bitPattern: UInt32(self[index]) << 16 | UInt32(self[index + 1])) }
}
