/// The trimming of an emulated BME680 and its way from a physical state to the converter's numbers: a search over the
/// integer formulas of BST-BME680-DS001 §3.3, so that it shares nothing with a driver that uses the floating-point ones.
public struct BME680Trimming: Sendable {
    public var t1: UInt16 = 26_041, t2: Int16 = 26_469, t3: Int8 = 3
    public var p1: UInt16 = 36_673, p2: Int16 = -10_515, p3: Int8 = 88, p4: Int16 = 7_310, p5: Int16 = -129, p6: Int8 = 30
    public var p7: Int8 = 46, p8: Int16 = -3_177, p9: Int16 = -2_379, p10: UInt8 = 30
    public var h1: UInt16 = 835, h2: UInt16 = 988, h3: Int8 = 0, h4: Int8 = 45, h5: Int8 = 20, h6: UInt8 = 120, h7: Int8 = -100
    public var g1: Int8 = -30, g2: Int16 = -5_969, g3: Int8 = 18
    public var heaterRange: UInt8 = 1, heaterValue: Int8 = 50, rangeError: Int8 = -1

    public init() {}

    /// What a register of the trimming holds; nil for another register.
    func register(_ address: UInt8) -> UInt8? {
        func low(_ value: some FixedWidthInteger) -> UInt8 { UInt8(truncatingIfNeeded: value) }
        func high(_ value: some FixedWidthInteger) -> UInt8 { UInt8(truncatingIfNeeded: value >> 8) }
        switch address {
        case 0x00: return low(heaterValue)
        case 0x02: return heaterRange << 4
        case 0x04: return low(rangeError) << 4
        case 0x8A: return low(t2)
        case 0x8B: return high(t2)
        case 0x8C: return low(t3)
        case 0x8E: return low(p1)
        case 0x8F: return high(p1)
        case 0x90: return low(p2)
        case 0x91: return high(p2)
        case 0x92: return low(p3)
        case 0x94: return low(p4)
        case 0x95: return high(p4)
        case 0x96: return low(p5)
        case 0x97: return high(p5)
        case 0x98: return low(p7)
        case 0x99: return low(p6)
        case 0x9C: return low(p8)
        case 0x9D: return high(p8)
        case 0x9E: return low(p9)
        case 0x9F: return high(p9)
        case 0xA0: return p10
        case 0xE1: return low(h2 >> 4)
        case 0xE2: return low(h2 & 0x0F) << 4 | low(h1 & 0x0F)
        case 0xE3: return low(h1 >> 4)
        case 0xE4: return low(h3)
        case 0xE5: return low(h4)
        case 0xE6: return low(h5)
        case 0xE7: return h6
        case 0xE8: return low(h7)
        case 0xE9: return low(t1)
        case 0xEA: return high(t1)
        case 0xEB: return low(g2)
        case 0xEC: return high(g2)
        case 0xED: return low(g1)
        case 0xEE: return low(g3)
        case 0x01, 0x03, 0x89, 0x8D, 0x93, 0x9A, 0x9B, 0xA1: return 0
        default: return nil
        }
    }

    func raw(temperature: Double, pressure: Double, humidity: Double) -> (temperature: Int64, pressure: Int64, humidity: Int64) {
        let t = Self.search(in: 0...0xFFFFF) { Double((fine($0) * 5 + 128) >> 8) / 100 >= temperature }
        let fineTemperature = fine(t)
        let p = Self.search(in: 0...0xFFFFF) { pascal($0, fineTemperature) <= pressure }
        // One step short of the stops: a converter at its stop is a fault, not a humidity.
        let h = Self.search(in: 1...0xFFFE) { percent($0, fineTemperature) >= humidity }
        return (t, p, h)
    }

    /// What the humidity converter can express at a temperature, in %RH.
    func humidities(at temperature: Double) -> ClosedRange<Double> {
        let fineTemperature = fine(Self.search(in: 0...0xFFFFF) { Double((fine($0) * 5 + 128) >> 8) / 100 >= temperature })
        let lowest = percent(1, fineTemperature)
        return lowest...max(lowest, percent(0xFFFE, fineTemperature))
    }

