/// An 8-bit cyclic redundancy check, most significant bit first, no reflection, no final XOR.
struct CRC8: Sendable {
    /// The generator without its leading x^8.
    let polynomial: UInt8
    let initialValue: UInt8

    /// Over a word, its more significant byte first.
    func checksum(of high: UInt8, _ low: UInt8) -> UInt8 { step(step(initialValue ^ high) ^ low) }

    private func step(_ value: UInt8) -> UInt8 {
        var crc = value
        for _ in 0..<8 {
            crc = crc & 0x80 == 0 ? crc << 1 : crc << 1 ^ polynomial
        }
        return crc
    }
}
