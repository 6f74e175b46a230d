import HardwareMocks
import SensorCore
import Testing

@testable import ClimateDrivers

/// One part of the node on a simulated bus whose physical state can be set.
struct EmulatedPart: CustomTestStringConvertible, Sendable {
    var name: String
    var address: I2CAddress
    var device: any EmulatedI2CDevice
    /// How near the driver comes to the state that was set, emulator and formula together.
    var tolerance: [Quantity: Double]
    /// The lowest humidity its converter can express at every temperature; −6 where it reaches below 0.
    var humidityFloor = -6.0
    /// Sets what the part measures.
    var set: @Sendable (SimulatedI2CBus, I2CAddress, [Quantity: Double]) -> Void

    var testDescription: String { name }

    static let all: [EmulatedPart] = [
        bmx("bme280", 0x76, EmulatedBME280()),
        // With a negative H4 the converter's 0 stands for 6.5 %RH.
        bmx("bme280", 0x77, EmulatedBME280(coefficients: .negative), humidityFloor: 12),
        bmx("bmp280", 0x76, EmulatedBME280(chip: .bmp280)),
        sht("sht40", 0x44), sht("sht41", 0x45), sht("sht45", 0x46),
    ]

    private static func bmx(
        _ name: String, _ address: Int, _ device: EmulatedBME280, humidityFloor: Double = -6
    ) -> EmulatedPart {
        EmulatedPart(
            name: name, address: I2CAddress(address)!, device: device,
            tolerance: [.temperature: 0.011, .pressure: 1, .humidity: 0.02], humidityFloor: humidityFloor
        ) { bus, address, state in
            bus.change(EmulatedBME280.self, at: address) {
                $0.temperature = state[.temperature] ?? $0.temperature
                $0.pressure = state[.pressure] ?? $0.pressure
                $0.humidity = state[.humidity] ?? $0.humidity
            }
        }
    }

    private static func sht(_ name: String, _ address: Int) -> EmulatedPart {
        EmulatedPart(
            name: name, address: I2CAddress(address)!, device: EmulatedSHT4x(),
            tolerance: [.temperature: 0.0015, .humidity: 0.001]
        ) { bus, address, state in
            bus.change(EmulatedSHT4x.self, at: address) {
                $0.temperature = state[.temperature] ?? $0.temperature
                $0.humidity = state[.humidity] ?? $0.humidity
            }
        }
    }

    /// What the emulators measure unless told otherwise.
    static let usual: [Quantity: Double] = [.temperature: 20, .humidity: 50, .pressure: 100_000]

    func expect(_ readings: [Measurement], _ state: [Quantity: Double], _ comment: Comment? = nil) throws {
        let part = try #require(ClimateParts.description(of: name))
        #expect(readings.map(\.quantity) == part.quantities, comment)
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

    init(_ part: EmulatedPart, faults: [I2CFaultPlan.Rule] = []) throws {
        self.part = part
        bus = SimulatedI2CBus(clock: clock, faults: I2CFaultPlan(faults))
        bus.plug(part.device, at: part.address)
        clock.sleep(for: .milliseconds(10))
        reader = try #require(PartReader(part: part.name, at: part.address))
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
