import Glibc

/// Pressure reduced to sea level as Deutscher Wetterdienst does (VuB 2, volume D, "Reduktion des Luftdrucks"), with a
/// temperature that falls by 6.5 K per km and vapour that thins with 0.12 K/hPa.
enum SeaLevelPressure {
    /// Where stations are reduced to sea level at all; above, the fictitious air below them is too much of the result.
    static let validHeights = -500.0...750.0

    /// Pa.
    ///
    /// - Parameters:
    ///   - pressure: Pa at the height of the sensor.
    ///   - temperature: of the outside air in °C; 10 K of error make 0.4 hPa at 118 m.
    ///   - vapour: Pa of water vapour.
    ///   - height: of the sensor above sea level in m. Worked value: 100 000 Pa, 15 °C, no vapour, 118 m give 101 407 Pa.
    static func reduce(_ pressure: Double, temperature: Double, vapour: Double, height: Double) -> Double? {
        guard validHeights.contains(height), AirMoisture.validTemperatures.contains(temperature) else { return nil }
        let mean = temperature + 273.15 + 0.12 * vapour / 100 + 0.0065 * height / 2
        return pressure * exp(9.80665 / 287.05 * height / mean)
    }
}
