import JSONText
import NodeRuntime
import SensorCore

/// Makes the file that `sensor replay` reads from the stream `transfers`: what the part answered to each command, in turn.
///
/// A recording begins with a reading that starts the part, so the coefficients are in it, and ends with a whole reading.
struct RecordedTransfers {
    private var part = ""
    private var address = ""
    private var lastWrite = ""
    /// Of whole readings, and of the one under way; nil is a missing acknowledge. In the order of first use.
    private var commands: [(bytes: String, answers: [String?])] = []
    private var current: [(command: String, answer: String?)] = []
    private(set) var readings = 0
    private(set) var failedReadings = 0
    private(set) var lost: UInt64 = 0
    /// Transfers that a recording cannot hold: a bus that failed, a write that nobody acknowledged.
    private(set) var unkept = 0
    private(set) var size = 0

    /// False for a line that is none of the stream's.
    mutating func take(_ line: String) -> Bool {
        let words = line.split(separator: " ").map(String.init)
        switch words.first {
        case "part" where words.count == 3:
            (part, address) = (words[1], words[2])
        case "lost" where words.count == 2:
            guard let count = UInt64(words[1]) else { return false }
            lost += count
            // Without all of its transfers a reading does not replay.
            current = []
        case .some(let time) where Int64(time) != nil && words.count >= 3:
            if words[1] == "reading" { endReading(words[2]) } else { transfer(words) }
        default: return false
        }
        return true
    }

    private mutating func transfer(_ words: [String]) {
        if words[1] != "-" { lastWrite = words[1] }
        if words[2] == "error" {
            if words.count == 4, words[3] == I2CError.Kind.nack.rawValue, words[1] == "-" || words[1].count <= 4 {
                current.append((lastWrite, nil))
            } else {
                unkept += 1
            }
        } else if words[2] != "-" {
            current.append((lastWrite, words[2]))
        }
    }

    private mutating func endReading(_ outcome: String) {
        if outcome == "ok" { readings += 1 } else { failedReadings += 1 }
        for (command, answer) in current {
            size += (answer?.utf8.count ?? 0) + 8
            if let index = commands.firstIndex(where: { $0.bytes == command }) {
                commands[index].answers.append(answer)
            } else {
                commands.append((command, [answer]))
            }
        }
        current = []
    }

    /// The file's text.
    var json: [UInt8] {
        JSONWriter.object { file in
            file.field("about", "recorded by reallabor-node \(ProgramVersion.text)")
            file.field("part", part)
            file.field("address", address)
            file.field("readings", UInt64(readings))
            file.objectField("responses") { responses in
                for command in commands {
                    responses.arrayField(command.bytes) { list in for answer in command.answers { list.element(answer) } }
                }
            }
        } + [UInt8(ascii: "\n")]
    }
}