    /// The gas converter's ten bits and range for a resistance in ohm.
    func gas(_ resistance: Double) -> (raw: Int64, range: Int) {
        for range in 0..<16 {
            let raw = Self.search(in: 0...1023) { ohm($0, range) <= resistance }
            if (60...1000).contains(raw) { return (raw, range) }
        }
        return (1023, 15)
    }

    private static func search(in range: ClosedRange<Int64>, _ isReached: (Int64) -> Bool) -> Int64 {
        var low = range.lowerBound
        var high = range.upperBound
        while low < high {
            let middle = low + (high - low) / 2
            if isReached(middle) { high = middle } else { low = middle + 1 }
        }
        return low
    }

    private func fine(_ raw: Int64) -> Int64 {
        let var1 = (raw >> 3) - (Int64(t1) << 1)
        let half = var1 >> 1
        return ((var1 * Int64(t2)) >> 11) + ((((half * half) >> 12) * (Int64(t3) << 4)) >> 14)
    }

    private func pascal(_ raw: Int64, _ fine: Int64) -> Double {
        var var1 = (fine >> 1) - 64_000
        let square = ((var1 >> 2) * (var1 >> 2))
        var var2 = ((square >> 11) * Int64(p6)) >> 2
        var2 += (var1 * Int64(p5)) << 1
        var2 = (var2 >> 2) + (Int64(p4) << 16)
        var1 = (((square >> 13) * (Int64(p3) << 5)) >> 3) + ((Int64(p2) * var1) >> 1)
        var1 = ((32_768 + (var1 >> 18)) * Int64(p1)) >> 15
        guard var1 != 0 else { return 0 }
        // With 1/16 Pa kept, which the 32-bit formula drops.
        let result = (((1_048_576 - raw) - (var2 >> 12)) * 3_125 * 2 * 16) / var1
        let whole = result >> 4
        var1 = (Int64(p9) * (((whole >> 3) * (whole >> 3)) >> 13)) >> 12
        var2 = ((whole >> 2) * Int64(p8)) >> 13
        let var3 = ((whole >> 8) * (whole >> 8) * (whole >> 8) * Int64(p10)) >> 17
        return Double(result + var1 + var2 + var3 + (Int64(p7) << 7)) / 16
    }

    private func percent(_ raw: Int64, _ fine: Int64) -> Double {
        let t = (fine * 5 + 128) >> 8
        let var1 = raw - Int64(h1) * 16 - (((t * Int64(h3)) / 100) >> 1)
        let shape = (t * Int64(h4)) / 100 + ((t * ((t * Int64(h5)) / 100)) >> 6) / 100 + (1 << 14)
        let var3 = var1 * ((Int64(h2) * shape) >> 10)
        let var4 = ((Int64(h6) << 7) + (t * Int64(h7)) / 100) >> 4
        let var6 = (var4 * (((var3 >> 14) * (var3 >> 14)) >> 10)) >> 1
        return Double((((var3 + var6) >> 10) * 1000) >> 12) / 1000
    }

    private func ohm(_ raw: Int64, _ range: Int) -> Double {
        let var1 = ((1_340 + 5 * Int64(rangeError)) * Self.firstTable[range]) >> 16
        let var2 = (raw << 15) - 16_777_216 + var1
        guard var2 > 0 else { return .infinity }
        return Double((Self.secondTable[range] * var1) >> 9) / Double(var2)
    }

    private static let firstTable: [Int64] = [
        2_147_483_647, 2_147_483_647, 2_147_483_647, 2_147_483_647, 2_147_483_647, 2_126_008_810, 2_147_483_647, 2_130_303_777,
        2_147_483_647, 2_147_483_647, 2_143_188_679, 2_136_746_228, 2_147_483_647, 2_126_008_810, 2_147_483_647, 2_147_483_647,
    ]
    private static let secondTable: [Int64] = [
        4_096_000_000, 2_048_000_000, 1_024_000_000, 512_000_000, 255_744_255, 127_110_228, 64_000_000, 32_258_064,
        16_016_016, 8_000_000, 4_000_000, 2_000_000, 1_000_000, 500_000, 250_000, 125_000,
    ]
}
