/// The two formulas of the SHT4x, §4.6. Both words use the full 16 bits.
///
/// Worked value: words 0x6666 and 0x8000 give 25.00 °C and 56.50 %RH.
struct SHT4xConversion: Hashable, Sendable {
    /// The words as sent.
    var temperatureWord: UInt16
    var humidityWord: UInt16
    /// °C, −45 to 130.
    var temperature: Double
    /// %RH, −6 to 119: the formula overshoots on purpose, and the datasheet leaves the cropping to the reader.
    var humidity: Double

    init(temperatureWord: UInt16, humidityWord: UInt16) {
        self.temperatureWord = temperatureWord
        self.humidityWord = humidityWord
        temperature = SensirionTicks.temperature(temperatureWord)
        humidity = -6 + 125 * Double(humidityWord) / 65535
    }
}
