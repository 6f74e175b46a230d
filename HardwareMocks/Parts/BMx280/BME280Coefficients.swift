/// The trimming values burnt into one BME280, and the way from a physical value back to the converter's number.
///
/// The formulas are the datasheet's integer ones (BME280 §4.2.3), with 32 and 64 bits.
public struct BME280Coefficients: Hashable, Sendable {
    /// 0x88…0x9F: T1 (unsigned), T2, T3, P1 (unsigned), P2 … P9.
    public var t1: UInt16, t2: Int16, t3: Int16
    public var p1: UInt16, p: [Int16]
    public var h1: UInt8, h2: Int16, h3: UInt8
    /// 12 bits, −2048 to 2047.
    public var h4: Int16, h5: Int16
    public var h6: Int8

    /// `p` holds P2 to P9.
    public init(
        t1: UInt16, t2: Int16, t3: Int16, p1: UInt16, p: [Int16], h1: UInt8, h2: Int16, h3: UInt8, h4: Int16,
        h5: Int16, h6: Int8
    ) {
        precondition(p.count == 8, "P2 to P9 are eight values")
        precondition((-2048...2047).contains(h4) && (-2048...2047).contains(h5), "H4 and H5 have 12 bits")
        self.t1 = t1
        self.t2 = t2
        self.t3 = t3
        self.p1 = p1
        self.p = p
        self.h1 = h1
        self.h2 = h2
        self.h3 = h3
        self.h4 = h4
        self.h5 = h5
        self.h6 = h6
    }

    /// Temperature and pressure of the example in BMP280 §3.12, humidity as parts commonly have it.
    public static let example = BME280Coefficients(
        t1: 27504, t2: 26435, t3: -1000, p1: 36477, p: [-10685, 3024, 2855, 140, -7, 15500, -14600, 6000], h1: 75,
        h2: 362, h3: 0, h4: 324, h5: 50, h6: 30)

    /// Negative H4, H5 and H6, as a few parts have them.
    public static let negative = BME280Coefficients(
        t1: 28485, t2: 26735, t3: 50, p1: 36738, p: [-10635, 3024, 6980, -4, -7, 9900, -10230, 4285], h1: 0, h2: 180,
        h3: 3, h4: -37, h5: -51, h6: -20)

    func register(_ address: UInt8, withHumidity: Bool) -> UInt8 {
        func half(_ word: UInt16, _ index: UInt8) -> UInt8 { index & 1 == 0 ? UInt8(word & 0xFF) : UInt8(word >> 8) }
        switch address {
        case 0x88...0x9F:
            let word: UInt16 =
                switch address & ~1 {
                case 0x88: t1
                case 0x8A: UInt16(bitPattern: t2)
                case 0x8C: UInt16(bitPattern: t3)
                case 0x8E: p1
                default: UInt16(bitPattern: p[Int(address - 0x90) / 2])
                }
            return half(word, address)
        case _ where !withHumidity: return 0
        case 0xA1: return h1
        case 0xE1: return UInt8(truncatingIfNeeded: h2)
        case 0xE2: return UInt8(truncatingIfNeeded: h2 >> 8)
        case 0xE3: return h3
        case 0xE4: return UInt8(truncatingIfNeeded: h4 >> 4)
        case 0xE5: return UInt8(truncatingIfNeeded: h5 << 4) | UInt8(truncatingIfNeeded: h4 & 0x0F)
        case 0xE6: return UInt8(truncatingIfNeeded: h5 >> 4)
        case 0xE7: return UInt8(bitPattern: h6)
        default: return 0
        }
    }

    /// The converter's numbers for a physical state; at the stops where it cannot express them.
    func raw(
        temperature: Double, pressure: Double, humidity: Double
    ) -> (
        temperature: Int32, pressure: Int32, humidity: Int32
    ) {
        // Temperature and humidity rise with the number, pressure falls.
        let t = Self.search(in: 0...0xFFFFF) { Double((fine($0) * 5 + 128) >> 8) / 100 >= temperature }
        let fineTemperature = fine(t)
        let p = Self.search(in: 0...0xFFFFF) { pascal($0, fineTemperature) <= pressure }
        // One step short of the stops: a converter at its stop is a fault, not a humidity.
        let h = Self.search(in: 1...0xFFFE) { percent($0, fineTemperature) >= humidity }
        return (t, p, h)
    }

    /// What the humidity converter can express at a temperature, in %RH: with a negative H4 its lowest number stands for more
    /// than 0.
    func humidities(at temperature: Double) -> ClosedRange<Double> {
        let fineTemperature = fine(Self.search(in: 0...0xFFFFF) { Double((fine($0) * 5 + 128) >> 8) / 100 >= temperature })
        let lowest = percent(1, fineTemperature)
        return lowest...max(lowest, percent(0xFFFE, fineTemperature))
    }

    /// The first number for which `isReached` holds, the last one if none.
    private static func search(in range: ClosedRange<Int32>, _ isReached: (Int32) -> Bool) -> Int32 {
        var low = range.lowerBound
        var high = range.upperBound
        while low < high {
            let middle = low + (high - low) / 2
            if isReached(middle) { high = middle } else { low = middle + 1 }
        }
        return low
    }

    /// t_fine.
    private func fine(_ raw: Int32) -> Int32 {
        // 64 bits here too: coefficients nobody ever burnt must not overflow.
        let var1 = ((Int64(raw >> 3) - (Int64(t1) << 1)) * Int64(t2)) >> 11
        let difference = Int64(raw >> 4) - Int64(t1)
        let var2 = (((difference * difference) >> 12) * Int64(t3)) >> 14
        return Int32(truncatingIfNeeded: var1 + var2)
    }

    private func pascal(_ raw: Int32, _ fine: Int32) -> Double {
        var var1 = Int64(fine) - 128_000
        var var2 = var1 * var1 * Int64(p[4])
        var2 += (var1 * Int64(p[3])) << 17
        var2 += Int64(p[2]) << 35
        var1 = ((var1 * var1 * Int64(p[1])) >> 8) + ((var1 * Int64(p[0])) << 12)
        var1 = (((1 << 47) + var1) * Int64(p1)) >> 33
        if var1 == 0 { return 0 }
        var result = Int64(1_048_576 - raw)
        result = (((result << 31) &- var2) &* 3125) / var1
        var1 = (Int64(p[7]) &* (result >> 13) &* (result >> 13)) >> 25
        var2 = (Int64(p[6]) &* result) >> 19
        result = ((result + var1 + var2) >> 8) + (Int64(p[5]) << 4)
        return Double(result) / 256
    }

    /// Without the datasheet's limit to 0…100 %, so that a drifted part can be played.
    private func percent(_ raw: Int32, _ fine: Int32) -> Double {
        let t = Int64(fine) - 76_800
        let signal = ((Int64(raw) << 14) - (Int64(h4) << 20) - Int64(h5) * t + 16_384) >> 15
        let shape = ((((t * Int64(h6)) >> 10) * (((t * Int64(h3)) >> 11) + 32_768)) >> 10) + 2_097_152
        var value = signal * ((shape * Int64(h2) + 8_192) >> 14)
        value -= ((((value >> 15) * (value >> 15)) >> 7) * Int64(h1)) >> 4
        return Double(value >> 12) / 1024
    }
}
