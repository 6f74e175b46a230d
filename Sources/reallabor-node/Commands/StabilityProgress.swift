import Calibration
import ControlSocket
import SensorCore

/// Reads the stream's lines for the watch, and says how it goes when that changes.
struct StabilityProgress {
    let unit: String
    private var last: StabilityWatch.State?
    private var errors = 0
    private var lastError = ""

    init(unit: String) { self.unit = unit }

    /// For the end of a message: what the sensor failed with, if it did.
    var failures: String { errors == 0 ? "" : "; \(errors) readings failed, the last with \(lastError)" }

    /// Lines of other quantities are passed over.
    mutating func take(_ line: String, of quantity: Quantity, into watch: inout StabilityWatch) {
        switch ReadingLine(line) {
        case .error(let time, let kind):
            errors += 1
            lastError = kind
            watch.fail(at: MonotonicInstant(nanoseconds: time))
        case .value(let time, quantity.rawValue, _, let raw, _): watch.add(raw, at: MonotonicInstant(nanoseconds: time))
        case .value, .lost, nil: break
        }
    }

    mutating func news(of state: StabilityWatch.State) -> String? {
        guard state != last else { return nil }
        last = state
        switch state {
        case .gathering(let count): return "  \(count) readings\(failures)\n"
        case .drifting(let drift): return "  drifts by \(drift.rounded(toPlaces: 3)) \(unit)\n"
        case .noisy(let deviation): return "  scatters by \(deviation.rounded(toPlaces: 3)) \(unit)\n"
        case .stable(let mean, _): return "  stands still at \(mean.rounded(toPlaces: 3)) \(unit) (raw)\n"
        case .givenUp: return nil
        }
    }
}
