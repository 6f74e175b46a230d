import Calibration
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

    /// `TIME QUANTITY UNIT RAW CALIBRATED`, `TIME error KIND` or `lost N`; lines of other quantities are passed over.
    mutating func take(_ line: String, of quantity: Quantity, into watch: inout StabilityWatch) {
        let words = line.split(separator: " ")
        guard words.count >= 3, let nanoseconds = Int64(words[0]) else { return }
        let instant = MonotonicInstant(nanoseconds: nanoseconds)
        if words[1] == "error" {
            errors += 1
            lastError = String(words[2])
            watch.fail(at: instant)
        } else if words[1] == quantity.rawValue, words.count == 5, let raw = Double(words[3]) {
            watch.add(raw, at: instant)
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
