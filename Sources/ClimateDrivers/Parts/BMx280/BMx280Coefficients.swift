import SensorCore

/// The trimming coefficients of one part, each in the width and sign of BME280 §4.2.2, table 16.
struct BMx280Coefficients: Hashable, Sendable {
    var t1: UInt16, t2: Int16, t3: Int16
    var p1: UInt16, p2: Int16, p3: Int16, p4: Int16, p5: Int16, p6: Int16, p7: Int16, p8: Int16, p9: Int16
    /// nil for the BMP280.
    var humidity: Humidity?

    struct Humidity: Hashable, Sendable {
        var h1: UInt8, h2: Int16, h3: UInt8
        /// 12 bits, signed: −2048 to 2047.
        var h4: Int16, h5: Int16
        var h6: Int8

        /// `h1` is register 0xA1, `block` 0xE1 to 0xE7. H4 and H5 share 0xE5: its low half ends H4, its high half
        /// begins H5. Worked value: 0xE4…0xE6 = 14 24 03 gives H4 = 0x144 = 324 and H5 = 0x032 = 50.
        init(h1: UInt8, block: I2CFrame) {
            self.h1 = h1
            h2 = Int16(bitPattern: block.littleEndian16(at: 0))
            h3 = block[2]
            // The upper eight bits carry the sign, so they are widened as a signed byte.
            h4 = Int16(Int8(bitPattern: block[3])) << 4 | Int16(block[4] & 0x0F)
            h5 = Int16(Int8(bitPattern: block[5])) << 4 | Int16(block[4] >> 4)
            h6 = Int8(bitPattern: block[6])
        }
    }

    /// `block` is 0x88 to 0x9F, least significant byte first.
    init(block: I2CFrame, humidity: Humidity?) {
        func signed(_ index: Int) -> Int16 { Int16(bitPattern: block.littleEndian16(at: index)) }
        t1 = block.littleEndian16(at: 0)
        t2 = signed(2)
        t3 = signed(4)
        p1 = block.littleEndian16(at: 6)
        p2 = signed(8)
        p3 = signed(10)
        p4 = signed(12)
        p5 = signed(14)
        p6 = signed(16)
        p7 = signed(18)
        p8 = signed(20)
        p9 = signed(22)
        self.humidity = humidity
    }

    /// What no sound part has. T3, P4 to P6, H1, H3, H5 and H6 are 0 or near it in some.
    var faults: [CoefficientFault] {
        var faults: [CoefficientFault] = []
        func check(_ quantity: Quantity, _ name: String, _ value: some FixedWidthInteger, _ isFault: Bool) {
            if isFault { faults.append(CoefficientFault(quantity: quantity, detail: "\(name) is \(value)")) }
        }
        check(.temperature, "T1", t1, BoschCoefficient.isSmall(t1))
        check(.temperature, "T2", t2, BoschCoefficient.isSmall(UInt16(bitPattern: t2)))
        check(.pressure, "P1", p1, BoschCoefficient.isSmall(p1))
        for (name, value) in [("P2", p2), ("P3", p3), ("P7", p7), ("P8", p8), ("P9", p9)] {
            check(.pressure, name, value, BoschCoefficient.isVoid(value))
        }
        if let humidity {
            check(.humidity, "H2", humidity.h2, BoschCoefficient.isVoid(humidity.h2))
            check(.humidity, "H4", humidity.h4, BoschCoefficient.isVoid(humidity.h4))
        }
        return faults
    }
}
