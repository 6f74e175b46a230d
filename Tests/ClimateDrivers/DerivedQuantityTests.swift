import SensorCore
import Testing

@testable import ClimateDrivers

/// Against independent implementations: MetPy 1.7.1 (vapour over water after Bolton 1980; heat index), PsychroLib 2.5.0
/// (ASHRAE 2017, over ice below 0 °C; sea-level pressure after Hess 1979) and pythermalcomfort 4.8.1 (Stull). The
/// program that made the numbers is independent/derived.py.
@Suite struct DerivedQuantityTests {
    /// °C, %RH; dew point of MetPy and PsychroLib (nil below 0 °C); saturation pressure of MetPy, Pa.
    static let moisture: [(Double, Double, metPy: Double, psychroLib: Double?, saturation: Double)] = [
        (-20, 80, -22.583, nil, 125.5), (-5, 60, -11.581, nil, 421.5), (0, 100, -0.01, 0, 610.8), (10, 30, -6.796, nil, 1226.7),
        (20, 50, 9.256, 9.272, 2334.7), (25, 60, 16.68, 16.701, 3162.3), (35, 20, 8.667, 8.707, 5609.4), (45, 90, 42.833, 42.966, 9548),
    ]

    @Test("Dew point agrees", arguments: moisture)
    func dewPointAgrees(_ t: Double, _ h: Double, metPy: Double, psychroLib: Double?, saturation: Double) throws {
        let dewPoint = try #require(AirMoisture.dewPoint(t, h))
        #expect(abs(dewPoint - metPy) < 0.16)
        if let psychroLib { #expect(abs(dewPoint - psychroLib) < 0.03) }
        let pressure = try #require(AirMoisture.saturationPressure(t))
        #expect(abs(pressure / saturation - 1) < 0.007)
        // What the dew point's own saturation is, is what the air holds.
        let vapour = try #require(AirMoisture.vapourPressure(t, h))
        let atDewPoint = try #require(AirMoisture.saturationPressure(dewPoint))
        #expect(abs(vapour - atDewPoint) < 1e-9 * vapour)
    }

    /// °C, %RH, g/m³ and Pa by PsychroLib.
    @Test(
        "Absolute humidity and deficit agree",
        arguments: [
            (0, 100, 4.848, 0), (20, 50, 8.644, 1169.4), (25, 60, 13.82, 1267.7), (35, 20, 7.915, 4502.3), (45, 90, 58.804, 959.3),
        ] as [(Double, Double, Double, Double)])
    func absoluteHumidityAndDeficitAgree(_ t: Double, _ h: Double, grams: Double, deficit: Double) throws {
        #expect(try abs(#require(AirMoisture.absoluteHumidity(t, h)) / grams - 1) < 0.005)
        #expect(try abs(#require(AirMoisture.vapourPressureDeficit(t, h)) - deficit) < max(0.5, deficit * 0.005))
    }

    /// °C, %RH; MetPy.
    @Test(
        "Heat index agrees",
        arguments: [
            (30, 40, 29.68916506), (30, 70, 35.03801756), (32.2222, 70, 41.06772275), (35, 10, 31.91643739), (38, 60, 54.9610697),
            (43, 20, 43.907343), (29, 90, 37.23118982),
        ] as [(Double, Double, Double)])
    func heatIndexAgrees(_ t: Double, _ h: Double, index: Double) throws {
        #expect(try abs(#require(HumanHeat.heatIndex(t, h)) - index) < 1e-5)
    }

    /// Not hot enough, beyond the table.
    @Test("Heat index is not stretched", arguments: [(20, 50), (26, 90), (27, 10), (45, 30)] as [(Double, Double)])
    func heatIndexIsNotStretched(_ t: Double, _ h: Double) { #expect(HumanHeat.heatIndex(t, h) == nil) }

    /// °C, %RH; pythermalcomfort, and the true psychrometric value of PsychroLib within Stull's stated error.
    @Test(
        "Wet bulb agrees",
        arguments: [
            (20, 50, 13.699341968988136, 13.783), (10, 30, 3.2630167529456546, 3.561), (25, 60, 19.502679418339483, 19.471),
            (35, 20, 19.302351794569628, 18.87), (45, 90, 43.394187787959154, 43.215), (-20, 80, -20.875442695153385, -20.306),
            (-5, 60, -7.456850341950582, -6.791),
        ] as [(Double, Double, Double, Double)])
    func wetBulbAgrees(_ t: Double, _ h: Double, stull: Double, truth: Double) throws {
        let value = try #require(HumanHeat.wetBulb(t, h))
        #expect(abs(value - stull) < 1e-9)
        #expect((-1...0.65).contains(value - truth))
    }

    @Test("Wet bulb is not stretched", arguments: [(20, 4.9), (20, 99.1), (-21, 90), (51, 50), (-10, 40), (0, 20)] as [(Double, Double)])
    func wetBulbIsNotStretched(_ t: Double, _ h: Double) { #expect(HumanHeat.wetBulb(t, h) == nil) }

    /// Pa, °C, m; PsychroLib, dry air. It takes the mean temperature in the same way.
    @Test(
        "Sea level pressure agrees",
        arguments: [
            (100_000, 15, 118, 101407.00073498843), (95_000, 0, 500, 101093.36089521353), (101_000, 25, 20, 101231.6810842724),
        ] as [(Double, Double, Double, Double)])
    func seaLevelPressureAgrees(_ pressure: Double, _ t: Double, _ height: Double, expected: Double) throws {
        let dry = try #require(SeaLevelPressure.reduce(pressure, temperature: t, vapour: 0, height: height))
        #expect(abs(dry - expected) < 2)
        // Moist air is lighter, so it adds less.
        let moist = try #require(SeaLevelPressure.reduce(pressure, temperature: t, vapour: 1000, height: height))
        #expect(moist < dry && dry - moist < 40)
    }

    @Test("Beyond the formulas there is nothing") func beyondTheFormulasThereIsNothing() {
        #expect(AirMoisture.dewPoint(-41, 50) == nil)
        #expect(AirMoisture.dewPoint(51, 50) == nil)
        #expect(AirMoisture.dewPoint(20, 0) == nil)
        #expect(AirMoisture.dewPoint(20, 101) == nil)
        #expect(AirMoisture.dewPoint(.nan, 50) == nil)
        #expect(SeaLevelPressure.reduce(90_000, temperature: 10, vapour: 0, height: 751) == nil)
        #expect(SeaLevelPressure.reduce(90_000, temperature: 51, vapour: 0, height: 100) == nil)
    }

    @Test("Follows from the readings of one moment") func followsFromTheReadingsOfOneMoment() throws {
        let derived = DerivedQuantities([.dewPoint, .seaLevelPressure, .wetBulb, .heatIndex, .humidity], height: 118)
        #expect(derived.quantities == [.dewPoint, .seaLevelPressure, .wetBulb, .heatIndex])
        var reading = PartReading([
            Measurement(.temperature, 20, raw: 25), Measurement(.humidity, 50), Measurement(.pressure, 100_000),
        ])
        derived.append(to: &reading)
        // 20 °C is no heat.
        #expect(reading.given.dropFirst(3).map(\.quantity) == [.dewPoint, .seaLevelPressure, .wetBulb])
        // Of the calibrated 20 °C, not the raw 25 °C.
        #expect(abs(reading.given[3].value - 9.26) < 0.01)
        var dry = PartReading([Measurement(.pressure, 100_000), Measurement(.temperature, 15)])
        derived.append(to: &dry)
        #expect(dry.given.count == 3 && abs(dry.given[2].value - 101_407) < 1)
        var nowhere = PartReading([Measurement(.pressure, 100_000), Measurement(.temperature, 15)])
        DerivedQuantities([.seaLevelPressure]).append(to: &nowhere)
        #expect(nowhere.given.count == 2)
    }

    /// What follows from a withheld quantity is withheld for its reason; the pressure at sea level also with the humidity that
    /// its formula takes where the part has it.
    @Test("What follows from a withheld quantity is withheld") func whatFollowsFromAWithheldQuantityIsWithheld() throws {
        let derived = DerivedQuantities([.dewPoint, .seaLevelPressure], height: 118)
        var humid = PartReading([Measurement(.temperature, 20), Measurement(.pressure, 100_000)])
        humid.withhold(.humidity, SensorError(.notReady, "did not measure it"))
        derived.append(to: &humid)
        #expect(humid.given.map(\.quantity) == [.temperature, .pressure])
        #expect(humid.withheld.map(\.quantity) == [.humidity, .dewPoint, .seaLevelPressure])
        #expect(humid.withheld.allSatisfy { $0.error.kind == .notReady })
        var high = PartReading([Measurement(.temperature, 20), Measurement(.humidity, 50)])
        high.withhold(.pressure, SensorError(.outOfRange, "too high"))
        derived.append(to: &high)
        #expect(high.given.map(\.quantity) == [.temperature, .humidity, .dewPoint])
        #expect(high.withheld.map(\.quantity) == [.pressure, .seaLevelPressure])
    }

    @Test("A derived quantity has no raw mean") func aDerivedQuantityHasNoRawMean() throws {
        var accumulator = QuantityAccumulator(.dewPoint)
        accumulator.add(Measurement(.dewPoint, 9))
        let interval = accumulator.interval()
        #expect(interval.rawMean == nil && interval.statistics?.mean == 9)
    }
}

/// Directions: expected values by scipy.stats.circmean and circstd (1.17.1), and by looking at a compass.
@Suite struct DirectionTests {
    static func statistics(_ directions: [Double]) -> SampleStatistics? {
        var accumulator = QuantityAccumulator(.windDirection)
        for direction in directions { accumulator.add(Measurement(.windDirection, direction)) }
        return accumulator.interval().statistics
    }

    @Test(
        "Mean is that of a circle",
        arguments: [
            ([350, 10], 0, 350, 10), ([10, 350, 0], 0, 350, 10), ([90, 100, 110], 100, 90, 110), ([359, 1, 2], 0.6666666, 359, 2),
            ([0], 0, 0, 0), ([170, 190], 180, 170, 190), ([355, 5, 15, 345], 0, 345, 15),
        ] as [([Double], Double, Double, Double)])
    func meanIsThatOfACircle(_ directions: [Double], mean: Double, minimum: Double, maximum: Double) throws {
        let statistics = try #require(Self.statistics(directions))
        let difference = (statistics.mean - mean + 540).truncatingRemainder(dividingBy: 360) - 180
        #expect(abs(difference) < 0.001)
        #expect((0..<360).contains(statistics.mean))
        #expect(abs(statistics.minimum - minimum) < 1e-9 && abs(statistics.maximum - maximum) < 1e-9)
        #expect(statistics.last == directions.last)
    }

    /// circstd(…, high=360).
    @Test("Deviation is that of a circle") func deviationIsThatOfACircle() throws {
        #expect(try abs(#require(Self.statistics([350, 10])?.standardDeviation) - 10.0255602484647) < 1e-9)
        #expect(try abs(#require(Self.statistics([90, 100, 110])?.standardDeviation) - 8.17536831253456) < 1e-9)
        #expect(Self.statistics([5])?.standardDeviation == nil)
    }

    /// Opposite directions have no mean: null, not a direction nobody saw.
    @Test("Opposites have no mean") func oppositesHaveNoMean() { #expect(Self.statistics([0, 180]) == nil) }
}
