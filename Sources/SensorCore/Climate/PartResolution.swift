/// What one step of a part's quantity is worth, and how much the quantity trembles by itself; both in the quantity's unit.
///
/// Numbers are written with a tenth of the step (`places`), which loses nothing that was measured: what stands behind it is
/// arithmetic. Whoever calculates with them, the journal, sums and calibrations, has them whole.
public struct PartResolution: Hashable, Sendable {
    public var step: Double
    /// The scatter of single readings at rest (one standard deviation), where the data sheet has it and it exceeds the step: such a
    /// quantity never stands still. nil for one that may.
    public var noise: Double?
    /// Document and section.
    public var source: String

    /// Decimal places that resolve a tenth of the step.
    public var places: Int { Self.places(of: step / 10) }

    static func places(of size: Double) -> Int {
        var (places, rest) = (0, size)
        while rest < 0.999_999, places < 12 {
            rest *= 10
            places += 1
        }
        return places
    }

    /// Of a part that is not in the table, as an older program's journal may have: the finest of that quantity.
    public static func of(_ quantity: Quantity, part: String) -> PartResolution {
        if let known = table[part]?[quantity] { return known }
        return PartResolution(step: quantity.finestStep, noise: nil, source: "")
    }

    /// What parts say of themselves. `ClimateParts` has a row for each of its parts, or a test says which is missing.
    public static let table: [String: [Quantity: PartResolution]] = {
        let bme280 = "BST-BME280-DS002"
        let bmx: [Quantity: PartResolution] = [
            // 16 bits at oversampling 1: the noise is about a step, so it may stand for a while.
            .temperature: PartResolution(step: 0.01, source: "\(bme280) §1.4"),
            .pressure: PartResolution(step: 0.18, noise: 3.3, source: "\(bme280) §1.3, §3.6 (oversampling 1, no filter)"),
        ]
        var bme = bmx
        bme[.humidity] = PartResolution(step: 0.008, noise: 0.02, source: "\(bme280) §1.2, table 2")
        let bme680: [Quantity: PartResolution] = [
            .temperature: PartResolution(step: 0.01, source: "BST-BME680-DS001 §1.5"),
            .humidity: PartResolution(step: 0.008, source: "BST-BME680-DS001 §1.3"),
            .pressure: PartResolution(step: 0.18, source: "BST-BME680-DS001 §1.4"),
            .gasResistance: PartResolution(step: 1, source: "BST-BME680-DS001 §1.2"),
        ]
        // Repeatability is three standard deviations; the converter has 16 bits.
        let sht3x = "SHT3x-DIS datasheet, version 7, §1"
        let sht3: [Quantity: PartResolution] = [
            .temperature: PartResolution(step: 0.01, noise: 0.04 / 3, source: "\(sht3x), table 2 (high repeatability)"),
            .humidity: PartResolution(step: 0.01, noise: 0.08 / 3, source: "\(sht3x), table 1 (high repeatability)"),
        ]
        let sht4x = "SHT4x datasheet, version 6, §2"
        let sht4: [Quantity: PartResolution] = [
            .temperature: PartResolution(step: 0.01, noise: 0.04 / 3, source: "\(sht4x).2 (high repeatability)"),
            .humidity: PartResolution(step: 0.01, noise: 0.08 / 3, source: "\(sht4x).1 (high repeatability)"),
        ]
        let scd4x = "SCD4x datasheet, version 1.7, §1"
        let scd4: [Quantity: PartResolution] = [
            .co2: PartResolution(step: 1, noise: 10, source: "\(scd4x).1 (repeatability)"),
            .temperature: PartResolution(step: 175.0 / 65_535, noise: 0.1, source: "\(scd4x).3 (repeatability)"),
            .humidity: PartResolution(step: 100.0 / 65_535, noise: 0.4, source: "\(scd4x).2 (repeatability)"),
        ]
        let mass = PartResolution(step: 0.1, source: "SPS30 datasheet, version 1.0, §1.1")
        return [
            "bme280": bme, "bmp280": bmx, "bme680": bme680,
            "sht30": sht3, "sht31": sht3, "sht35": sht3, "sht40": sht4, "sht41": sht4, "sht43": sht4, "sht45": sht4,
            "scd40": scd4, "scd41": scd4, "scd43": scd4,
            "tmp117": [.temperature: PartResolution(step: 0.007_812_5, source: "SNOSD82D §7.3.1")],
            "tmp102": [.temperature: PartResolution(step: 0.0625, source: "SBOS397I §5.5")],
            "ds3231": [.temperature: PartResolution(step: 0.25, source: "19-5170 rev. 10, \"Temperature Registers\"")],
            // High-resolution mode: 1 lx by the typical factor.
            "bh1750": [.illuminance: PartResolution(step: 1 / 1.2, source: "BH1750FVI technical note, \"Measurement Mode\"")],
            "sps30": [.pm1: mass, .pm2_5: mass, .pm4: mass, .pm10: mass],
            // Bus 4 mV, shunt 10 µV; of the current at 1 Ohm, the largest shunt that makes sense.
            "ina219": [
                .voltage: PartResolution(step: 0.004, source: "SBOS448G §7.5"),
                .current: PartResolution(step: 0.000_01, source: "SBOS448G §7.5"),
                .power: PartResolution(step: 0.000_01, source: "SBOS448G §7.5"),
            ],
        ]
    }()

    public init(step: Double, noise: Double? = nil, source: String) {
        self.step = step
        self.noise = noise
        self.source = source
    }
}

extension Quantity {
    /// The finest step that any part has of it; of a derived quantity what its inputs resolve.
    fileprivate var finestStep: Double {
        switch self {
        case .temperature: 175.0 / 65_535
        case .humidity: 100.0 / 65_535
        case .pressure, .seaLevelPressure: 0.18
        case .co2, .gasResistance: 1
        case .illuminance: 0.1
        case .pm1, .pm2_5, .pm4, .pm10: 0.1
        case .voltage: 0.004
        case .current, .power: 0.000_01
        case .windDirection: 0.1
        case .dewPoint, .heatIndex, .wetBulb, .absoluteHumidity: 0.01
        case .vapourPressureDeficit: 0.1
        }
    }
}

extension Double {
    /// As it is written for others: with so many decimal places, no negative zero. What is too large to have that many stays as it is.
    /// - Parameter power: of ten, for a larger unit: the places are those of the smaller one.
    package func written(_ places: Int, dividedBy power: Int = 0) -> Double {
        var scale = 1.0
        for _ in 0..<places { scale *= 10 }
        var unit = 1.0
        for _ in 0..<power { unit *= 10 }
        let scaled = self * scale
        // Beyond 2^53 a Double has no fractions to cut.
        guard scaled.magnitude < 9_007_199_254_740_992 else { return self / unit }
        // One division of two whole numbers: the nearest Double to that decimal, which is written with no more digits.
        let rounded = scaled.rounded() / (scale * unit)
        return rounded == 0 ? 0 : rounded
    }

    /// A share of 1: only what is whole says 1, and only what is nothing says 0.
    package var writtenShare: Double {
        guard self > 0, self < 1 else { return self }
        return Swift.min(0.999_999, Swift.max(0.000_001, written(6)))
    }
}
