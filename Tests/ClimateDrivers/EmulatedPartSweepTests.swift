import HardwareMocks
import SensorCore
import Testing

@testable import ClimateDrivers

/// Every part over its whole range: what was set comes out again.
@Suite struct EmulatedPartSweepTests {
    @Test("Reads back what was set", arguments: EmulatedPart.all) func readsBackWhatWasSet(_ part: EmulatedPart) throws {
        var bench = try Bench(part)
        for step in 0...40 {
            let state = try Self.set(bench, share: Double(step) / 40)
            #expect(bench.read() == nil)
            try bench.expectWhole("\(state)")
        }
    }

    /// Each quantity somewhere in what part and emulator both have, out of step with the others, and never quite at a bound.
    static func set(_ bench: Bench, share: Double) throws -> [Quantity: Double] {
        var state: [Quantity: Double] = [:]
        for (index, specification) in try bench.part.description.specifications.enumerated() {
            let quantity = specification.quantity
            let range = try #require(try bench.device.span(of: quantity), "the emulator of \(bench.part.name) lacks \(quantity)").range
                .clamped(to: specification.range)
            let place = (share * Double([1, 7, 3, 5][index % 4])).truncatingRemainder(dividingBy: 1.0001)
            let margin = (range.upperBound - range.lowerBound) * 0.001
            let value = range.lowerBound + margin + place * (range.upperBound - range.lowerBound - 2 * margin)
            bench.feel(quantity, value)
            state[quantity] = value
        }
        return state
    }

