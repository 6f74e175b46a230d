/// The bytes of one read, kept inline so that a transfer allocates nothing.
struct I2CFrame: Hashable {
    /// The longest read of any part.
    static let capacity = 64

    private var bytes = SIMD64<UInt8>(repeating: 0)
    let count: Int

    init(count: Int) {
        precondition((0...Self.capacity).contains(count), "a frame holds up to 64 bytes")
        self.count = count
    }

    subscript(index: Int) -> UInt8 {
        precondition(index < count, "beyond the bytes that were read")
        return bytes[index]
    }

    /// Least significant byte first.
    func littleEndian16(at index: Int) -> UInt16 { UInt16(self[index]) | UInt16(self[index + 1]) << 8 }

    /// Most significant byte first.
    func bigEndian16(at index: Int) -> UInt16 { UInt16(self[index]) << 8 | UInt16(self[index + 1]) }

    /// All bytes are `value`: 0x00 and 0xFF are what a stuck or floating data line reads as.
    func isFilled(with value: UInt8) -> Bool {
        for index in 0..<count where self[index] != value { return false }
        return true
    }

    /// `body` fills the bytes of the frame.
    mutating func fill(_ body: (UnsafeMutableBufferPointer<UInt8>) -> Void) {
        let count = self.count
        withUnsafeMutableBytes(of: &bytes) { raw in
            body(UnsafeMutableBufferPointer(rebasing: raw.bindMemory(to: UInt8.self)[..<count]))
        }
    }
}
