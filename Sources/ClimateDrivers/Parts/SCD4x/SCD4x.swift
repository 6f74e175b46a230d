import SensorCore

/// Sensirion SCD40, SCD41 and SCD43: CO2, temperature and humidity (datasheet "SCD4x", version 1.7, April 2025).
///
/// SCD41 and SCD43 measure in single shots. The SCD40 cannot, so it runs in its low-power mode, a reading every 30 s.
enum SCD4x {
    enum Model: String, Sendable {
        case scd40
        case scd41
        case scd43

        /// Bits 15 to 12 of the variant (§3.10.7).
        init?(variant: UInt16) {
            switch variant >> 12 {
            case 0: self = .scd40
            case 1: self = .scd41
            case 5: self = .scd43
            default: return nil
            }
        }

        var measuresInSingleShots: Bool { self != .scd40 }
    }

    /// Off unless it is asked for: it takes the lowest of a week for fresh air, which at a street is not true.
    static let selfCalibration = PartOption(
        "self-calibration", .flag, usual: .flag(false),
        meaning: "let the part take the lowest CO2 of a week for fresh air; needs such air every week and power throughout")

    static let parts = [
        part(
            .scd40, accuracy: "±(50 ppm + 5 %) (400 to 2000 ppm)",
            PartTiming(deadline: .seconds(35), startAllowance: .seconds(2), shortestPeriod: .seconds(30))),
        part(
            .scd41, accuracy: "±(50 ppm + 2.5 %) (400 to 1000 ppm), ±(50 ppm + 3 %) (1001 to 2000 ppm), ±(40 ppm + 5 %) (2001 to 5000 ppm)",
            singleShotTiming),
        part(.scd43, accuracy: "±(30 ppm + 3 %) (400 to 5000 ppm)", singleShotTiming),
    ]

    private static let singleShotTiming = PartTiming(
        deadline: .seconds(7), startAllowance: .seconds(8), shortestPeriod: .seconds(10))

    private static func part(_ model: Model, accuracy: String, _ timing: PartTiming) -> ClimatePart {
        ClimatePart.sensirion(
            PartDescription(
                name: model.rawValue, addresses: addresses,
                specifications: [
                    // The part compensates CO2 with both of the others, and humidity with its own temperature (page 1, "on-chip
                    // signal compensation").
                    QuantitySpecification(
                        .co2, in: 1...40_000, accuracy: accuracy, source: "SCD4x datasheet, version 1.7, §1.1",
                        dependsOn: [.temperature, .humidity]),
                    QuantitySpecification(
                        .temperature, in: -10...60, accuracy: "±0.8 Cel (15 to 35 Cel)", source: "SCD4x datasheet, version 1.7, §1.3"),
                    QuantitySpecification(
                        .humidity, in: 0...100, accuracy: "±6 %RH (20 to 65 %RH, 15 to 35 Cel)",
                        source: "SCD4x datasheet, version 1.7, §1.2", dependsOn: [.temperature]),
                ],
                options: [selfCalibration], timing: timing),
            recognisedBy: Question.variant,
            judge: { Model(variant: $0[0]) == model ? PartIdentity(.certain, "sensor variant \($0[0] >> 12)") : nil },
            makeDriver: { SCD4xDriver(model: model, calibratesItself: $0.isOn(selfCalibration)) })
    }

    /// Fixed (§3.1, table 7).
    static let addresses = [0x62].compactMap { I2CAddress($0) }

    /// §3.5, table 9.
    enum Command {
        static let wakeUp: UInt16 = 0x36F6
        static let stopPeriodicMeasurement: UInt16 = 0x3F86
        static let reinit: UInt16 = 0x3646
        static let setSelfCalibration: UInt16 = 0x2416
        static let setAmbientPressure: UInt16 = 0xE000
        static let startLowPowerMeasurement: UInt16 = 0x21AC
        static let measureSingleShot: UInt16 = 0x219D
    }

    /// §3.5, table 9.
    enum Question {
        static let variant = SensirionQuestion(UInt16(0x202F), words: 1, "variant")
        static let selfCalibration = SensirionQuestion(UInt16(0x2313), words: 1, "self-calibration")
        static let dataReady = SensirionQuestion(UInt16(0xE4B8), words: 1, "data-ready status")
        static let measurement = SensirionQuestion(UInt16(0xEC05), words: 3, "measurement")
    }

    /// Execution times of §3.5, table 9.
    static let commandTime = TimeSpan.milliseconds(1)
    static let wakeTime = TimeSpan.milliseconds(30)
    static let reinitTime = TimeSpan.milliseconds(30)
    static let stopTime = TimeSpan.milliseconds(500)
    static let singleShotTime = TimeSpan.milliseconds(5_000)
    /// §3.9.2: data is there when any of the eleven lower bits is set.
    static let dataReadyMask: UInt16 = 0x07FF
    /// A single shot that is late is asked for again this often, this long apart.
    static let singleShotPolls = 10
    static let singleShotPollInterval = TimeSpan.milliseconds(50)
    /// The low-power mode gives data every 30 s (§3.9.1).
    static let lowPowerPolls = 66
    static let lowPowerPollInterval = TimeSpan.milliseconds(500)

    /// What the compensation takes, in Pa (§3.7.5); the command has 100 Pa steps.
    static let pressureRange = 70_000.0...120_000.0
}

/// §3.6.2. Worked value (its table 12): words 0x01F4, 0x6667 and 0x5EB9 give 500 ppm, 25 °C and 37 %RH.
struct SCD4xConversion: Hashable, Sendable {
    /// ppm.
    var co2: Double
    /// °C, less the part's own offset of 4 °C for what it warms itself.
    var temperature: Double
    /// %RH.
    var humidity: Double

    init(co2Word: UInt16, temperatureWord: UInt16, humidityWord: UInt16) {
        co2 = Double(co2Word)
        temperature = SensirionTicks.temperature(temperatureWord)
        humidity = SensirionTicks.humidity(humidityWord)
    }
}
