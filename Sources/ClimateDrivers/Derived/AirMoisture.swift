import Glibc

/// Water vapour in air: Magnus' formula with the coefficients of Alduchov and Eskridge (J. Appl. Meteor. 35, 1996, p. 601,
/// eq. 21), over water, and what follows from it.
///
/// Valid from −40 to 50 °C, there within 0.4 % of the reference; outside every function gives nil.
enum AirMoisture {
    static let validTemperatures = -40.0...50.0
    /// Below it the dew point's uncertainty is larger than its use.
    static let validHumidities = 1.0...100.0

    private static let scale = 610.94
    private static let a = 17.625
    private static let b = 243.04

    /// Pa over a water surface of `temperature` °C. Worked value: 20 °C gives 2333 Pa.
    static func saturationPressure(_ temperature: Double) -> Double? {
        guard validTemperatures.contains(temperature) else { return nil }
        return scale * exp(a * temperature / (b + temperature))
    }

    /// Pa of water vapour.
    static func vapourPressure(_ temperature: Double, _ humidity: Double) -> Double? {
        guard validHumidities.contains(humidity) else { return nil }
        return saturationPressure(temperature).map { $0 * humidity / 100 }
    }

    /// °C; the inverse of the same formula (Lawrence, Bull. Amer. Meteor. Soc. 86, 2005, p. 225, eq. 8). Worked value:
    /// 20 °C and 50 %RH give 9.3 °C.
    static func dewPoint(_ temperature: Double, _ humidity: Double) -> Double? {
        guard let vapour = vapourPressure(temperature, humidity) else { return nil }
        let share = log(vapour / scale)
        return b * share / (a - share)
    }

    /// g/m³, as an ideal gas with 461.5 J/(kg K). Worked value: 20 °C and 50 %RH give 8.6 g/m³.
    static func absoluteHumidity(_ temperature: Double, _ humidity: Double) -> Double? {
        vapourPressure(temperature, humidity).map { $0 / (461.5 * (temperature + 273.15)) * 1000 }
    }

    /// Pa; how much more vapour the air could take. Worked value: 25 °C and 60 %RH give 1265 Pa.
    static func vapourPressureDeficit(_ temperature: Double, _ humidity: Double) -> Double? {
        guard let saturated = saturationPressure(temperature), let vapour = vapourPressure(temperature, humidity)
        else { return nil }
        return saturated - vapour
    }
}
