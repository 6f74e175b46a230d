import JSONText
public import SensorCore

/// Makes the file of an `I2CRecording` from transfers, as they come: what the part answered to each command, in turn.
///
/// Transfers are kept reading by reading: those of a reading that was not seen to its end are not in the file.
public struct I2CRecordingWriter {
    private let part: String
    private let address: String
    private var lastWrite = ""
    /// Of whole readings; nil is a missing acknowledge. In the order of first use.
    private var commands: [(bytes: String, answers: [String?])] = []
    private var placeOfCommand: [String: Int] = [:]
    private var current: [(command: String, answer: String?)] = []
    public private(set) var readings = 0
    public private(set) var failedReadings = 0
    /// Transfers that a recording cannot hold: a bus that failed, a write of several bytes that nobody acknowledged.
    public private(set) var unkept = 0
    /// Roughly that of the file, in bytes. A file above `I2CRecording.sizeLimit` can't be read back.
    public private(set) var size = 0

    /// Both as the node's configuration has them.
    public init(part: String, address: String) {
        self.part = part
        self.address = address
    }

    /// Bytes are pairs of hexadecimal digits; "" for none.
    public mutating func answered(written: String, read: String) {
        if !written.isEmpty { lastWrite = written }
        if !read.isEmpty { current.append((lastWrite, read)) }
    }

    public mutating func failed(written: String, _ kind: I2CError.Kind?) {
        if !written.isEmpty { lastWrite = written }
        if kind == .nack, written.count <= 4 {
            current.append((lastWrite, nil))
        } else {
            unkept += 1
        }
    }

    public mutating func endReading(isSound: Bool) {
        if isSound { readings += 1 } else { failedReadings += 1 }
        for (command, answer) in current {
            size += (answer?.utf8.count ?? 0) + 8
            if let place = placeOfCommand[command] {
                commands[place].answers.append(answer)
            } else {
                placeOfCommand[command] = commands.count
                commands.append((command, [answer]))
            }
        }
        current = []
    }

    /// Transfers are missing here: without all of its transfers a reading does not replay.
    public mutating func dropReading() { current = [] }

    /// The file's text.
    ///
    /// - Parameter program: who recorded it: "reallabor-node 0.1.0".
    public func json(by program: String) -> [UInt8] {
        JSONWriter.object { file in
            file.field("about", "recorded by \(program)")
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
