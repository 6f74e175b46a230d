import HardwareMocks
import SensorCore
import Testing

@testable import ClimateDrivers

/// A part that repeats one value for hours, and one that only measures what stands still.
@Suite struct StandstillTests {
    private static func reading(_ values: [(Quantity, Double)]) -> PartReading { PartReading(values.map { Measurement($0.0, $0.1) }) }

    private static func standing(_ reading: PartReading) -> [Quantity] {
        reading.given.filter { $0.flags.contains(.standsStill) }.map(\.quantity)
    }

    /// What stands still of a part whose readings, a minute apart, are always these.
    private static func afterHours(
        _ part: String, _ hours: Int, every seconds: Int64 = 60, _ values: [(Quantity, Double)]
    ) throws -> [Quantity] {
        var watch = StandstillWatch(try #require(ClimateParts.description(of: part)))
        var last = PartReading()
        for place in 0...(Int64(hours) * 3600 / seconds) {
            last = reading(values)
            watch.judge(&last, at: MonotonicInstant(nanoseconds: place * seconds * 1_000_000_000))
        }
        return standing(last)
    }

    @Test("What trembles by itself and does not is told after three hours") func whatTremblesAndDoesNotIsTold() throws {
        let values: [(Quantity, Double)] = [(.temperature, 21.3), (.humidity, 50.25)]
        #expect(try Self.afterHours("sht40", 2, values) == [])
        #expect(try Self.afterHours("sht40", 3, values) == [.temperature, .humidity])
        // 19 readings say nothing yet, however long they took.
        #expect(try Self.afterHours("sht40", 3, every: 600, values) == [])
        #expect(try Self.afterHours("sht40", 5, every: 600, values) == [.temperature, .humidity])
    }

    /// A step of 0.25 Cel, night, saturated air: each may be the same for days.
    @Test(
        "What may stand still is not told",
        arguments: [
            ("ds3231", [(Quantity.temperature, 21.25)]), ("tmp102", [(.temperature, 21.0625)]), ("tmp117", [(.temperature, 21.0078125)]),
            ("bh1750", [(.illuminance, 0)]), ("bh1750", [(.illuminance, 54_612)]), ("sht40", [(.humidity, 100)]),
            ("bme280", [(.humidity, 100)]), ("bme280", [(.humidity, 0)]), ("bme280", [(.temperature, 21.3)]),
            ("sps30", [(.pm2_5, 0), (.pm10, 0)]), ("scd41", [(.co2, 40_000)]), ("ina219", [(.voltage, 12), (.current, 0)]),
        ] as [(String, [(Quantity, Double)])])
    func whatMayStandStillIsNotTold(_ part: String, _ values: [(Quantity, Double)]) throws {
        #expect(try Self.afterHours(part, 48, values) == [])
    }

    /// Saturation is published as 100 %RH; what the formula said is beyond, and repeats as well.
    @Test("Saturated air beyond 100 stands still with reason") func saturatedAirStandsStillWithReason() throws {
        var watch = StandstillWatch(try #require(ClimateParts.description(of: "sht40")))
        for minute in 0...600 as ClosedRange<Int64> {
            var reading = PartReading([Measurement(clipping: 118.99, of: .humidity, raw: 118.99)])
            watch.judge(&reading, at: MonotonicInstant(nanoseconds: minute * 60_000_000_000))
            #expect(Self.standing(reading) == [])
        }
    }

    @Test("One other value ends it") func oneOtherValueEndsIt() throws {
        var watch = StandstillWatch(try #require(ClimateParts.description(of: "bme280")))
        var told: [Int64] = []
        for minute in 0...500 as ClosedRange<Int64> {
            var reading = Self.reading([(.pressure, minute == 200 ? 100_001 : 100_000)])
            watch.judge(&reading, at: MonotonicInstant(nanoseconds: minute * 60_000_000_000))
            if !Self.standing(reading).isEmpty { told.append(minute) }
        }
        #expect(told == Array(180...199) + Array(381...500))
    }

    @Test("A sensor's interval says it, with its calibration applied") func aSensorsIntervalSaysIt() throws {
        let box = try ClimateLoopTests.Box([("mast", "sht40", .seconds(30))])
        try box.run(for: .seconds(4 * 3600))
        let intervals = box.host.intervals
        #expect(intervals.first?.quantities.allSatisfy { $0.flags == [] } == true)
        #expect(intervals.last?.quantities.map(\.flags) == [.standsStill, .standsStill])
    }

    /// Written with a tenth of the step: a part without a row would be written with another's.
    @Test("Each part says what a step of it is") func eachPartSaysWhatAStepIs() {
        for part in ClimateParts.all {
            for quantity in part.quantities {
                let row = PartResolution.table[part.name]?[quantity]
                #expect(
                    row != nil, "Sources/SensorCore/Climate/PartResolution.swift has no row for the \(quantity.rawValue) of \(part.name)")
                #expect(row.map { $0.step > 0 && !$0.source.isEmpty && $0.noise ?? 1 > 0 } != false, "\(part.name) \(quantity.rawValue)")
            }
        }
        let parts = Set(ClimateParts.all.map(\.name))
        #expect(PartResolution.table.keys.filter { !parts.contains($0) } == [])
    }
}
