import SensorCore
import Synchronization

/// What the sensors of a box last said of the air, for the parts that must know it: CO2 sensors the pressure, counters of
/// particles the humidity. Used by the climate threads.
final class BoxAir: Sendable {
    /// Pressure moves by less than 1 hPa in that time, and a part that reads once a minute is allowed to miss some.
    static let patience = TimeSpan.seconds(300)

    private struct Air {
        var value: Double
        var instant: MonotonicInstant
    }

    private struct Key: Hashable {
        var sensor: String
        var quantity: Quantity
    }

    private let air = Mutex<[Key: Air]>([:])

    /// Takes what matters of one sensor's calibrated readings.
    func take(_ readings: [Measurement], of sensor: String, at now: MonotonicInstant) {
        for reading in readings where reading.quantity == .pressure || reading.quantity == .humidity {
            air.withLock { $0[Key(sensor: sensor, quantity: reading.quantity)] = Air(value: reading.value, instant: now) }
        }
    }

    func surroundings(of plan: SensorPlan, at now: MonotonicInstant) -> Surroundings {
        Surroundings(
            pressure: value(.pressure, of: plan.pressureFrom, at: now), humidity: value(.humidity, of: plan.humidityFrom, at: now))
    }

    private func value(_ quantity: Quantity, of sensor: String?, at now: MonotonicInstant) -> Double? {
        guard let sensor, let found = air.withLock({ $0[Key(sensor: sensor, quantity: quantity)] }) else { return nil }
        return now - found.instant <= Self.patience ? found.value : nil
    }
}
