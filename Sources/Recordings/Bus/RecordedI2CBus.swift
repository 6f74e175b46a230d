public import SensorCore

/// Plays a recording back: answers reads with what was recorded and nothing else.
///
/// A transfer's write is remembered, so a command and its answer may come in one transfer or in two. A command that
/// `responses` holds exactly is answered from there, each read taking the next answer; otherwise a one-byte write is a
/// register pointer into `memory`, which moves on with each read. Writes are always acknowledged. A read that has no
/// answer, or only part of one, throws `notRecorded`; another address than the recording's is not acknowledged.
public final class RecordedI2CBus: I2CBus {
    public let name: String
    public let recording: I2CRecording

    private var lastWrite: [UInt8]?
    private var pointer: UInt8?
    /// Answers given so far, by command.
    private var given: [[UInt8]: Int] = [:]

    public init(_ recording: I2CRecording, name: String = "recording") {
        self.recording = recording
        self.name = name
    }

    public func transfer(
        to address: I2CAddress, write: UnsafeBufferPointer<UInt8>, read: UnsafeMutableBufferPointer<UInt8>
    ) throws(I2CError) {
        precondition(!write.isEmpty || !read.isEmpty, "a transfer writes or reads")
        let written = Array(write)
        func failure(_ kind: I2CError.Kind) -> I2CError {
            let command = written.isEmpty ? lastWrite ?? [] : written
            let after = command.isEmpty ? "" : " after \(command.map { hexadecimal($0) }.joined(separator: " "))"
            return I2CError(kind: kind, operation: "read \(read.count)\(after) at \(address) on \(name)")
        }
        if let recorded = recording.address, recorded != address { throw failure(.nack) }
        if !written.isEmpty {
            lastWrite = written
            if written.count == 1 { pointer = written[0] }
        }
        guard !read.isEmpty else { return }
        let answer: [UInt8]
        if let command = lastWrite, let answers = recording.responses[command] {
            let turn = given[command, default: 0]
            given[command] = turn + 1
            guard let bytes = answers[min(turn, answers.count - 1)] else { throw failure(.nack) }
            answer = bytes
        } else if written.count <= 1, let start = pointer {
            answer = memory(from: start, count: read.count)
            pointer = start &+ UInt8(truncatingIfNeeded: read.count)
        } else {
            answer = []
        }
        guard answer.count >= read.count else { throw failure(.notRecorded) }
        for index in read.indices { read[index] = answer[index] }
    }

    /// The recorded bytes from a register on, up to the first gap.
    private func memory(from start: UInt8, count: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        for offset in 0..<count {
            guard let register = UInt8(exactly: Int(start) + offset), let byte = recording.memory[register] else {
                break
            }
            bytes.append(byte)
        }
        return bytes
    }
}
