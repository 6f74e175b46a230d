/// CRC-32 as in IEEE 802.3 and zlib: polynomial 0x04C11DB7 reflected, start and final XOR 0xFFFFFFFF.
/// Check value: "123456789" gives 0xCBF43926.
struct CRC32 {
    private var register: UInt32 = 0xFFFF_FFFF

    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { remainder, _ in
            remainder & 1 == 1 ? remainder >> 1 ^ 0xEDB8_8320 : remainder >> 1
        }
    }

    mutating func add(_ bytes: UnsafeRawBufferPointer) {
        // An index and a plain loop: also fast in a debug build, where the tests feed it megabytes.
        Self.table.withUnsafeBufferPointer { table in
            var index = 0
            while index < bytes.count {
                register = register >> 8 ^ table[Int(UInt8(truncatingIfNeeded: register) ^ bytes[index])]
                index += 1
            }
        }
    }

    /// As eight bytes, least significant first.
    mutating func add(_ value: UInt64) {
        withUnsafeBytes(of: value.littleEndian) { add($0) }
    }

    var value: UInt32 { ~register }
}
