import HardwareMocks
import SensorCore
import Testing

@testable import ClimateDrivers

/// One part of the node, in one of the ways its emulator has it.
struct EmulatedPart: CustomTestStringConvertible, Sendable {
    var name: String
    /// Where a part is there in several ways: "with gas".
    var variant: String
    var address: I2CAddress
    var device: any EmulatedI2CDevice
    var settings: PartSettings

    var testDescription: String { variant.isEmpty ? name : "\(name) \(variant)" }

    var description: PartDescription {
        get throws { try #require(ClimateParts.description(of: name)).with(settings) }
    }

    static func named(_ name: String) throws -> EmulatedPart {
        try #require(all.first { $0.name == name }, "no emulator of \(name): see HardwareMocks/Parts/EmulatedParts.swift")
    }

    /// Every part that has an emulator, each variant at an address of its own as far as the part has so many.
    static let all: [EmulatedPart] = ClimateParts.all.flatMap { part in
        EmulatedParts.variants(of: part.name).enumerated().map { index, variant in
            EmulatedPart(
                name: part.name, variant: variant.variant, address: part.addresses[index % part.addresses.count],
                device: variant.device, settings: PartSettings(variant.options))
        }
    }
}

/// A part, its bus and its reader.
struct Bench {
    let clock = TestClock()
    let bus: SimulatedI2CBus
    let part: EmulatedPart
    var reader: PartReader
    var reading = PartReading()

    init(_ part: EmulatedPart, bitRate: Int64? = nil, faults: [I2CFaultPlan.Rule] = []) throws {
        self.part = part
        bus = SimulatedI2CBus(clock: clock, bitRate: bitRate, faults: I2CFaultPlan(faults))
        bus.plug(part.device, at: part.address)
        clock.sleep(for: .milliseconds(200))
        reader = try #require(PartReader(part: part.name, at: part.address, settings: part.settings))
    }

    /// The part as it is now.
    var device: any EmulatedI2CDevice {
        get throws { try #require(bus.device(at: part.address)) }
    }

    func feel(_ quantity: Quantity, _ value: Double) { bus.feel(quantity, value, at: part.address) }

    /// nil when the reading gave something.
    mutating func read() -> SensorError? { read(on: bus) }

    mutating func read(on bus: any I2CBus) -> SensorError? {
        do throws(SensorError) {
            try reader.read(on: bus, clock: clock, into: &reading)
            return nil
        } catch {
            return error
        }
    }

    /// nil when the reading gave something.
    mutating func readKind() -> SensorErrorKind? { read()?.kind }

    /// A reading that is expected to fail.
    mutating func failure() throws -> SensorError {
        let error = read()
        return try #require(error)
    }

    /// Nothing was given, nothing withheld.
    var isEmpty: Bool { reading == PartReading() }

    /// Each quantity is what the part is exposed to.
    func expectWhole(_ comment: Comment? = nil) throws {
        let quantities = try part.description.quantities
        #expect(reading.withheld == [], comment)
        #expect(reading.given.map(\.quantity) == quantities, comment)
        try expectTruth(comment)
    }

    /// Each quantity is either what the part is exposed to, or withheld; with it what depends on it.
    func expectTruth(_ comment: Comment? = nil) throws {
        let (description, device) = (try part.description, try device)
        for specification in description.specifications {
            let given = reading.given.filter { $0.quantity == specification.quantity }
            let withheld = reading.withheld.filter { $0.quantity == specification.quantity }
            #expect(given.count + withheld.count == 1, comment)
            #expect(given.isEmpty || specification.dependsOn.allSatisfy { !reading.withholds($0) }, comment)
            for measurement in given {
                let truth = try #require(device.value(of: specification.quantity))
                let tolerance = try #require(device.span(of: specification.quantity)).tolerance
                #expect(abs(measurement.raw - truth) <= tolerance, comment)
                #expect(measurement.flags == [] && measurement.value == measurement.raw, comment)
            }
        }
    }
}
