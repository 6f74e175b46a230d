import HardwareMocks
import SensorCore
import Testing

@testable import ClimateDrivers

/// What faults of particular parts are called.
@Suite struct DriverFaultTests {
    @Test(
        "A dead data line is named",
        arguments: [
            ("bme280", .filled(0x00), .wrongPart), ("bme280", .filled(0xFF), .wrongPart),
            ("bmp280", .filled(0x00), .wrongPart), ("sht45", .filled(0x00), .crc), ("sht45", .filled(0xFF), .crc),
        ] as [(String, I2CFaultPlan.Fault, SensorErrorKind)])
    func aDeadDataLineIsNamed(_ name: String, _ fault: I2CFaultPlan.Fault, kind: SensorErrorKind) throws {
        let part = try #require(EmulatedPart.all.first { $0.name == name })
        var bench = try Bench(part, faults: [.init(fault, at: .transfers(0..<1_000_000))])
        #expect(bench.readKind() == kind)
    }

    @Test("Every flipped bit fails the checksum", arguments: 0..<48) func everyFlippedBitFailsTheChecksum(_ bit: Int) throws {
        let part = try #require(EmulatedPart.all.first { $0.name == "sht40" })
        var bench = try Bench(part)
        #expect(bench.read() == nil)
        bench.bus.faults = I2CFaultPlan([
            .init(.corrupt(byte: bit / 8, mask: 1 << (bit % 8)), at: .transfers(0..<1_000_000))
        ])
        #expect(bench.readKind() == .crc)
        #expect(bench.isEmpty)
        #expect(bench.bus.unusedFaults == [])
    }

    /// Damage that changes from read to read, in a part without a checksum.
    @Test("Reads that never agree are a bus fault") func readsThatNeverAgreeAreABusFault() throws {
        var bench = try Bench(EmulatedPart.named("bme280"))
        #expect(bench.read() == nil)
        // ctrl_hum, ctrl_meas and the status come before the data.
        let data = bench.bus.transferCount + 3
        bench.bus.faults = I2CFaultPlan(
            (0..<3).map { .init(.corrupt(byte: 4, mask: 1 << $0), at: .transfers(data + Int($0)..<data + Int($0) + 1)) }
        )
        let error = try bench.failure()
        #expect(error.kind == .bus)
        #expect(error.detail.contains("8 bytes from 0xf7"))
        #expect(bench.bus.unusedFaults == [])
    }

    @Test(
        "Refuses a wrong part",
        arguments: [
            ("bme280", 0x58, "found a BMP280 where bme280 is configured"),
            ("bme280", 0x56, "found a BMP280 where bme280 is configured"),
            ("bme280", 0x61, "found a BME680 where bme280 is configured"),
            ("bmp280", 0x60, "found a BME280 where bmp280 is configured"),
            (
                "bmp280", 0x42,
                "BMP280 at 0x76 on simulated bus: found an unknown part where bmp280 is configured (chip id 0x42)"
            ),
            ("bme280", 0xFF, "check the wiring"), ("bme280", 0x00, "check the wiring"),
        ] as [(String, UInt8, String)])
    func refusesAWrongPart(_ name: String, _ id: UInt8, _ text: String) throws {
        var part = try #require(EmulatedPart.all.first { $0.name == name })
        part.device = EmulatedBME280(chip: .other(id))
        var bench = try Bench(part)
        let error = try bench.failure()
        #expect(error.kind == .wrongPart)
        #expect(error.detail.contains(text), "\(error)")
        #expect(bench.isEmpty)
    }

    @Test("Accepts every BMP280", arguments: [UInt8(0x56), 0x57, 0x58]) func acceptsEveryBMP280(_ id: UInt8) throws {
        var part = try #require(EmulatedPart.all.first { $0.name == "bmp280" })
        part.device = EmulatedBME280(chip: .other(id))
        var bench = try Bench(part)
        #expect(bench.read() == nil)
    }
}
