import HardwareMocks
import SensorCore
import Testing

@testable import ClimateDrivers

/// Every part over its whole range: what was set comes out again.
@Suite struct EmulatedPartSweepTests {
    @Test(arguments: EmulatedPart.all) func readsBackWhatWasSet(_ part: EmulatedPart) throws {
        var bench = try Bench(part)
        for step in 0...40 {
            let state = try Self.state(part, share: Double(step) / 40)
            bench.feel(state)
            #expect(bench.read() == nil)
            try part.expect(bench.readings, state, "\(state)")
        }
    }

    /// Each quantity somewhere in its range, out of step with the others, and never quite at a bound.
    static func state(_ part: EmulatedPart, share: Double) throws -> [Quantity: Double] {
        var state: [Quantity: Double] = [:]
        for (index, specification) in try part.description.specifications.enumerated() {
            var range = specification.range
            switch specification.quantity {
            case .humidity: range = max(0.5, part.humidityFloor)...99.5
            // What the shunt of the emulator allows.
            case .current: range = -3.19...3.19
            case .gasResistance: range = 20_000...100_000
            default: break
            }
            let place = (share * Double([1, 7, 3, 5][index % 4])).truncatingRemainder(dividingBy: 1.0001)
            let margin = (range.upperBound - range.lowerBound) * 0.001
            state[specification.quantity] = range.lowerBound + margin + place * (range.upperBound - range.lowerBound - 2 * margin)
        }
        if let voltage = state[.voltage], let current = state[.current] { state[.power] = voltage * current }
        return state
    }

    @Test func everyPartIsEmulated() {
        #expect(Set(EmulatedPart.all.map(\.name)) == Set(ClimateParts.all.map(\.name)))
        for part in ClimateParts.all { #expect(EmulatedParts.part(named: part.name) != nil, "\(part.name)") }
        for part in EmulatedPart.all {
            #expect(ClimateParts.description(of: part.name)?.addresses.contains(part.address) == true)
        }
    }

    @Test func everyPartSaysWhatItsDatasheetSays() {
        for part in ClimateParts.all {
            #expect(!part.specifications.isEmpty)
            for specification in part.specifications {
                #expect(specification.source.contains { $0 == "§" || $0 == "\"" }, "\(part.name): \(specification.source)")
                #expect(!specification.accuracy.isEmpty)
            }
            #expect(part.timing.deadline > .zero)
        }
    }

    // Not written into the attribute: a closure there crashes the compiler of Swift 6.0.3.
    static let partsOfTemperature = EmulatedPart.all.filter { $0.tolerance[.temperature] != nil && !["scd40", "scd41"].contains($0.name) }

    @Test(arguments: partsOfTemperature, [false, true])
    func withholdsATemperatureBeyondTheRange(_ part: EmulatedPart, _ isAbove: Bool) throws {
        var bench = try Bench(part)
        let range = try #require(try part.description.specifications.first { $0.quantity == .temperature }).range
        bench.feel([.temperature: isAbove ? range.upperBound + 0.6 : range.lowerBound - 0.6])
        #expect(bench.readKind() == .outOfRange)
        #expect(bench.readings == [])
    }

    @Test(
        arguments: [
            ("bme280", .pressure, 29_000), ("bme280", .pressure, 111_000), ("bmp280", .pressure, 111_000),
            ("bme680", .pressure, 29_000), ("bme680", .pressure, 111_000), ("scd41", .co2, 0), ("scd40", .co2, 50_000),
            ("scd41", .temperature, -12), ("scd41", .temperature, 61), ("bh1750", .illuminance, 60_000), ("sps30", .pm10, 1001),
            ("sps30", .pm2_5, -1), ("sps30", .pm1, Double.nan), ("sps30", .pm4, Double.infinity), ("ina219", .current, 3.3),
            ("ina219", .current, -3.3),
        ] as [(String, Quantity, Double)])
    func withholdsWhatIsBeyondTheRange(_ name: String, _ quantity: Quantity, _ value: Double) throws {
        var bench = try Bench(try EmulatedPart.named(name))
        bench.feel([quantity: value])
        #expect(bench.readKind() == .outOfRange)
        #expect(bench.readings == [])
    }

    static let partsBeyondHumidityBounds = EmulatedPart.all.filter { $0.tolerance[.humidity] != nil && $0.name != "bmp280" && $0.humidityFloor < 0 }

    @Test(arguments: partsBeyondHumidityBounds, [(-2.5, 0.0), (103.25, 100)])
    func clipsHumidityAndSaysSo(_ part: EmulatedPart, _ humidity: (set: Double, given: Double)) throws {
        var bench = try Bench(part)
        bench.feel([.humidity: humidity.set])
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
