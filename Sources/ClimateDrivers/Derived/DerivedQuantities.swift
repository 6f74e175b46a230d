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

    /// Gives what follows from one reading of one sensor, and withholds what follows from a withheld quantity with the
    /// reason of that.
    public func append(to reading: inout PartReading) {
        guard !quantities.isEmpty else { return }
        var (temperature, humidity, pressure): (Double?, Double?, Double?)
        for measurement in reading.given {
            switch measurement.quantity {
            case .temperature: temperature = measurement.value
            case .humidity: humidity = measurement.value
            case .pressure: pressure = measurement.value
            default: break
            }
        }
        for quantity in quantities {
            if let cause = reading.withheld.first(where: { Self.uses($0.quantity, for: quantity) }) {
                reading.withhold(
                    quantity,
                    SensorError(
                        cause.error.kind,
                        "it is derived from the \(cause.quantity.rawValue), which is withheld: \(cause.error.detail)"))
            } else if let value = value(quantity, temperature, humidity, pressure), value.isFinite {
                reading.give(Measurement(quantity, value))
            }
        }
    }

    /// The pressure at sea level takes the humidity where the part measures it: without it for a while, it would jump.
    private static func uses(_ input: Quantity, for quantity: Quantity) -> Bool {
        quantity.inputs.contains(input) || quantity == .seaLevelPressure && input == .humidity
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
