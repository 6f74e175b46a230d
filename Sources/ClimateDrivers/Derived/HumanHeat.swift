import Glibc

/// What heat and moisture together are to people, in °C.
enum HumanHeat {
    /// The heat index of the US National Weather Service (Rothfusz, Technical Attachment SR 90-23, 1990, with the
    /// Service's two adjustments). Only where the Service uses the regression: an index of 80 °F (26.7 °C) or more, and
    /// air of at most 112 °F (44.4 °C). nil elsewhere.
    ///
    /// Worked value (the Service's table): 90 °F and 70 %RH give 105 to 106 °F.
    static func heatIndex(_ temperature: Double, _ humidity: Double) -> Double? {
        let t = temperature * 1.8 + 32
        let h = humidity
        guard t <= 112, (0...100).contains(h) else { return nil }
        // What the Service looks at first: a simple formula, averaged with the temperature.
        let simple = (0.5 * (t + 61 + (t - 68) * 1.2 + h * 0.094) + t) / 2
        guard t >= 80, simple >= 80 else { return nil }
        let linear = -42.379 + 2.04901523 * t + 10.14333127 * h - 0.22475541 * t * h
        let squares = -0.00683783 * t * t - 0.05481717 * h * h
        var index = linear + squares + 0.00122874 * t * t * h + 0.00085282 * t * h * h - 0.00000199 * t * t * h * h
        if h < 13 {
            index -= (13 - h) / 4 * ((17 - (t - 95).magnitude) / 17).squareRoot()
        } else if h > 85, t <= 87 {
            index += (h - 85) / 10 * (87 - t) / 5
        }
        return (index - 32) / 1.8
    }

    /// The wet-bulb temperature at sea level (Stull, J. Appl. Meteor. Climatol. 50, 2011, p. 2267, eq. 1), within −1 to
    /// 0.65 K. Valid from 5 to 99 %RH and −20 to 50 °C, except for dry and cold air together, where his figure 3 has no
    /// values: below the line 27.7 − 2.27 T. nil elsewhere.
    ///
    /// Worked value (his section 2): 20 °C and 50 %RH give 13.7 °C.
    static func wetBulb(_ temperature: Double, _ humidity: Double) -> Double? {
        let (t, h) = (temperature, humidity)
        guard (-20...50).contains(t), (5...99).contains(h), h >= 27.7 - 2.27 * t else { return nil }
        let first = t * atan(0.151977 * (h + 8.313659).squareRoot())
        let second = atan(t + h) - atan(h - 1.676331)
        return first + second + 0.00391838 * h * h.squareRoot() * atan(0.023101 * h) - 4.686035
    }
}
