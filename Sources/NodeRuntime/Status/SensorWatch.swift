import ClimateDrivers
import ControlSocket
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
        /// Since the node started; only kinds that occurred. Readings that gave nothing, and quantities that were withheld.
        var errors: [SensorErrorKind: UInt64] = [:]
        /// Readings that repeated one value to the last bit after hours of it, since the node started; see `StandstillWatch`.
        var standing: [Quantity: UInt64] = [:]
        /// Of the latest reading; nil when that gave all its quantities.
        var fault: String?
    }

    private struct State {
        var sensors: [Sensor]
        var listeners: [(sensor: String, lines: ThreadMailbox<String>)] = []
        var recorders: [(sensor: String, lines: ThreadMailbox<String>)] = []
        /// Sensors whose recording has begun and whose part is to be started anew for it.
        var restarts: Set<String> = []
    }

    private let state: Mutex<State>

    init(_ plan: NodePlan) {
        let sensors = plan.buses.flatMap(\.sensors).map { Sensor(name: $0.name, part: $0.part) }
        state = Mutex(State(sensors: sensors))
    }

    var sensors: [Sensor] { state.withLock { $0.sensors } }

    /// Returns the quantities that stand still and did not in the reading before.
    @discardableResult
    func read(_ reading: PartReading, of name: String, at instant: MonotonicInstant) -> [Quantity] {
        let values = reading.given
        return state.withLock { state in
            guard let index = state.sensors.firstIndex(where: { $0.name == name }) else { return [] }
            let stood = state.sensors[index].values.filter { $0.flags.contains(.standsStill) }.map(\.quantity)
            let standing = values.filter { $0.flags.contains(.standsStill) }.map(\.quantity)
            for quantity in standing { state.sensors[index].standing[quantity, default: 0] += 1 }
            state.sensors[index].values = values
            state.sensors[index].instant = instant
            for missing in reading.withheld { state.sensors[index].errors[missing.error.kind, default: 0] += 1 }
            state.sensors[index].fault =
                reading.withheld.first.map { "\($0.quantity.rawValue) withheld, \($0.error)" } ?? standing.first.map { Self.stands($0) }
            Self.endReading("ok", of: name, at: instant, state)
            for listener in state.listeners where listener.sensor == name {
                for value in values {
                    listener.lines.post(
                        ReadingLine.value(
                            time: instant.nanoseconds, quantity: value.quantity.rawValue, unit: value.quantity.unit, raw: value.raw,
                            calibrated: value.value
                        ).text)
                }
            }
            return standing.filter { !stood.contains($0) }
        }
    }

    /// What a quantity that stands still means.
    static func stands(_ quantity: Quantity) -> String {
        "\(quantity.rawValue) has been the same to the last bit for hours: the part may hang; take its power away for a moment"
    }

    func failed(_ error: SensorError, of name: String, at instant: MonotonicInstant) {
        state.withLock { state in
            guard let index = state.sensors.firstIndex(where: { $0.name == name }) else { return }
            state.sensors[index].errors[error.kind, default: 0] += 1
            state.sensors[index].fault = "\(error)"
            Self.endReading(error.kind.rawValue, of: name, at: instant, state)
            for listener in state.listeners where listener.sensor == name {
                listener.lines.post(ReadingLine.error(time: instant.nanoseconds, kind: error.kind.rawValue).text)
            }
        }
    }

    func listen(to name: String) -> ThreadMailbox<String> {
        let lines = ThreadMailbox<String>(capacity: 256)
        state.withLock { $0.listeners.append((name, lines)) }
        return lines
    }

    /// Lines of every transfer, from a reading on that starts the part anew.
    func record(_ name: String) -> ThreadMailbox<String> {
        // A reading of the largest part has some dozen transfers, and the control thread looks 20 times a second.
        let lines = ThreadMailbox<String>(capacity: 1024)
        state.withLock { state in
            state.recorders.append((name, lines))
            state.restarts.insert(name)
        }
        return lines
    }

    func isRecorded(_ name: String) -> Bool { state.withLock { $0.recorders.contains { $0.sensor == name } } }

    /// Whether the part is to be started anew before its next reading; asked once.
    func takeRestart(_ name: String) -> Bool { state.withLock { $0.restarts.remove(name) != nil } }

    /// A transfer of a recorded sensor, as a line. A recording that waits for the part's new start does not begin in the
    /// middle of a reading.
    func transferred(_ line: String, of name: String) {
        state.withLock { state in
            guard !state.restarts.contains(name) else { return }
            for recorder in state.recorders where recorder.sensor == name { recorder.lines.post(line) }
        }
    }

    private static func endReading(_ outcome: String, of name: String, at instant: MonotonicInstant, _ state: State) {
        guard !state.restarts.contains(name) else { return }
        for recorder in state.recorders where recorder.sensor == name {
            recorder.lines.post(TransferLine.reading(time: instant.nanoseconds, outcome: outcome).text)
        }
    }

    func leave(_ lines: ThreadMailbox<String>) {
        state.withLock { state in
            state.listeners.removeAll { $0.lines === lines }
            state.recorders.removeAll { $0.lines === lines }
        }
    }
}
