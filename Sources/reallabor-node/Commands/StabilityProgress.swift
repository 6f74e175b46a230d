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

    /// With what the sensor failed with behind it, if it did.
    func withFailures(_ sentence: Sentence) -> Sentence {
        switch errors {
        case 0: sentence
        case 1: "\(sentence); 1 reading failed, with \(lastError)"
        default: "\(sentence); \(errors) readings failed, the last with \(lastError)"
        }
    }

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

    mutating func news(of state: StabilityWatch.State) -> Sentence? {
        guard state != last else { return nil }
        last = state
        switch state {
        case .gathering(let count): return withFailures(count == 1 ? "  1 reading" : "  \(count) readings")
        case .drifting(let drift): return "  drifts by \(drift.rounded(toPlaces: 3)) \(unit)"
        case .noisy(let deviation): return "  scatters by \(deviation.rounded(toPlaces: 3)) \(unit)"
        case .stable(let mean, _): return "  stands still at \(mean.rounded(toPlaces: 3)) \(unit) (raw)"
        case .givenUp: return nil
        }
    }
}
