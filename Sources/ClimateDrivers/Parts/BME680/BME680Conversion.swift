import SensorCore

/// What the converter delivered for one measurement: 20, 20 and 16 bits (BST-BME680-DS001 §5.3.4).
struct BME680RawData: Hashable, Sendable {
    var pressure: UInt32
    var temperature: UInt32
    var humidity: UInt16

    /// `frame` begins at 0x1F.
    init(frame: I2CFrame) {
        func twentyBits(_ index: Int) -> UInt32 {
            UInt32(frame[index]) << 12 | UInt32(frame[index + 1]) << 4 | UInt32(frame[index + 2]) >> 4
        }
        pressure = twentyBits(0)
        temperature = twentyBits(3)
        humidity = frame.bigEndian16(at: 6)
    }
}

/// The compensation formulas in double precision, BST-BME680-DS001 §3.3.1 to §3.3.3.
struct BME680Conversion: Hashable, Sendable {
    /// Temperature in 1/5120 °C, which the other formulas start from.
    var fineTemperature: Double
    /// °C.
    var temperature: Double
    /// Pa.
    var pressure: Double
    /// %RH as the formula gives it, not yet limited to 0…100.
    var humidity: Double

    init(_ raw: BME680RawData, _ c: BME680Coefficients) {
        let t = Double(raw.temperature)
        let offset = t / 131072 - Double(c.t1) / 8192
        fineTemperature = (t / 16384 - Double(c.t1) / 1024) * Double(c.t2) + offset * offset * Double(c.t3) * 16
        temperature = fineTemperature / 5120
        pressure = Self.pressure(Double(raw.pressure), fineTemperature, c)
        humidity = Self.humidity(Double(raw.humidity), temperature, c)
    }

    private static func pressure(_ raw: Double, _ fine: Double, _ c: BME680Coefficients) -> Double {
        let t = fine / 2 - 64000
        let offset = (t * t * Double(c.p6) / 131072 + t * Double(c.p5) * 2) / 4 + Double(c.p4) * 65536
        let slope = (Double(c.p3) * t * t / 16384 + Double(c.p2) * t) / 524288
        let sensitivity = (1 + slope / 32768) * Double(c.p1)
        let p = (1_048_576 - raw - offset / 4096) * 6250 / sensitivity
        let quadratic = Double(c.p9) * p * p / 2_147_483_648
        let linear = p * Double(c.p8) / 32768
        let cubic = (p / 256) * (p / 256) * (p / 256) * Double(c.p10) / 131072
        return p + (quadratic + linear + cubic + Double(c.p7) * 128) / 16
    }

    private static func humidity(_ raw: Double, _ t: Double, _ c: BME680Coefficients) -> Double {
        let offset = raw - (Double(c.h1) * 16 + Double(c.h3) / 2 * t)
        let gain = Double(c.h2) / 262144 * (1 + Double(c.h4) / 16384 * t + Double(c.h5) / 1_048_576 * t * t)
        let h = offset * gain
        return h + (Double(c.h6) / 16384 + Double(c.h7) / 2_097_152 * t) * h * h
    }
}

/// The gas sensor's heater and resistance, BST-BME680-DS001 §3.3.5 and §3.4.1.
struct BME680Gas: Hashable, Sendable {
    /// The code for `target` °C in air of `ambient` °C.
    static func heaterCode(target: Double, ambient: Double, _ c: BME680Coefficients) -> UInt8 {
        let first = Double(c.g1) / 16 + 49
        let second = Double(c.g2) / 32768 * 0.0005 + 0.00235
        let third = Double(c.g3) / 1024
        let heat = first * (1 + second * target) + third * ambient
        let code = 3.4 * (heat * (4 / (4 + Double(c.heaterRange))) * (1 / (1 + Double(c.heaterValue) * 0.002)) - 25)
        return UInt8(max(0, min(255, code)))
    }

    /// Ohm.
    var resistance: Double

    /// `frame` is 0x2A and 0x2B: ten bits and, in the lower four of the second byte, the range.
    init(frame: I2CFrame, _ c: BME680Coefficients) {
        let raw = Double(UInt16(frame[0]) << 2 | UInt16(frame[1]) >> 6)
        let range = Int(frame[1] & 0x0F)
        let base = (1340 + 5 * Double(c.rangeError)) * Self.errorByRange[range]
        resistance = base * Self.gainByRange[range] / (raw - 512 + base)
    }

    /// The two constant arrays of §3.4.1, table 16.
    private static let errorByRange = [1, 1, 1, 1, 1, 0.99, 1, 0.992, 1, 1, 0.998, 0.995, 1, 0.99, 1, 1]
    private static let gainByRange = [
        8_000_000, 4_000_000, 2_000_000, 1_000_000, 499_500.4995, 248_262.1648, 125_000, 63_004.03226,
        31_281.28128, 15_625, 7_812.5, 3_906.25, 1_953.125, 976.5625, 488.28125, 244.140625,
    ]
}
