import SensorCore
import Synchronization

/// What the sensors gave last, and lines for those who look on. Written by the climate threads, read by any but the
/// counting one.
final class SensorWatch: Sendable {
    struct Sensor {
        var name: String
        var part: String
        var values: [Measurement] = []
        /// Of `values`; nil before the first good reading.
        var instant: MonotonicInstant?
        /// Since the node started; only kinds that occurred.
        var errors: [SensorErrorKind: UInt64] = [:]
        /// Of the latest reading; nil when that was good.
        var fault: String?
    }

    private struct State {
        var sensors: [Sensor]
        var listeners: [(sensor: String, lines: ThreadMailbox<String>)] = []
    }

    private let state: Mutex<State>

    init(_ plan: NodePlan) {
        let sensors = plan.buses.flatMap(\.sensors).map { Sensor(name: $0.name, part: $0.part) }
        state = Mutex(State(sensors: sensors))
    }

    var sensors: [Sensor] { state.withLock { $0.sensors } }

    func read(_ values: [Measurement], of name: String, at instant: MonotonicInstant) {
        state.withLock { state in
            guard let index = state.sensors.firstIndex(where: { $0.name == name }) else { return }
            state.sensors[index].values = values
            state.sensors[index].instant = instant
            state.sensors[index].fault = nil
            for listener in state.listeners where listener.sensor == name {
                for value in values {
                    listener.lines.post(
                        "\(instant.nanoseconds) \(value.quantity.rawValue) \(value.quantity.unit) \(value.raw) \(value.value)")
                }
            }
        }
    }

    func failed(_ error: SensorError, of name: String, at instant: MonotonicInstant) {
        state.withLock { state in
            guard let index = state.sensors.firstIndex(where: { $0.name == name }) else { return }
            state.sensors[index].errors[error.kind, default: 0] += 1
            state.sensors[index].fault = "\(error)"
            for listener in state.listeners where listener.sensor == name {
                listener.lines.post("\(instant.nanoseconds) error \(error.kind.rawValue)")
            }
        }
    }

    func listen(to name: String) -> ThreadMailbox<String> {
        let lines = ThreadMailbox<String>(capacity: 256)
        state.withLock { $0.listeners.append((name, lines)) }
        return lines
    }

    func leave(_ lines: ThreadMailbox<String>) {
        state.withLock { state in state.listeners.removeAll { $0.lines === lines } }
    }
}
