/// CRC-32 as in IEEE 802.3 and zlib: polynomial 0x04C11DB7 reflected, start and final XOR 0xFFFFFFFF.
/// Check value: "123456789" gives 0xCBF43926.
///
/// Eight bytes a step, from eight tables (Kounavis and Berry, "A Systematic Approach to Building High Performance
/// Software-Based CRC Generators", 2005): each row of each append goes through here, and each that is read.
struct CRC32 {
    private var register: UInt32 = 0xFFFF_FFFF

    /// Eight tables of 256. Entry `256 * n + b`: what byte `b` leaves after it and `n` zero bytes.
    private static let tables: [UInt32] = {
        var tables: [UInt32] = []
        for byte in 0..<256 as Range<UInt32> {
            var remainder = byte
            for _ in 0..<8 { remainder = remainder & 1 == 1 ? remainder >> 1 ^ 0xEDB8_8320 : remainder >> 1 }
            tables.append(remainder)
        }
        for index in 0..<256 * 7 {
            let before = tables[index]
            tables.append(before >> 8 ^ tables[Int(before & 0xFF)])
        }
        return tables
    }()

    mutating func add(_ bytes: UnsafeRawBufferPointer) {
        // An index and plain loops: also fast in a debug build, where the tests feed it megabytes.
        var register = register
        Self.tables.withUnsafeBufferPointer { tables in
            var index = 0
            while index + 8 <= bytes.count {
                let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self))
                register = Self.step(tables, register, word)
                index += 8
            }
            while index < bytes.count {
                register = register >> 8 ^ tables[Int(UInt8(truncatingIfNeeded: register) ^ bytes[index])]
                index += 1
            }
        }
        self.register = register
    }

    /// As eight bytes, least significant first.
    mutating func add(_ value: UInt64) {
        Self.tables.withUnsafeBufferPointer { register = Self.step($0, register, value) }
    }

    /// The first byte is the least significant; seven follow it.
    @inline(__always)
    private static func step(_ tables: UnsafeBufferPointer<UInt32>, _ register: UInt32, _ word: UInt64) -> UInt32 {
        let word = word ^ UInt64(register)
        var result = tables[7 * 256 + Int(word & 0xFF)]
        result ^= tables[6 * 256 + Int(word >> 8 & 0xFF)]
        result ^= tables[5 * 256 + Int(word >> 16 & 0xFF)]
        result ^= tables[4 * 256 + Int(word >> 24 & 0xFF)]
        result ^= tables[3 * 256 + Int(word >> 32 & 0xFF)]
        result ^= tables[2 * 256 + Int(word >> 40 & 0xFF)]
        result ^= tables[1 * 256 + Int(word >> 48 & 0xFF)]
        return result ^ tables[Int(word >> 56)]
    }

    var value: UInt32 { ~register }
}
