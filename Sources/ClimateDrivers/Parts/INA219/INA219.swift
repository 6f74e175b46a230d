import SensorCore

/// Texas Instruments INA219: voltage, current and power of a supply (datasheet SBOS448G).
enum INA219 {
    static let shunt = PartOption(
        "shunt", .resistance(0.000_1...100), usual: .resistance(0.1), meaning: "the shunt's resistance; 0.1 Ohm on the usual boards")

    static let parts = [
        ClimatePart(
            description: PartDescription(
                name: "ina219", addresses: addresses,
                specifications: [
                    QuantitySpecification(.voltage, in: 0...32, accuracy: "±0.5 % (26 V at most on the pin)", source: "SBOS448G §7.5"),
                    QuantitySpecification(
                        .current, in: -3_200...3_200, accuracy: "±0.5 %; ±0.32 V at the shunt: ±3.2 A at 0.1 Ohm", source: "SBOS448G §7.5"),
                    QuantitySpecification(
                        .power, in: -102_400...102_400, accuracy: "voltage × current", source: "SBOS448G §8.5",
                        dependsOn: [.voltage, .current]),
                ],
                options: [shunt]),
            printedName: "INA219",
            makeDriver: { INA219Driver(shunt: $0.number(shunt)) },
            identify: { part throws(SensorError) in
                let word = try part.read(2, at: Register.configuration).bigEndian16(at: 0)
                switch word {
                case resetConfiguration: return PartIdentity(.likely, "configuration as after power-up")
                case configuration: return PartIdentity(.likely, "configuration as this program writes it")
                default: return nil
                }
            })
    ]

    /// A1 and A0 each to ground, VS, SDA or SCL (§8.5.5, table 1).
    static let addresses = (0x40...0x4F).compactMap { I2CAddress($0) }

    /// §8.6, table 2.
    enum Register {
        static let configuration: UInt8 = 0x00
        static let shuntVoltage: UInt8 = 0x01
        static let busVoltage: UInt8 = 0x02
    }

    /// §8.6.2.1: reset, and what the register holds after it.
    static let reset: UInt16 = 0x8000
    static let resetConfiguration: UInt16 = 0x399F
    /// 32 V, PGA /8 (±320 mV), eight samples averaged for each of both voltages, triggered.
    static let configuration: UInt16 = 1 << 13 | 0b11 << 11 | 0b1011 << 7 | 0b1011 << 3 | 0b011
    /// §8.6.3.2: conversion ready and overflow in the bus voltage register.
    static let conversionReady: UInt16 = 1 << 1
    static let overflow: UInt16 = 1 << 0
    /// ±320 mV in steps of 10 µV (§8.6.3.1, table 7): the converter at its stop.
    static let shuntStop: Int16 = 32_000

    static let resetTime = TimeSpan.milliseconds(1)
    /// Twice eight samples: 4.26 ms typical, 4.68 ms at most each (§7.5; §8.6.2.1, table 5).
    static let measurementTime = TimeSpan.microseconds(9_400)
    static let polls = 10
    static let pollInterval = TimeSpan.milliseconds(1)
}

/// §8.6.3: the bus voltage is in the upper 13 bits, 4 mV each; the shunt voltage has 10 µV. Worked value (§8.5.1, figure
/// 27 and table 8): bus register 0x5D98 is 11.98 V, shunt register 0x07D0 is 20 mV; 2 mΩ then carry 10 A, 119.82 W.
struct INA219Conversion: Hashable, Sendable {
    /// V.
    var voltage: Double
    /// A; negative when it flows back.
    var current: Double
    /// W.
    var power: Double { voltage * current }

    init(busWord: UInt16, shuntWord: UInt16, shunt: Double) {
        voltage = Double(busWord >> 3) * 0.004
        current = Double(Int16(bitPattern: shuntWord)) * 10e-6 / shunt
    }
}
