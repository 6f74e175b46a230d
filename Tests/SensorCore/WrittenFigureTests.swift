import SensorCore
import Testing

/// How numbers are written: with a tenth of the part's step, and never less than a receiver needs.
@Suite struct WrittenFigureTests {
    @Test(
        "A tenth of the part's step",
        arguments: [
            ("bme280", Quantity.temperature, 14.012069575575879, "14.012"), ("tmp117", .temperature, 21.0078125, "21.0078"),
            ("ds3231", .temperature, 21.25, "21.25"), ("bme280", .pressure, 98_123.456789, "98123.46"),
            ("bme280", .humidity, 72.10714629353652, "72.1071"), ("scd41", .co2, 612, "612.0"), ("scd41", .co2, 612.3333333333334, "612.3"),
            ("sps30", .pm2_5, -0.0, "0.0"), ("sps30", .pm2_5, -0.0004, "0.0"), ("unheard-of", .temperature, 14.012069575575879, "14.0121"),
            ("bme280", .dewPoint, 9.087654321, "9.088"),
        ])
    func aTenthOfThePartsStep(_ part: String, _ quantity: Quantity, _ value: Double, _ text: String) {
        #expect("\(value.written(PartResolution.of(quantity, part: part).places))" == text)
    }

    /// The decimal is the nearest there is, so that no further digits appear, and none that was measured is lost.
    @Test("Written numbers are decimals", arguments: 0...9) func writtenNumbersAreDecimals(_ places: Int) {
        for step in -5_000...5_000 {
            let value = Double(step) * 0.037_312_9
            let text = "\(value.written(places))"
            let decimals = text.contains("e") ? 0 : text.split(separator: ".").last?.count ?? 0
            #expect(decimals <= max(1, places), "\(value): \(text)")
            let unit = (0..<places).reduce(1.0) { size, _ in size / 10 }
            #expect(abs(value.written(places) - value) <= unit * 0.500_001, "\(value): \(text)")
        }
    }

    @Test("What has no room for decimals stays as it is") func whatHasNoRoomStaysAsItIs() {
        #expect(1.7976931348623157e308.written(4) == 1.7976931348623157e308)
        #expect(9_007_199_254_740_993.0.written(3) == 9_007_199_254_740_993.0)
        #expect(Double.infinity.written(3) == .infinity)
        #expect(Double.nan.written(3).isNaN)
    }

    @Test("A larger unit keeps the places of the smaller one") func aLargerUnitKeepsThePlaces() {
        #expect("\(612.3333333333334.written(1, dividedBy: 6))" == "0.0006123")
        #expect("\(5.8312345.written(2, dividedBy: 9))" == "5.83e-09")
    }

    /// Whoever looks for "certain" must not find it by rounding.
    @Test("Only what is whole is a share of one") func onlyWhatIsWholeIsAShareOfOne() {
        #expect(1.0.writtenShare == 1)
        #expect(0.0.writtenShare == 0)
        #expect(0.999_999_99.writtenShare == 0.999_999)
        #expect(1e-12.writtenShare == 0.000_001)
        #expect((1.0 / 3).writtenShare == 0.333333)
    }
}
