import HardwareMocks
import SensorCore
import Testing

@testable import ClimateDrivers

@Suite struct EmulatedPartSweepTests {
    @Test(arguments: EmulatedPart.all) func readsBackWhatWasSet(_ part: EmulatedPart) throws {
        var bench = try Bench(part)
        let range = try #require(Self.ranges[part.name])
        let lowest = max(0.5, part.humidityFloor)
        for step in 0...40 {
            let share = Double(step) / 40
            let state: [Quantity: Double] = [
                .temperature: range.lowerBound + share * (range.upperBound - range.lowerBound),
                // Out of step with the temperature, and never quite at a bound.
                .humidity: lowest + (share * 7).truncatingRemainder(dividingBy: 1) * (99.5 - lowest),
                .pressure: 30_100 + (share * 3).truncatingRemainder(dividingBy: 1) * 79_000,
            ]
            part.set(bench.bus, part.address, state)
            #expect(bench.read() == nil)
            try part.expect(bench.readings, state, "\(state)")
        }
    }

    static let ranges = [
        "bme280": -39.9...84.9, "bmp280": -39.9...84.9, "sht40": -39.9...124.9, "sht41": -39.9...124.9,
        "sht45": -39.9...124.9,
    ]

    @Test func everyPartIsEmulated() {
        #expect(Set(EmulatedPart.all.map(\.name)) == Set(ClimateParts.all.map(\.name)))
        for part in EmulatedPart.all {
            #expect(ClimateParts.description(of: part.name)?.addresses.contains(part.address) == true)
        }
    }

    @Test(arguments: EmulatedPart.all, [(-41.0, SensorErrorKind.outOfRange), (126, .outOfRange), (-40.5, .outOfRange)])
    func withholdsATemperatureBeyondTheRange(_ part: EmulatedPart, _ state: (Double, SensorErrorKind)) throws {
        var bench = try Bench(part)
        part.set(bench.bus, part.address, [.temperature: state.0])
        #expect(bench.readKind() == state.1)
        #expect(bench.readings == [])
    }

    @Test(arguments: [29_000.0, 111_000], ["bme280", "bmp280"])
    func withholdsAPressureBeyondTheRange(_ pressure: Double, _ name: String) throws {
        let part = try #require(EmulatedPart.all.first { $0.name == name })
        var bench = try Bench(part)
        part.set(bench.bus, part.address, [.pressure: pressure])
        let error = try bench.failure()
        #expect(error.kind == .outOfRange)
        #expect(error.detail.contains("pressure"))
        #expect(bench.readings == [])
    }

    // Not written into the attribute: a closure there crashes the compiler of Swift 6.0.3.
    static let partsBeyondHumidityBounds = EmulatedPart.all.filter { $0.name != "bmp280" && $0.humidityFloor < 0 }

    @Test(arguments: partsBeyondHumidityBounds, [(-2.5, 0.0), (103.25, 100)])
    func clipsHumidityAndSaysSo(_ part: EmulatedPart, _ humidity: (set: Double, given: Double)) throws {
        var bench = try Bench(part)
        part.set(bench.bus, part.address, [.humidity: humidity.set])
        #expect(bench.read() == nil)
        let reading = try #require(bench.readings.first { $0.quantity == .humidity })
        #expect(reading.value == humidity.given)
        #expect(abs(reading.raw - humidity.set) < 0.02)
        #expect(reading.flags == .clippedToRange)
    }

    @Test(arguments: EmulatedPart.all) func keepsTheCallersRoom(_ part: EmulatedPart) throws {
        var bench = try Bench(part)
        bench.readings.reserveCapacity(8)
        bench.readings = [Measurement(.co2, 1)] + bench.readings
        #expect(bench.read() == nil)
        #expect(bench.read() == nil)
        try part.expect(bench.readings, EmulatedPart.usual)
    }
}
