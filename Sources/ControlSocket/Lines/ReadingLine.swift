/// A line of the stream `readings`. Times are nanoseconds of CLOCK_MONOTONIC.
public enum ReadingLine: Hashable, Sendable {
    /// One quantity of a reading, by its name and unit.
    case value(time: Int64, quantity: String, unit: String, raw: Double, calibrated: Double)
    /// A reading that failed; the kind is one of `SensorErrorKind`.
    case error(time: Int64, kind: String)
    /// So many lines are missing here.
    case lost(UInt64)

    public var text: String {
        switch self {
        case .value(let time, let quantity, let unit, let raw, let calibrated): "\(time) \(quantity) \(unit) \(raw) \(calibrated)"
        case .error(let time, let kind): "\(time) error \(kind)"
        case .lost(let count): lostText(count)
        }
    }

    /// nil for a line that is none of the stream.
    public init?(_ line: String) {
        let words = line.split(separator: " ").map(String.init)
        if let count = lostCount(words) {
            self = .lost(count)
            return
        }
        guard let first = words.first, let time = Int64(first) else { return nil }
        switch words.count {
        case 3 where words[1] == "error": self = .error(time: time, kind: words[2])
        case 5:
            guard let raw = Double(words[3]), let calibrated = Double(words[4]) else { return nil }
            self = .value(time: time, quantity: words[1], unit: words[2], raw: raw, calibrated: calibrated)
        default: return nil
        }
    }
}
