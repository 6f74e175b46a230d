import SensorCore
import Testing

@testable import ClimateDrivers

/// Values from Sensirion's own sensirion-i2c-sht4x 1.1.0 (`SignalTemperature`, `SignalHumidity`), checksums from its
/// sensirion-i2c-driver 1.0.2 (`CrcCalculator(8, 0x31, 0xff, 0)`), both from PyPI.
@Suite struct SHT4xConversionTests {
    @Test(
        "Agrees with the maker's driver",
        arguments: [
            (0x0000, 0x0000, -45.0, -6.0), (0xFFFF, 0xFFFF, 130.0, 119.0), (0x6666, 0x8000, 25.0, 56.50095368886854),
            (0x8000, 0x7FFF, 42.50133516441596, 56.49904631113146),
            (0x0750, 0x0C4A, -40.001144426642256, 0.0006103608758678547),
            (0x0C4A, 0xD916, -36.599145494773786, 100.00061036087587),
            (0x5F3C, 0xDC00, 20.10261692225528, 101.42351415274281),
            (0x6A9B, 0x0A00, 27.87594415197985, -1.1171129930571446),
        ] as [(UInt16, UInt16, Double, Double)])
    func agreesWithTheMakersDriver(_ t: UInt16, _ h: UInt16, temperature: Double, humidity: Double) {
        let result = SHT4xConversion(temperatureWord: t, humidityWord: h)
        #expect(abs(result.temperature - temperature) < 1e-12)
        #expect(abs(result.humidity - humidity) < 1e-12)
    }

    @Test(
        "Checksum agrees with the maker's driver",
        arguments: [
            (0xBEEF, 0x92), (0x6666, 0x93), (0x8000, 0xA2), (0x0000, 0x81), (0xFFFF, 0xAC), (0x7FFF, 0x8F),
            (0x0750, 0x51),
            (0x0C4A, 0xD3), (0xD916, 0x63), (0x0FBA, 0x7C), (0x7C4D, 0x7F),
        ] as [(UInt16, UInt8)])
    func checksumAgreesWithTheMakersDriver(_ word: UInt16, crc: UInt8) {
        #expect(PartLink.sensirionCRC.checksum(of: UInt8(word >> 8), UInt8(word & 0xFF)) == crc)
    }
}
