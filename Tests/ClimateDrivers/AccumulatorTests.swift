import SensorCore
import Testing

@testable import ClimateDrivers

@Suite struct AccumulatorTests {
    static let span = IntervalSpan(
        start: MonotonicInstant(nanoseconds: 0), end: MonotonicInstant(nanoseconds: 60_000_000_000), utc: nil,
        isPartial: false)

    /// Expected values by Python's `statistics.mean` and `statistics.stdev`.
    @Test(
        "Agrees with Python",
        arguments: [
            ([2, 4, 4, 4, 5, 5, 7, 9], 5.0, 2.138089935299395),
            ([100_000.1, 100_000.2, 100_000.3], 100_000.2, 0.09999999999854481),
            ([-40, 85], 22.5, 88.38834764831844),
            ([1, 1, 1, 1], 1, 0),
        ] as [([Double], Double, Double)])
    func agreesWithPython(_ values: [Double], mean: Double, deviation: Double) throws {
        var accumulator = QuantityAccumulator(.temperature)
        for value in values { accumulator.add(Measurement(.temperature, value, raw: value + 10)) }
        let interval = accumulator.interval(calibration: "a")
        let statistics = try #require(interval.statistics)
        #expect(Int(statistics.count) == values.count)
        #expect(abs(statistics.mean - mean) < 1e-9)
        #expect(abs(try #require(statistics.standardDeviation) - deviation) < 1e-9)
        #expect(statistics.minimum == values.min())
        #expect(statistics.maximum == values.max())
        #expect(statistics.last == values.last)
        #expect(abs(try #require(interval.rawMean) - mean - 10) < 1e-9)
        #expect(interval.calibration == "a")
        #expect(interval.flags == [])
    }

    @Test("One reading has no deviation") func oneReadingHasNoDeviation() throws {
        var accumulator = QuantityAccumulator(.pressure)
        accumulator.add(Measurement(.pressure, 3))
        #expect(try #require(accumulator.interval().statistics).standardDeviation == nil)
    }

    @Test("Flags are joined") func flagsAreJoined() {
        var accumulator = QuantityAccumulator(.humidity)
        accumulator.add(Measurement(clipping: 103, of: .humidity, raw: 103))
        accumulator.add(Measurement(clipping: 97, of: .humidity, raw: 97))
        let interval = accumulator.interval()
        #expect(interval.flags == .clippedToRange)
        #expect(interval.statistics?.mean == 98.5)
        #expect(interval.rawMean == 100)
    }

    @Test("Interval holds each quantity and each error that occurred") func intervalHoldsEachQuantityAndEachErrorThatOccurred() throws {
        let part = try #require(ClimateParts.description(of: "bme280"))
        var accumulator = ClimateAccumulator(
            sensor: "roof", part: part, calibrations: [.temperature: "t-1", .pressure: "p-1"])
        accumulator.add(PartReading([Measurement(.temperature, 20), Measurement(.humidity, 40)]))
        accumulator.add(SensorError(.timeout, ""))
        accumulator.add(SensorError(.crc, ""))
        accumulator.add(SensorError(.timeout, ""))
        let interval = accumulator.close(Self.span)
        #expect(interval.sensor == "roof")
        #expect(interval.part == "bme280")
        #expect(interval.span == Self.span)
        #expect(interval.quantities.map(\.quantity) == [.temperature, .humidity, .pressure])
        #expect(interval.quantities.map { $0.statistics?.count } == [1, 1, nil])
        #expect(interval.quantities.map(\.calibration) == ["t-1", nil, nil])
        #expect(interval.errors == [.init(kind: .crc, count: 1), .init(kind: .timeout, count: 2)])

        let next = accumulator.close(Self.span)
        #expect(next.errors == [])
        #expect(next.quantities.allSatisfy { $0.statistics == nil && $0.rawMean == nil && $0.flags == [] })
        #expect(next.quantities.count == 3)
    }

    /// A reading that gives one quantity and withholds the other is none that failed.
    @Test("Counts what is withheld by quantity and kind") func countsWhatIsWithheldByQuantityAndKind() throws {
        let part = try #require(ClimateParts.description(of: "bme280"))
        var accumulator = ClimateAccumulator(sensor: "a", part: part, derived: [.dewPoint])
        for kind in [SensorErrorKind.outOfRange, .notReady, .outOfRange] {
            var reading = PartReading([Measurement(.temperature, 20), Measurement(.pressure, 100_000)])
            reading.withhold(.humidity, SensorError(kind, ""))
            DerivedQuantities([.dewPoint]).append(to: &reading)
            accumulator.add(reading)
        }
        let interval = accumulator.close(Self.span)
        #expect(interval.errors == [])
        #expect(interval.quantities.map { $0.statistics?.count } == [3, nil, 3, nil])
        let counts = [ClimateInterval.ErrorCount(kind: .notReady, count: 1), .init(kind: .outOfRange, count: 2)]
        #expect(interval.quantities.map(\.withheld) == [[], counts, [], counts])
        #expect(accumulator.close(Self.span).quantities.allSatisfy { $0.withheld.isEmpty })
    }
}
