import HardwareMocks
import SensorCore
import Testing

@testable import ClimateDrivers

/// What particular parts do with what they are told, and how they are kept up.
@Suite struct SurroundingsTests {
    /// A bench of a part that is told its surroundings.
    static func read(_ bench: inout Bench, _ surroundings: Surroundings) throws {
        try bench.reader.read(on: bench.bus, clock: bench.clock, surroundings: surroundings, into: &bench.reading)
    }

    static func state<Device: EmulatedI2CDevice, Value>(_ bench: Bench, _ type: Device.Type, _ value: (Device) -> Value) -> Value? {
        var found: Value?
        bench.bus.change(type, at: bench.part.address) { found = value($0) }
        return found
    }

    /// 98 765 Pa is told as 988 hPa; what is beyond the command's range is not told.
    @Test("Co 2 is compensated for pressure", arguments: ["scd40", "scd41", "scd43"]) func co2IsCompensatedForPressure(
        _ name: String
    ) throws {
        var bench = try Bench(try EmulatedPart.named(name))
        try Self.read(&bench, Surroundings())
        #expect(Self.state(bench, EmulatedSCD4x.self) { $0.ambientPressure } == .some(nil))
        bench.clock.sleep(for: .seconds(30))
        try Self.read(&bench, Surroundings(pressure: 98_765))
        #expect(Self.state(bench, EmulatedSCD4x.self) { $0.ambientPressure } == 988)
        bench.clock.sleep(for: .seconds(30))
        try Self.read(&bench, Surroundings(pressure: 69_000))
        #expect(Self.state(bench, EmulatedSCD4x.self) { $0.ambientPressure } == 988)
    }

    @Test("Self calibration is as asked for", arguments: ["scd40", "scd41", "scd43"], [false, true]) func selfCalibrationIsAsAskedFor(
        _ name: String, _ isOn: Bool
    ) throws {
        var part = try EmulatedPart.named(name)
        if isOn { part.settings = PartSettings(["self-calibration": .flag(true)]) }
        var bench = try Bench(part)
        #expect(bench.read() == nil)
        #expect(Self.state(bench, EmulatedSCD4x.self) { $0.calibratesItself } == isOn)
    }

    /// The first single shot after power-up goes to nobody.
    @Test("The first single shot is discarded") func theFirstSingleShotIsDiscarded() throws {
        var bench = try Bench(try EmulatedPart.named("scd41"))
        let begin = bench.clock.now()
        #expect(bench.read() == nil)
        #expect(bench.clock.now() - begin > .seconds(10))
        #expect(Self.state(bench, EmulatedSCD4x.self) { $0.readings } == 1)
    }

    @Test("Particulates of humid air are flagged", arguments: [(nil, false), (80, false), (80.1, true), (100, true)] as [(Double?, Bool)])
    func particulatesOfHumidAirAreFlagged(_ humidity: Double?, _ isFlagged: Bool) throws {
        var bench = try Bench(try EmulatedPart.named("sps30"))
        try Self.read(&bench, Surroundings(humidity: humidity))
        #expect(bench.reading.given.count == 4)
        #expect(bench.reading.given.allSatisfy { $0.flags == (isFlagged ? .humidAir : []) })
    }

    /// Once after the start, then once a week; the part's own schedule is off.
    @Test("The fan cleans itself by schedule") func theFanCleansItselfBySchedule() throws {
        var bench = try Bench(try EmulatedPart.named("sps30"))
        for _ in 0..<8 * 24 {
            #expect(bench.read() == nil)
            bench.clock.sleep(for: .seconds(3600))
        }
        #expect(Self.state(bench, EmulatedSPS30.self) { $0.cleanings } == 2)
        #expect(Self.state(bench, EmulatedSPS30.self) { $0.autoCleaningInterval } == 0)
    }

