import SensorCore
import Testing

@testable import ClimateDrivers

/// Expected values come from Bosch's worked example and from two PyPI drivers run on the same bytes: RPi.bme280 0.2.4
/// (the datasheet's formulas, t_fine not truncated) and adafruit-circuitpython-bme280 2.6.32 (Bosch's C driver turned
/// to Python: t_fine truncated to an integer, and the H3 bracket taken twice, so its humidity counts only for H3 = 0).
@Suite struct BMx280ConversionTests {
    struct Sample: CustomTestStringConvertible {
        var name: String
        var block: String, h1: UInt8, humidityBlock: String, data: String
        var adafruit: (temperature: Double, pressure: Double, humidity: Double?)
        var rpi: (temperature: Double, pressure: Double, humidity: Double)
        var testDescription: String { name }
    }

    static let example = "706b436718fc7d8e43d6d00b270b8c00f9ff8c3cf8c67017"
    static let common = "456f6f683200828f75d6d00b441bfcfff9ffac260ad8bd10"

    static let samples = [
        Sample(
            name: "datasheet example", block: example, h1: 0x4B, humidityBlock: "6a01001424031e",
            data: "655ac07eed007148", adafruit: (25.082421875, 100653.25814481472, 45.510627565434824),
            rpi: (25.08247793081682, 100653.26677582515, 45.51062835035075)),
        Sample(
            name: "negative H4", block: example, h1: 0x4B, humidityBlock: "c80000ed04001e",
            data: "655ac07eed002328", adafruit: (25.082421875, 100653.25814481472, 86.93661732366644),
            rpi: (25.08247793081682, 100653.26677582515, 86.93662808710775)),
        Sample(
            name: "negative H5", block: common, h1: 0x4B, humidityBlock: "63010015e5fc1e",
            data: "5091006b6c007530", adafruit: (-5.02265625, 98284.43799952154, 40.40536587474351),
            rpi: (-5.022665934957331, 98284.43643925655, 40.40536416848409)),
        Sample(
            name: "negative H4, H5 and H6", block: common, h1: 0, humidityBlock: "7c0103ff1b80ec",
            data: "5573005cc6007530", adafruit: (-24.141796875, 92079.26922250225, nil),
            rpi: (-24.141906685981667, 92079.25245386084, 32.43604177156815)),
        Sample(
            name: "hot", block: common, h1: 0x4B, humidityBlock: "6301001505001e", data: "5a5500a604007d00",
            adafruit: (71.4951171875, 103562.20413924486, 61.69541568041593),
            rpi: (71.4952243307198, 103562.22088248638, 61.69542895732988)),
        Sample(
            name: "nibbles of H4 and H5 differ", block: common, h1: 0x4B, humidityBlock: "63010716350c80",
            data: "5464e083d6008235", adafruit: (26.8517578125, 100795.31204132085, nil),
            rpi: (26.851830263767624, 100795.32368253016, 46.41187432001458)),
    ]

    static func conversion(_ sample: Sample) -> BMx280Conversion {
        let coefficients = BMx280Coefficients(
            block: frame(sample.block),
            humidity: .init(h1: sample.h1, block: frame(sample.humidityBlock)))
        return BMx280Conversion(BMx280RawData(frame: frame(sample.data)), coefficients)
    }

    @Test("Agrees with a driver of the datasheet's formulas", arguments: samples) func agreesWithADriverOfTheDatasheetsFormulas(
        _ sample: Sample
    ) throws {
        let result = Self.conversion(sample)
        let humidity = try #require(result.humidity)
        #expect(abs(result.temperature - sample.rpi.temperature) < 1e-9)
        #expect(abs(result.pressure - sample.rpi.pressure) < 1e-6)
        #expect(abs(humidity - sample.rpi.humidity) < 1e-9)
    }

