import HardwareMocks
import SensorCore
import Testing

@testable import ClimateDrivers

/// One part of the node on a simulated bus whose physical state can be set.
struct EmulatedPart: CustomTestStringConvertible, Sendable {
    var name: String
    /// Where a part is there in several ways: "with gas".
    var variant = ""
    var address: I2CAddress
    var device: any EmulatedI2CDevice
    var settings = PartSettings()
    /// How near the driver comes to the state that was set: half a step of the converter, and what the two formulas differ
    /// by where emulator and driver use the datasheet's two.
    var tolerance: [Quantity: Double]
    /// The lowest humidity its converter can express at every temperature; −6 where it reaches below 0.
    var humidityFloor = -6.0
    /// Longer than the datasheet's maximum, but within what the driver waits for.
    var late: TimeSpan

    var testDescription: String { variant.isEmpty ? name : "\(name) \(variant)" }

    var description: PartDescription {
        get throws { try #require(ClimateParts.description(of: name)).with(settings) }
    }

    static func named(_ name: String) throws -> EmulatedPart { try #require(all.first { $0.name == name }) }

    static let all: [EmulatedPart] = [
        bmx("bme280", 0x76, EmulatedBME280()),
        // With a negative H4 the converter's 0 stands for 6.5 %RH.
        bmx("bme280", 0x77, EmulatedBME280(coefficients: .negative), variant: "with negative coefficients", humidityFloor: 12),
        bmx("bmp280", 0x76, EmulatedBME280(chip: .bmp280)),
        bme680("", PartSettings()),
        bme680("with gas", PartSettings(["gas": 1])),
        sensirion("sht30", 0x44, EmulatedSHT3x(), late: .milliseconds(20)),
        sensirion("sht31", 0x45, EmulatedSHT3x(), late: .milliseconds(20)),
        sensirion("sht35", 0x44, EmulatedSHT3x(), late: .milliseconds(20)),
        sensirion("sht40", 0x44, EmulatedSHT4x(), late: .milliseconds(14)),
        sensirion("sht41", 0x45, EmulatedSHT4x(), late: .milliseconds(14)),
        sensirion("sht45", 0x46, EmulatedSHT4x(), late: .milliseconds(14)),
        sensirion("scd40", 0x62, EmulatedSCD4x(model: .scd40), late: .seconds(33)),
        sensirion("scd41", 0x62, EmulatedSCD4x(model: .scd41), late: .milliseconds(5_300)),
        EmulatedPart(
            name: "tmp117", address: I2CAddress(0x48)!, device: EmulatedTMP117(), tolerance: [.temperature: 0.0040],
            late: .milliseconds(160)),
        EmulatedPart(
            name: "bh1750", address: I2CAddress(0x23)!, device: EmulatedBH1750(), tolerance: [.illuminance: 0.42],
            late: .milliseconds(220)),
        EmulatedPart(
            name: "sps30", address: I2CAddress(0x69)!, device: EmulatedSPS30(),
            tolerance: [.pm1: 1e-4, .pm2_5: 1e-4, .pm4: 1e-4, .pm10: 1e-4], late: .milliseconds(1_800)),
        EmulatedPart(
            name: "ina219", address: I2CAddress(0x40)!, device: EmulatedINA219(),
            tolerance: [.voltage: 0.0021, .current: 0.000_051, .power: 0.009], late: .milliseconds(14)),
        EmulatedPart(
            name: "ds3231", address: I2CAddress(0x68)!, device: EmulatedDS3231(), tolerance: [.temperature: 0.126],
            late: .milliseconds(270)),
    ]

    private static func bmx(
        _ name: String, _ address: Int, _ device: EmulatedBME280, variant: String = "", humidityFloor: Double = -6
    ) -> EmulatedPart {
        EmulatedPart(
            name: name, variant: variant, address: I2CAddress(address)!, device: device,
            tolerance: [.temperature: 0.011, .pressure: 1, .humidity: 0.02], humidityFloor: humidityFloor,
            late: .milliseconds(14))
    }

    private static func bme680(_ variant: String, _ settings: PartSettings) -> EmulatedPart {
        EmulatedPart(
            name: "bme680", variant: variant, address: I2CAddress(0x76)!, device: EmulatedBME680(), settings: settings,
            tolerance: [.temperature: 0.011, .pressure: 12, .humidity: 0.08, .gasResistance: 400], humidityFloor: 0.5,
            late: .milliseconds(variant.isEmpty ? 60 : 130))
    }

    private static func sensirion(
        _ name: String, _ address: Int, _ device: any EmulatedI2CDevice, late: TimeSpan
    ) -> EmulatedPart {
        EmulatedPart(
            name: name, address: I2CAddress(address)!, device: device,
            tolerance: [.temperature: 0.0015, .humidity: 0.001, .co2: 0.501],
            humidityFloor: name.hasPrefix("sht4") ? -6 : 0.5, late: late)
    }

    /// What the emulators measure unless told otherwise.
    static let usual: [Quantity: Double] = [
        .temperature: 20, .humidity: 50, .pressure: 100_000, .co2: 420, .illuminance: 1000, .pm1: 5, .pm2_5: 8, .pm4: 9,
        .pm10: 10, .voltage: 5, .current: 0.5, .power: 2.5, .gasResistance: 50_000,
    ]

    func expect(_ readings: [Measurement], _ state: [Quantity: Double], _ comment: Comment? = nil) throws {
        let quantities = try description.quantities
        #expect(readings.map(\.quantity) == quantities, comment)
        for reading in readings {
            let wanted = try #require(state[reading.quantity])
            let tolerance = try #require(tolerance[reading.quantity])
            #expect(abs(reading.raw - wanted) <= tolerance, comment)
            #expect(reading.flags == [] && reading.value == reading.raw, comment)
        }
    }
}

/// A part, its bus and its reader.
struct Bench {
    let clock = TestClock()
    let bus: SimulatedI2CBus
    let part: EmulatedPart
    var reader: PartReader
    var readings: [Measurement] = []

    init(_ part: EmulatedPart, bitRate: Int64? = nil, faults: [I2CFaultPlan.Rule] = []) throws {
        self.part = part
        bus = SimulatedI2CBus(clock: clock, bitRate: bitRate, faults: I2CFaultPlan(faults))
        bus.plug(part.device, at: part.address)
        clock.sleep(for: .milliseconds(200))
        reader = try #require(PartReader(part: part.name, at: part.address, settings: part.settings))
    }

    func feel(_ state: [Quantity: Double]) {
        for (quantity, value) in state { bus.feel(quantity, value, at: part.address) }
    }

    /// nil when the reading was good.
    mutating func read() -> SensorError? {
        do throws(SensorError) {
            try reader.read(on: bus, clock: clock, into: &readings)
            return nil
        } catch {
            return error
        }
    }

    /// nil when the reading was good.
    mutating func readKind() -> SensorErrorKind? { read()?.kind }

    /// A reading that is expected to fail.
    mutating func failure() throws -> SensorError {
        let error = read()
        return try #require(error)
    }
}