    @Test("A fan that is not to clean does not") func aFanThatIsNotToCleanDoesNot() throws {
        var part = try EmulatedPart.named("sps30")
        part.settings = PartSettings(["cleaning": .time(.zero)])
        var bench = try Bench(part)
        let begin = bench.clock.now()
        #expect(bench.read() == nil)
        // Start-up alone.
        #expect(bench.clock.now() - begin < .seconds(33))
        #expect(Self.state(bench, EmulatedSPS30.self) { $0.cleanings } == 0)
    }

    @Test("A blocked fan is named") func aBlockedFanIsNamed() throws {
        var bench = try Bench(try EmulatedPart.named("sps30"))
        #expect(bench.read() == nil)
        bench.bus.change(EmulatedSPS30.self, at: bench.part.address) { $0.isFanBlocked = true }
        let error = try bench.failure()
        #expect(error.kind == .notReady && error.detail.contains("fan is blocked"))
    }

    @Test("The gas heater is off unless asked for") func theGasHeaterIsOffUnlessAskedFor() throws {
        var bench = try Bench(try EmulatedPart.named("bme680"))
        for _ in 0..<5 { #expect(bench.read() == nil) }
        #expect(Self.state(bench, EmulatedBME680.self) { $0.heatings } == 0)
        var gas = try Bench(try #require(EmulatedPart.all.first { $0.variant == "with gas" }))
        for _ in 0..<5 { #expect(gas.read() == nil) }
        #expect(Self.state(gas, EmulatedBME680.self) { $0.heatings } == 5)
        gas.bus.change(EmulatedBME680.self, at: gas.part.address) { $0.heaterWorks = false }
        // Without the heater there is no gas value; the air was measured before.
        #expect(gas.read() == nil)
        #expect(gas.reading.given.map(\.quantity) == [.temperature, .humidity, .pressure])
        #expect(gas.reading.withheld.map(\.quantity) == [.gasResistance] && gas.reading.withheld.first?.error.kind == .notReady)
    }

    /// Somebody else switched the heater on; our next start switches it off.
    @Test("Under the heater nothing is ambient") func underTheHeaterNothingIsAmbient() throws {
        var bench = try Bench(try EmulatedPart.named("sht31"))
        #expect(bench.read() == nil)
        bench.bus.change(EmulatedSHT3x.self, at: bench.part.address) { $0.isHeating = true }
        #expect(bench.readKind() == .notAmbient)
        #expect(bench.isEmpty)
        bench.clock.sleep(for: .seconds(1))
        #expect(bench.read() == nil)
    }

    /// Another part at the address, by its id.
    @Test("Wrong parts are named") func wrongPartsAreNamed() throws {
        func failure(_ name: String, _ device: any EmulatedI2CDevice) throws -> SensorError {
            var part = try EmulatedPart.named(name)
            part.device = device
            var bench = try Bench(part)
            return try bench.failure()
        }
        var bme688 = EmulatedBME680()
        bme688.variant = 1
        #expect(try failure("bme680", bme688).detail.contains("found a BME688 where bme680 is configured"))
        #expect(try failure("bme680", EmulatedBME280()).detail.contains("found a BME280 where bme680 is configured"))
        #expect(try failure("tmp102", EmulatedTMP117()).kind == .wrongPart)
        #expect(try failure("tmp117", EmulatedTMP102()).kind == .wrongPart)
        #expect(try failure("scd41", EmulatedSCD4x(model: .scd43)).detail.contains("found an SCD43 where scd41 is configured"))
        #expect(try failure("scd40", EmulatedSCD4x(model: .scd41)).detail.contains("found an SCD41 where scd40 is configured"))
        var tmp119 = EmulatedTMP117()
        tmp119.deviceID = 0x2117 + 1
        #expect(try failure("tmp117", tmp119).kind == .wrongPart)
        #expect(try failure("ina219", EmulatedTMP117()).kind == .wrongPart)
        #expect(try failure("ds3231", EmulatedTMP117()).kind == .wrongPart)
        var sen55 = EmulatedSPS30()
        sen55.productType = "SEN55"
        #expect(try failure("sps30", sen55).kind == .wrongPart)
    }
}