    /// Its truncated t_fine costs up to 0.0002 °C.
    @Test("Agrees with a driver of Bosch's code", arguments: samples) func agreesWithADriverOfBoschsCode(_ sample: Sample) throws {
        let result = Self.conversion(sample)
        #expect(abs(result.temperature - sample.adafruit.temperature) < 0.0002)
        #expect(abs(result.pressure - sample.adafruit.pressure) < 0.05)
        if let humidity = sample.adafruit.humidity { #expect(abs(try #require(result.humidity) - humidity) < 0.001) }
    }

    /// BMP280 datasheet §3.12, as printed.
    @Test("Gives the datasheets example") func givesTheDatasheetsExample() {
        let raw = BMx280RawData(pressure: 415148, temperature: 519888, humidity: nil)
        let result = BMx280Conversion(raw, BMx280Coefficients(block: frame(Self.example), humidity: nil))
        #expect(abs(result.fineTemperature - 128422) < 1)
        #expect(abs(result.temperature - 25.08) < 0.005)
        #expect(abs(result.pressure - 100653.27) < 0.005)
        #expect(result.humidity == nil)
    }

    @Test("Keeps a humidity beyond its bounds for the raw value") func keepsAHumidityBeyondItsBoundsForTheRawValue() {
        // 45000 and 15000 in place of the example's humidity: the PyPI drivers limit them to 100 and 0.
        var sample = Self.samples[0]
        sample.data = "655ac07eed00afc8"
        #expect(Self.conversion(sample).humidity.map { $0 > 100 && $0 < 140 } == true)
        sample.data = "655ac07eed003a98"
        #expect(Self.conversion(sample).humidity.map { $0 < 0 && $0 > -40 } == true)
    }

    /// H4 = E4[7:0] E5[3:0], H5 = E6[7:0] E5[7:4], both 12-bit two's complement (BME280 table 16).
    @Test(
        "Joins the shared nibbles",
        arguments: [
            ([0x14, 0x24, 0x03], 0x144, 0x032), ([0x7F, 0xFF, 0x7F], 2047, 2047), ([0x80, 0x00, 0x80], -2048, -2048),
            ([0xFF, 0x0F, 0x00], -1, 0), ([0x00, 0xF0, 0xFF], 0, -1), ([0x12, 0xA3, 0x04], 0x123, 0x04A),
            ([0xED, 0x04, 0x00], -300, 0), ([0x15, 0xE5, 0xFC], 341, -50),
        ] as [([UInt8], Int16, Int16)])
    func joinsTheSharedNibbles(_ shared: [UInt8], h4: Int16, h5: Int16) {
        let block = I2CFrame([0x6A, 0x01, 0x00] + shared + [0xE2])
        let humidity = BMx280Coefficients.Humidity(h1: 0xFF, block: block)
        #expect(humidity.h4 == h4)
        #expect(humidity.h5 == h5)
        #expect(humidity.h1 == 255)
        #expect(humidity.h2 == 362)
        #expect(humidity.h6 == -30)
    }

    @Test("Reads each coefficient in its width and sign") func readsEachCoefficientInItsWidthAndSign() {
        let coefficients = BMx280Coefficients(block: frame(Self.example), humidity: nil)
        #expect(coefficients.t1 == 27504)
        #expect(coefficients.t2 == 26435)
        #expect(coefficients.t3 == -1000)
        #expect(coefficients.p1 == 36477)
        #expect(coefficients.p2 == -10685)
        #expect(coefficients.p3 == 3024)
        #expect(coefficients.p4 == 2855)
        #expect(coefficients.p5 == 140)
        #expect(coefficients.p6 == -7)
        #expect(coefficients.p7 == 15500)
        #expect(coefficients.p8 == -14600)
        #expect(coefficients.p9 == 6000)
        #expect(BMx280Coefficients(block: frame(Self.common), humidity: nil).t1 == 28485)
    }

    @Test("Takes the twenty bits from three bytes") func takesTheTwentyBitsFromThreeBytes() {
        let raw = BMx280RawData(frame: I2CFrame([0x12, 0x34, 0x5F, 0xAB, 0xCD, 0xEF, 0x98, 0x76]))
        #expect(raw == BMx280RawData(pressure: 0x12345, temperature: 0xABCDE, humidity: 0x9876))
        #expect(BMx280RawData(frame: I2CFrame([0, 0, 0, 0, 0, 0])).humidity == nil)
    }

    /// BME280 §9.1: 9.3 ms; BMP280 §3.8.1, table 13 "ultra low power": 6.4 ms.
    @Test("Waits the datasheets maximum") func waitsTheDatasheetsMaximum() {
        #expect(BMx280.measurementTime(.bme280) == .microseconds(9_300))
        #expect(BMx280.measurementTime(.bmp280) == .microseconds(6_425))
    }
}

/// "1a2b" as the drivers receive it.
func frame(_ hexadecimal: String) -> I2CFrame {
    let digits = hexadecimal.compactMap { $0.hexDigitValue.map { UInt8($0) } }
    return I2CFrame(stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] })
}

extension I2CFrame {
    init(_ bytes: [UInt8]) {
        self.init(count: bytes.count)
        fill { buffer in
            for index in bytes.indices { buffer[index] = bytes[index] }
        }
    }
}
