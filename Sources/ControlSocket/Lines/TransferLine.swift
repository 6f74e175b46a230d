/// A line of the stream `transfers`. Times are nanoseconds of CLOCK_MONOTONIC; bytes are pairs of hexadecimal digits, "" for none.
public enum TransferLine: Hashable, Sendable {
    /// Comes first: the part's name and address as the configuration has them.
    case part(name: String, address: String)
    case answered(time: Int64, written: String, read: String)
    /// The kind is one of `I2CError.Kind`.
    case failed(time: Int64, written: String, kind: String)
    /// The end of a reading: "ok", or the kind of its error.
    case reading(time: Int64, outcome: String)
    /// So many lines are missing here.
    case lost(UInt64)

    public var text: String {
        switch self {
        case .part(let name, let address): "part \(name) \(address)"
        case .answered(let time, let written, let read): "\(time) \(Self.shown(written)) \(Self.shown(read))"
        case .failed(let time, let written, let kind): "\(time) \(Self.shown(written)) error \(kind)"
        case .reading(let time, let outcome): "\(time) reading \(outcome)"
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
        if first == "part", words.count == 3 {
            self = .part(name: words[1], address: words[2])
            return
        }
        guard let time = Int64(first), words.count >= 3 else { return nil }
        switch words.count {
        case 3 where words[1] == "reading": self = .reading(time: time, outcome: words[2])
        case 3:
            guard let written = Self.bytes(words[1]), let read = Self.bytes(words[2]) else { return nil }
            self = .answered(time: time, written: written, read: read)
        case 4 where words[2] == "error":
            guard let written = Self.bytes(words[1]) else { return nil }
            self = .failed(time: time, written: written, kind: words[3])
        default: return nil
        }
    }

    private static func shown(_ bytes: String) -> String { bytes.isEmpty ? "-" : bytes }

    /// nil for what is no pairs of hexadecimal digits.
    private static func bytes(_ word: String) -> String? {
        if word == "-" { return "" }
        let isHexadecimal = word.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
        return isHexadecimal && word.utf8.count % 2 == 0 ? word : nil
    }
}
