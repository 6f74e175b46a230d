public import SensorCore

/// Quantities that are computed from what one sensor measured at one moment.
///
/// They come from calibrated readings, before any averaging: the mean of dew points is not the dew point of means. Where
/// an input is missing or beyond what the formula holds for, there is no value.
public struct DerivedQuantities: Hashable, Sendable {
    /// In the order they are published.
    public let quantities: [Quantity]
    /// Of the sensor above sea level, in m.
    public let height: Double?

    /// - Parameter quantities: those that are no derived ones are left out.
    public init(_ quantities: [Quantity], height: Double? = nil) {
        self.quantities = quantities.filter(\.isDerived)
        self.height = height
    }

    /// Appends what follows from the readings of one sensor.
    public func append(to readings: inout [Measurement]) {
        guard !quantities.isEmpty else { return }
        var (temperature, humidity, pressure): (Double?, Double?, Double?)
        for reading in readings {
            switch reading.quantity {
            case .temperature: temperature = reading.value
            case .humidity: humidity = reading.value
            case .pressure: pressure = reading.value
            default: break
            }
        }
        for quantity in quantities {
            guard let value = value(quantity, temperature, humidity, pressure), value.isFinite else { continue }
            readings.append(Measurement(quantity, value))
        }
    }

    private func value(_ quantity: Quantity, _ temperature: Double?, _ humidity: Double?, _ pressure: Double?) -> Double? {
        guard let temperature else { return nil }
        if quantity == .seaLevelPressure {
            guard let pressure, let height else { return nil }
            // A part without humidity: dry air, which is at most 0.5 hPa per 750 m of height off.
            let vapour = humidity.flatMap { AirMoisture.vapourPressure(temperature, $0) } ?? 0
            return SeaLevelPressure.reduce(pressure, temperature: temperature, vapour: vapour, height: height)
        }
        guard let humidity else { return nil }
        switch quantity {
        case .dewPoint: return AirMoisture.dewPoint(temperature, humidity)
        case .absoluteHumidity: return AirMoisture.absoluteHumidity(temperature, humidity)
        case .vapourPressureDeficit: return AirMoisture.vapourPressureDeficit(temperature, humidity)
        case .heatIndex: return HumanHeat.heatIndex(temperature, humidity)
        case .wetBulb: return HumanHeat.wetBulb(temperature, humidity)
        default: return nil
        }
    }
}
