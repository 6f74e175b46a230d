/// An 8-bit cyclic redundancy check, most significant bit first, no reflection, no final XOR.
struct CRC8: Sendable {
    /// The generator without its leading x^8.
    let polynomial: UInt8
    let initialValue: UInt8

    /// Over `count` bytes of the frame from `start` on.
    func checksum(of frame: I2CFrame, from start: Int, count: Int) -> UInt8 {
        var crc = initialValue
        for index in start..<start + count {
            crc ^= frame[index]
            for _ in 0..<8 {
                crc = crc & 0x80 == 0 ? crc << 1 : crc << 1 ^ polynomial
            }
        }
        return crc
    }
}