    @Test("Every part has an emulator", arguments: ClimateParts.all.map(\.name)) func everyPartHasAnEmulator(_ name: String) throws {
        #expect(
            EmulatedParts.part(named: name) != nil,
            "there is no emulator of \(name): write HardwareMocks/Parts/FAMILY/Emulated….swift and put it into HardwareMocks/Parts/EmulatedParts.swift"
        )
        let part = try #require(ClimateParts.description(of: name))
        for variant in EmulatedParts.variants(of: name) {
            let description = part.with(PartSettings(variant.options))
            for quantity in description.quantities {
                let span = try #require(
                    variant.device.span(of: quantity), "the emulator of \(name) does not say its span of \(quantity.rawValue)")
                #expect(span.step > 0 && span.tolerance > 0)
                #expect(variant.device.value(of: quantity) != nil)
            }
            for (option, value) in variant.options {
                #expect(try #require(part.options.first { $0.name == option }).accepts(value))
            }
        }
        // What only an option gives, some variant gives.
        let measured = EmulatedParts.variants(of: name).flatMap { part.with(PartSettings($0.options)).quantities }
        #expect(Set(measured) == Set(part.quantities))
        #expect(try #require(EmulatedParts.part(named: name)).longestConversion > .zero)
    }

    @Test("Every part says what its datasheet says") func everyPartSaysWhatItsDatasheetSays() {
        for part in ClimateParts.all {
            #expect(!part.specifications.isEmpty)
            for specification in part.specifications {
                #expect(specification.source.contains { $0 == "§" || $0 == "\"" }, "\(part.name): \(specification.source)")
                #expect(!specification.accuracy.isEmpty)
                for cause in specification.dependsOn {
                    #expect(part.quantities.contains(cause) && cause != specification.quantity, "\(part.name)")
                }
            }
            for option in part.options { #expect(option.accepts(option.usual), "\(part.name) \(option.name)") }
            #expect(part.timing.deadline > .zero)
        }
    }

    /// Beyond either end of a range, as far as the emulator can tell it: that quantity is withheld, with what depends on it
    /// and nothing else.
    @Test("Withholds what is beyond the range", arguments: EmulatedPart.all) func withholdsWhatIsBeyondTheRange(_ part: EmulatedPart) throws
    {
        for specification in try part.description.specifications where specification.quantity.bounds == nil {
            let (quantity, range) = (specification.quantity, specification.range)
            for isAbove in [false, true] {
                var bench = try Bench(part)
                let span = try #require(try bench.device.span(of: quantity))
                let distance = max(2 * span.step, 0.6, (range.upperBound - range.lowerBound) * 0.001)
                let value = isAbove ? range.upperBound + distance : range.lowerBound - distance
                guard span.range.contains(value) else { continue }
                bench.feel(quantity, value)
                let error = bench.read()
                let missing = try Self.dependents(of: quantity, in: part.description)
                if let error {
                    #expect(error.kind == .outOfRange)
                    #expect(try missing == Set(part.description.quantities), "\(quantity) \(value)")
                } else {
                    #expect(Set(bench.reading.withheld.map(\.quantity)) == missing, "\(quantity) \(value)")
                    #expect(bench.reading.withheld.allSatisfy { $0.error.kind == .outOfRange })
                    try bench.expectTruth()
                }
            }
        }
    }

    /// A quantity and all that is compensated with it, directly or not.
    static func dependents(of quantity: Quantity, in part: PartDescription) -> Set<Quantity> {
        var found: Set<Quantity> = [quantity]
        while true {
            let more = part.specifications.filter { !found.isDisjoint(with: $0.dependsOn) }.map(\.quantity)
            if found.isSuperset(of: more) { return found }
            found.formUnion(more)
        }
    }

    /// What stays measurable when one quantity is beyond its range.
    @Test(
        "Gives what is left",
        arguments: [
            ("bme280", .pressure, 29_000, [.temperature, .humidity]), ("bme280", .pressure, 111_000, [.temperature, .humidity]),
            ("bmp280", .pressure, 111_000, [.temperature]), ("bme680", .pressure, 29_000, [.temperature, .humidity]),
            ("scd41", .co2, 0, [.temperature, .humidity]), ("scd40", .co2, 50_000, [.temperature, .humidity]),
            ("scd41", .temperature, -12, []), ("scd43", .temperature, 61, []), ("bh1750", .illuminance, 60_000, []),
            ("sps30", .pm10, 1001, [.pm1, .pm2_5, .pm4]), ("sps30", .pm1, 1001, []), ("sps30", .pm2_5, -1, []),
            ("sps30", .pm1, Double.nan, []), ("sps30", .pm4, Double.infinity, []), ("ina219", .current, 3.3, [.voltage]),
            ("ina219", .current, -3.3, [.voltage]), ("sht43", .temperature, 126, []),
        ] as [(String, Quantity, Double, [Quantity])])
    func givesWhatIsLeft(_ name: String, _ quantity: Quantity, _ value: Double, _ left: [Quantity]) throws {
        var bench = try Bench(try EmulatedPart.named(name))
        bench.feel(quantity, value)
        let kind = bench.readKind()
        #expect(kind == (left.isEmpty ? .outOfRange : nil))
        #expect(bench.reading.given.map(\.quantity) == left)
        #expect(bench.reading.withheld.allSatisfy { $0.error.kind == .outOfRange })
    }

    /// Below 0 and above 100 %RH, of all that can express it.
    @Test("Clips humidity and says so", arguments: EmulatedPart.all, [(-2.5, 0.0), (103.25, 100)])
    func clipsHumidityAndSaysSo(_ part: EmulatedPart, _ humidity: (set: Double, given: Double)) throws {
        guard part.device.span(of: .humidity)?.range.contains(humidity.set) == true else { return }
        var bench = try Bench(part)
        bench.feel(.humidity, humidity.set)
        #expect(bench.read() == nil)
        let measurement = try #require(bench.reading.given.first { $0.quantity == .humidity })
        #expect(measurement.value == humidity.given)
        #expect(abs(measurement.raw - humidity.set) < 0.02)
        #expect(measurement.flags == .clippedToRange)
    }

    @Test("Some can express humidity beyond its bounds") func someCanExpressHumidityBeyondItsBounds() {
        let parts = EmulatedPart.all.filter { $0.device.span(of: .humidity)?.range.contains(-2.5) == true }
        #expect(Set(parts.map(\.name)).isSuperset(of: ["bme280", "sht40", "sht43", "sht45"]))
    }

    /// A reading leaves nothing of the one before it.
    @Test("Fills what the caller keeps", arguments: EmulatedPart.all) func fillsWhatTheCallerKeeps(_ part: EmulatedPart) throws {
        var bench = try Bench(part)
        bench.reading.give(Measurement(.windDirection, 1))
        bench.reading.withhold(.power, SensorError(.bus, ""))
        #expect(bench.read() == nil)
        try bench.expectWhole()
        #expect(bench.read() == nil)
        try bench.expectWhole()
    }
}
