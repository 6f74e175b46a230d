import SensorCore

/// The trimming coefficients of one part, each in the width and sign of BST-BME680-DS001 §3.3.
struct BME680Coefficients: Hashable, Sendable {
    var t1: UInt16, t2: Int16, t3: Int8
    var p1: UInt16, p2: Int16, p3: Int8, p4: Int16, p5: Int16, p6: Int8, p7: Int8, p8: Int16, p9: Int16, p10: UInt8
    /// 12 bits each.
    var h1: UInt16, h2: UInt16
    var h3: Int8, h4: Int8, h5: Int8, h6: UInt8, h7: Int8
    var g1: Int8, g2: Int16, g3: Int8
    /// 2 bits, unsigned.
    var heaterRange: UInt8
    var heaterValue: Int8
    /// 4 bits, signed.
    var rangeError: Int8

    /// - Parameters:
    ///   - block: 0x89 to 0xA1.
    ///   - humidity: 0xE1 to 0xEE. H1 and H2 share 0xE2: its low half ends H1, its high half H2, the other way round
    ///     than H4 and H5 of the BME280.
    ///   - heater: 0x00 to 0x04.
    init(block: I2CFrame, humidity: I2CFrame, heater: I2CFrame) {
        func word(_ register: Int) -> Int16 { Int16(bitPattern: block.littleEndian16(at: register - 0x89)) }
        func byte(_ register: Int) -> Int8 { Int8(bitPattern: block[register - 0x89]) }
        func high(_ register: Int) -> Int8 { Int8(bitPattern: humidity[register - 0xE1]) }
        t1 = humidity.littleEndian16(at: 0xE9 - 0xE1)
        t2 = word(0x8A)
        t3 = byte(0x8C)
        p1 = UInt16(bitPattern: word(0x8E))
        p2 = word(0x90)
        p3 = byte(0x92)
        p4 = word(0x94)
        p5 = word(0x96)
        p7 = byte(0x98)
        p6 = byte(0x99)
        p8 = word(0x9C)
        p9 = word(0x9E)
        p10 = block[0xA0 - 0x89]
        h1 = UInt16(humidity[2]) << 4 | UInt16(humidity[1] & 0x0F)
        h2 = UInt16(humidity[0]) << 4 | UInt16(humidity[1] >> 4)
        h3 = high(0xE4)
        h4 = high(0xE5)
        h5 = high(0xE6)
        h6 = UInt8(bitPattern: high(0xE7))
        h7 = high(0xE8)
        g2 = Int16(bitPattern: humidity.littleEndian16(at: 0xEB - 0xE1))
        g1 = high(0xED)
        g3 = high(0xEE)
        heaterRange = heater[2] >> 4 & 0x03
        heaterValue = Int8(bitPattern: heater[0])
        rangeError = Int8(bitPattern: heater[4]) >> 4
    }

    /// What no sound part has. T3, P3 to P10 and H3 to H7 are 0 or near it in some, and the gas sensor's in any.
    var faults: [CoefficientFault] {
        var faults: [CoefficientFault] = []
        func check(_ quantity: Quantity, _ name: String, _ value: some FixedWidthInteger, _ isFault: Bool) {
            if isFault { faults.append(CoefficientFault(quantity: quantity, detail: "\(name) is \(value)")) }
        }
        check(.temperature, "T1", t1, BoschCoefficient.isSmall(t1))
        check(.temperature, "T2", t2, BoschCoefficient.isSmall(UInt16(bitPattern: t2)))
        check(.pressure, "P1", p1, BoschCoefficient.isSmall(p1))
        check(.pressure, "P2", p2, BoschCoefficient.isVoid(p2))
        check(.humidity, "H1", h1, h1 == 0 || h1 == 0xFFF)
        check(.humidity, "H2", h2, h2 == 0 || h2 == 0xFFF)
        return faults
    }
}
