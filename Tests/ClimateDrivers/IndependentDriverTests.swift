import HardwareMocks
import Recordings
import SensorCore
import Testing

@testable import ClimateDrivers

/// The drivers against those of other people, on the same bytes.
@Suite struct IndependentDriverTests {
    @Test("Agrees with other peoples driver", arguments: independentTables.indices) func agreesWithOtherPeoplesDriver(_ index: Int) throws {
        let row = independentTables[index]
        let bus = RecordedI2CBus(try I2CRecording(json: Array(row.recording.utf8)))
        let part = try #require(ClimateParts.description(of: row.part))
        var reader = try #require(PartReader(part: row.part, at: part.addresses[0], settings: PartSettings(["gas": .flag(true)])))
        var reading = PartReading()
        try reader.read(on: bus, clock: TestClock(), into: &reading)
        #expect(reading.given.count == row.values.count && reading.withheld == [])
        for (measurement, value) in zip(reading.given, row.values) {
            #expect(abs(measurement.raw - value) <= Self.tolerance(row.part, measurement.quantity, value), "\(row.part) \(measurement)")
        }
    }

    /// Rounding of the last bit; for the BME680 what the 32-bit integer formulas of the other driver drop, and its rounding
    /// to 0.01.
    static func tolerance(_ part: String, _ quantity: Quantity, _ value: Double) -> Double {
        guard part == "bme680" else { return 1e-9 * max(1, value.magnitude) }
        switch quantity {
        case .temperature: return 0.011
        case .humidity: return 0.08
        case .gasResistance: return 0.001 * value + 1
        default: return 12
        }
    }

    /// Families whose drivers are held to other people's elsewhere.
    static let elsewhere = ["bme280": "BMx280ConversionTests.swift", "sht40": "SHT4xConversionTests.swift"]

    static let families = ClimateParts.families.map { $0.map(\.description.name) }

    @Test("Every family is in a table", arguments: families) func everyFamilyIsInATable(_ family: [String]) {
        let parts = Set(independentTables.map(\.part)).union(Self.elsewhere.keys)
        #expect(
            !parts.isDisjoint(with: family),
            "no values of somebody else's driver for \(family): add rows by Tests/ClimateDrivers/independent/parts.py")
    }

    /// Worked examples of the datasheets, with their sections beside the formulas.
    @Test("Worked examples of the datasheets") func workedExamplesOfTheDatasheets() {
        // SNOSD82D §7.3.1, table 7-1.
        for (word, value) in [
            (0x8000, -256), (0xE480, -55), (0xF380, -25), (0xFFF0, -0.125), (0xFFFF, -0.0078125), (0, 0), (0x0C80, 25), (0x3200, 100),
            (0x4B00, 150), (0x7FFF, 255.9921875),
        ] as [(UInt16, Double)] {
            #expect(TMP117Conversion(word: word).temperature == value)
        }
        // SBOS397I §6.3.1, table 6-2.
        for (word, value) in [
            (0x7FF0, 127.9375), (0x6400, 100), (0x5000, 80), (0x4B00, 75), (0x3200, 50), (0x1900, 25), (0x0040, 0.25), (0, 0),
            (0xFFC0, -0.25), (0xE700, -25), (0xC900, -55),
        ] as [(UInt16, Double)] {
            #expect(TMP102Conversion(word: word).temperature == value)
        }
        // BH1750FVI technical note, "Measurement sequence example".
        #expect(BH1750Conversion(word: 0x8390).illuminance.rounded() == 28_067)
        #expect(BH1750Conversion(word: 0x0110).illuminance.rounded() == 227)
        // SBOS448G §8.5.1 and table 8: 11.98 V, 20 mV at 2 mOhm.
        let supply = INA219Conversion(busWord: 0x5D98, shuntWord: 0x07D0, shunt: 0.002)
        #expect(abs(supply.voltage - 11.98) < 1e-9 && abs(supply.current - 10) < 1e-9 && abs(supply.power - 119.8) < 1e-9)
        // SBOS448G §8.6.3.1: −320 mV is 0x8300.
        #expect(abs(INA219Conversion(busWord: 0, shuntWord: 0x8300, shunt: 1).current + 0.32) < 1e-12)
        // 19-5170, "Temperature Registers".
        #expect(DS3231Conversion(word: 0b0001_1001_0100_0000).temperature == 25.25)
        // SCD4x datasheet §3.6.2.
        let air = SCD4xConversion(co2Word: 0x01F4, temperatureWord: 0x6667, humidityWord: 0x5EB9)
        #expect(air.co2 == 500 && abs(air.temperature - 25) < 0.005 && abs(air.humidity - 37) < 0.005)
        // Its CRCs: 0x33, 0xA2, 0x3C.
        #expect(PartLink.sensirionCRC.checksum(of: 0x01, 0xF4) == 0x33)
        #expect(PartLink.sensirionCRC.checksum(of: 0x66, 0x67) == 0xA2)
        #expect(PartLink.sensirionCRC.checksum(of: 0x5E, 0xB9) == 0x3C)
        // SPS30 datasheet §6.3.1: the argument of "start measurement" is 0x03, 0x00, 0xAC.
        #expect(PartLink.sensirionCRC.checksum(of: 0x03, 0x00) == 0xAC)
    }
}
