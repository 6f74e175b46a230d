/// A second of UTC, as the digits of its RFC 3339 text: to compare and to show, not to reckon with.
public struct UTCSecond: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// 20260501120000 for 2026-05-01T12:00:00Z.
    private var digits: UInt64

    /// Takes `2026-05-01T12:00:00Z`, with or without a fraction, which is cut off; also `2026-05-01` and
    /// `2026-05-01T12:00`. nil for anything else.
    public init?(_ text: String) {
        var mask = Array("dddd-dd-ddTdd:dd:dd".utf8)[...]
        var digits: UInt64 = 0
        var rest = Array(text.utf8)[...]
        while let byte = rest.first, let wanted = mask.first {
            if wanted == UInt8(ascii: "d") {
                guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
                digits = digits * 10 + UInt64(byte - UInt8(ascii: "0"))
            } else if byte != wanted {
                // The fraction or the Z may come early.
                break
            }
            rest.removeFirst()
            mask.removeFirst()
        }
        // A whole day, a whole minute or all of it.
        switch mask.count {
        case 9: digits *= 1_000_000
        case 3: digits *= 100
        case 0: break
        default: return nil
        }
        if rest.first == UInt8(ascii: "."), mask.isEmpty {
            rest.removeFirst()
            while let byte = rest.first, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { rest.removeFirst() }
        }
        guard rest.isEmpty || rest.elementsEqual([UInt8(ascii: "Z")]) else { return nil }
        guard (1...12).contains(digits / 100_000_000 % 100), (1...31).contains(digits / 1_000_000 % 100),
            digits / 10_000 % 100 < 24, digits / 100 % 100 < 60, digits % 100 <= 60
        else { return nil }
        self.digits = digits
    }

    public static func < (a: UTCSecond, b: UTCSecond) -> Bool { a.digits < b.digits }

    public var description: String {
        func part(_ divisor: UInt64, _ width: Int) -> String {
            var modulus: UInt64 = 1
            for _ in 0..<width { modulus *= 10 }
            let text = String(digits / divisor % modulus)
            return String(repeating: "0", count: width - text.count) + text
        }
        return part(10_000_000_000, 4) + "-" + part(100_000_000, 2) + "-" + part(1_000_000, 2) + "T" + part(10_000, 2) + ":"
            + part(100, 2) + ":" + part(1, 2) + "Z"
    }
}
