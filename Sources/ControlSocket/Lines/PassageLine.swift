/// A line of the stream `passages`. nil is what the detector does not tell.
public enum PassageLine: Hashable, Sendable {
    /// `time` in nanoseconds of CLOCK_MONOTONIC, `direction` "forward" or "backward", `speed` in m/s, `length` in m.
    case passage(time: Int64, direction: String?, roadUser: String?, speed: Double?, length: Double?)
    /// So many lines are missing here.
    case lost(UInt64)

    public var text: String {
        switch self {
        case .passage(let time, let direction, let roadUser, let speed, let length):
            "\(time) \(direction ?? "-") \(roadUser ?? "-") \(speed.map { "\($0)" } ?? "-") \(length.map { "\($0)" } ?? "-")"
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
        guard words.count == 5, let time = Int64(words[0]) else { return nil }
        let numbers = words[3...].map { $0 == "-" ? nil : Double($0) }
        guard zip(words[3...], numbers).allSatisfy({ $0 == "-" || $1 != nil }) else { return nil }
        self = .passage(
            time: time, direction: words[1] == "-" ? nil : words[1], roadUser: words[2] == "-" ? nil : words[2], speed: numbers[0],
            length: numbers[1])
    }
}
