/// What the converter delivered for one measurement: 20, 20 and 16 bits, BME280 §4.
struct BMx280RawData: Hashable, Sendable {
    var pressure: UInt32
    var temperature: UInt32
    /// nil for the BMP280.
    var humidity: UInt16?

    /// `frame` begins at 0xF7; six bytes for the BMP280, eight for the BME280.
    init(frame: I2CFrame) {
        func twentyBits(_ index: Int) -> UInt32 {
            UInt32(frame[index]) << 12 | UInt32(frame[index + 1]) << 4 | UInt32(frame[index + 2]) >> 4
        }
        pressure = twentyBits(0)
        temperature = twentyBits(3)
        humidity = frame.count >= 8 ? frame.bigEndian16(at: 6) : nil
    }

    init(pressure: UInt32, temperature: UInt32, humidity: UInt16?) {
        self.pressure = pressure
        self.temperature = temperature
        self.humidity = humidity
    }
}

/// The compensation formulas in double precision, BME280 §8.1 and BMP280 §8.1.
///
/// Worked value (BMP280 §3.12): T1 27504, T2 26435, T3 −1000, P1 36477, P2 −10685, P3 3024, P4 2855, P5 140, P6 −7,
/// P7 15500, P8 −14600, P9 6000, raw temperature 519888, raw pressure 415148 give t_fine 128422, 25.08 °C and
/// 100653.27 Pa.
struct BMx280Conversion: Hashable, Sendable {
    /// Temperature in 1/5120 °C, which the other two formulas start from. Not rounded to an integer.
    var fineTemperature: Double
    /// °C.
    var temperature: Double
    /// Pa. Not finite when P1 is 0, which no sound part has.
    var pressure: Double
    /// %RH as the formula gives it, not yet limited to 0…100; nil for the BMP280.
    var humidity: Double?

    init(_ raw: BMx280RawData, _ coefficients: BMx280Coefficients) {
        fineTemperature = Self.fineTemperature(Double(raw.temperature), coefficients)
        temperature = fineTemperature / 5120
        pressure = Self.pressure(Double(raw.pressure), fineTemperature, coefficients)
        if let rawHumidity = raw.humidity, let humidityCoefficients = coefficients.humidity {
            humidity = Self.humidity(Double(rawHumidity), fineTemperature, humidityCoefficients)
        }
    }

    private static func fineTemperature(_ raw: Double, _ c: BMx280Coefficients) -> Double {
        let linear = (raw / 16384 - Double(c.t1) / 1024) * Double(c.t2)
        let offset = raw / 131072 - Double(c.t1) / 8192
        return linear + offset * offset * Double(c.t3)
    }

    private static func pressure(_ raw: Double, _ fineTemperature: Double, _ c: BMx280Coefficients) -> Double {
        let t = fineTemperature / 2 - 64000
        let offset = (t * t * Double(c.p6) / 32768 + t * Double(c.p5) * 2) / 4 + Double(c.p4) * 65536
        let slope = (Double(c.p3) * t * t / 524288 + Double(c.p2) * t) / 524288
        let sensitivity = (1 + slope / 32768) * Double(c.p1)
        let p = (1_048_576 - raw - offset / 4096) * 6250 / sensitivity
        let quadratic = Double(c.p9) * p * p / 2_147_483_648
        let linear = p * Double(c.p8) / 32768
        return p + (quadratic + linear + Double(c.p7)) / 16
    }

    private static func humidity(
        _ raw: Double, _ fineTemperature: Double, _ c: BMx280Coefficients.Humidity
    ) -> Double {
        let t = fineTemperature - 76800
        let offset = Double(c.h4) * 64 + Double(c.h5) / 16384 * t
        // Bosch's C driver multiplies by the bracket with H3 once more. The datasheet's two formulas (§4.2.3, §8.1)
        // agree that it counts once; the two ways differ only in parts whose H3 is not 0.
        let gain = Double(c.h2) / 65536 * (1 + Double(c.h6) / 67_108_864 * t * (1 + Double(c.h3) / 67_108_864 * t))
        let h = (raw - offset) * gain
        return h * (1 - Double(c.h1) * h / 524288)
    }
}
