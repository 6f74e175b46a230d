/// A line of the stream `edges`. Times are nanoseconds of CLOCK_MONOTONIC; a level is true for active.
public enum EdgeLine: Hashable, Sendable {
    /// One for each input, in order, before anything else. `pin` is nil where it is simulated.
    case input(index: Int, role: String, pin: String?, isActiveLow: Bool)
    /// The level of an input before its first edge.
    case start(time: Int64, input: Int, isActive: Bool)
    /// `sequence` is the kernel's number of the edge on its line, 0 where there is none.
    case edge(time: Int64, input: Int, isActive: Bool, sequence: UInt64)
    /// So many lines are missing here.
    case lost(UInt64)

    public var text: String {
        switch self {
        case .input(let index, let role, let pin, let isActiveLow):
            "input \(index) \(role) \(pin ?? "-") \(isActiveLow ? "active-low" : "active-high")"
        case .start(let time, let input, let isActive): "start \(time) \(input) \(isActive ? 1 : 0)"
        case .edge(let time, let input, let isActive, let sequence): "\(time) \(input) \(isActive ? 1 : 0) \(sequence)"
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
        guard let first = words.first else { return nil }
        switch (first, words.count) {
        case ("input", 5):
            guard let index = Int(words[1]), index >= 0, words[4] == "active-low" || words[4] == "active-high" else { return nil }
            self = .input(index: index, role: words[2], pin: words[3] == "-" ? nil : words[3], isActiveLow: words[4] == "active-low")
        case ("start", 4):
            guard let time = Int64(words[1]), let input = Int(words[2]), input >= 0, let isActive = level(words[3]) else { return nil }
            self = .start(time: time, input: input, isActive: isActive)
        case (_, 4):
            guard let time = Int64(first), let input = Int(words[1]), input >= 0, let isActive = level(words[2]),
                let sequence = UInt64(words[3])
            else { return nil }
            self = .edge(time: time, input: input, isActive: isActive, sequence: sequence)
        default: return nil
        }
    }
}

/// "1" is active, "0" is not; nil for anything else.
private func level(_ word: String) -> Bool? { word == "1" ? true : word == "0" ? false : nil }

/// Every stream says likewise what it could not give.
func lostText(_ count: UInt64) -> String { "lost \(count)" }

/// nil for a line that says something else.
func lostCount(_ words: [String]) -> UInt64? { words.count == 2 && words[0] == "lost" ? UInt64(words[1]) : nil }
