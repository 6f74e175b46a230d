import ControlSocket
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
        switch TransferLine(line) {
        case .part(let name, let address): (part, self.address) = (name, address)
        case .lost(let count):
            let (sum, overflow) = lost.addingReportingOverflow(count)
            lost = overflow ? .max : sum
            // Without all of its transfers a reading does not replay.
            current = []
        case .reading(_, let outcome): endReading(outcome)
        case .answered(_, let written, let read):
            if !written.isEmpty { lastWrite = written }
            if !read.isEmpty { current.append((lastWrite, read)) }
        case .failed(_, let written, let kind):
            if !written.isEmpty { lastWrite = written }
            if kind == I2CError.Kind.nack.rawValue, written.count <= 4 {
                current.append((lastWrite, nil))
            } else {
                unkept += 1
            }
        case nil: return false
        }
        return true
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
