import SensorCore

/// What a Sensirion part can be asked for: a command, and some time later so many words.
struct SensirionQuestion: Sendable {
    enum Command: Sendable {
        /// Of one byte, as the SHT4x have them.
        case byte(UInt8)
        case word(UInt16)
    }

    var command: Command
    var wordCount: Int
    /// Of what, for errors: "serial number".
    var subject: String

    init(_ command: UInt8, words wordCount: Int, _ subject: String) {
        (self.command, self.wordCount, self.subject) = (.byte(command), wordCount, subject)
    }

    init(_ command: UInt16, words wordCount: Int, _ subject: String) {
        (self.command, self.wordCount, self.subject) = (.word(command), wordCount, subject)
    }
}

extension PartLink {
    func ask(_ question: SensirionQuestion) throws(SensorError) {
        switch question.command {
        case .byte(let command): try send(command)
        case .word(let command): try send(command: command)
        }
    }

    /// The words that follow on `ask`, once the part had its time.
    func answer(to question: SensirionQuestion) throws(SensorError) -> SensirionWords {
        try readWords(question.wordCount, question.subject)
    }

    /// As `answer`, for what a recording may lack without harm; nil when it was not recorded.
    func answerIfRecorded(to question: SensirionQuestion) throws(SensorError) -> SensirionWords? {
        try readWordsIfRecorded(question.wordCount, question.subject)
    }

    /// What comes after a transfer that failed: a busy part does not acknowledge, and only that is waited for.
    func waitIfBusy(
        _ step: Int, after error: SensorError, every interval: TimeSpan, limit: Int
    ) throws(SensorError) -> DriverStep {
        guard error.kind == .nack else { throw error }
        return try poll(step, every: interval, limit: limit, error)
    }
}

extension ClimatePart {
    /// A part that is recognised by its answer to a harmless question. `judge` says who it is by that answer; nil when it is
    /// certainly another part.
    static func sensirion(
        _ description: PartDescription, recognisedBy question: SensirionQuestion,
        judge: @escaping @Sendable (SensirionWords) -> PartIdentity?,
        makeDriver: @escaping @Sendable (PartSettings) -> any ClimateDriver
    ) -> ClimatePart {
        ClimatePart(
            description: description, printedName: description.name.uppercased(), makeDriver: makeDriver,
            ask: { part throws(SensorError) in try part.ask(question) },
            identify: { part throws(SensorError) in judge(try part.answer(to: question)) })
    }
}

/// The formulas that SHT3x, SHT4x and SCD4x share; words use the full 16 bits.
enum SensirionTicks {
    /// °C, −45 to 130. Worked value: 0x6666 is 25.00 °C.
    static func temperature(_ word: UInt16) -> Double { -45 + 175 * Double(word) / 65535 }

    /// %RH, 0 to 100, of SHT3x and SCD4x; the SHT4x have one of their own. Worked value: 0x8000 is 50.00 %RH.
    static func humidity(_ word: UInt16) -> Double { 100 * Double(word) / 65535 }
}

/// How Sensirion's parts speak (SHT3x, SHT4x, SCD4x, SPS30): commands, and words of two bytes each followed by a CRC
/// with polynomial 0x31 and initial value 0xFF. Worked value: 0xBEEF has the CRC 0x92.
extension PartLink {
    static let sensirionCRC = CRC8(polynomial: 0x31, initialValue: 0xFF)

    /// Sends a command of 16 bits.
    func send(command: UInt16) throws(SensorError) {
        let high = UInt8(command >> 8), low = UInt8(truncatingIfNeeded: command)
        _ = try exchange(SIMD8(high, low, 0, 0, 0, 0, 0, 0), writing: 2, reading: 0)
    }

    /// Sends a command that a part may refuse by design, as a sleeping one refuses to be woken.
    func sendUnlessRefused(command: UInt16) throws(SensorError) {
        do throws(SensorError) {
            try send(command: command)
        } catch {
            if error.kind != .nack { throw error }
        }
    }

    /// Sends a command of 16 bits and one word with its CRC.
    func send(command: UInt16, word: UInt16) throws(SensorError) {
        let high = UInt8(word >> 8), low = UInt8(truncatingIfNeeded: word)
        _ = try exchange(
            SIMD8(
                UInt8(command >> 8), UInt8(truncatingIfNeeded: command), high, low,
                Self.sensirionCRC.checksum(of: high, low), 0, 0, 0),
            writing: 5, reading: 0)
    }

    /// Sends a command of 16 bits and two words with their CRCs.
    func send(command: UInt16, words first: UInt16, _ second: UInt16) throws(SensorError) {
        let high = UInt8(first >> 8), low = UInt8(truncatingIfNeeded: first)
        let nextHigh = UInt8(second >> 8), nextLow = UInt8(truncatingIfNeeded: second)
        _ = try exchange(
            SIMD8(
                UInt8(command >> 8), UInt8(truncatingIfNeeded: command), high, low,
                Self.sensirionCRC.checksum(of: high, low), nextHigh, nextLow,
                Self.sensirionCRC.checksum(of: nextHigh, nextLow)),
            writing: 8, reading: 0)
    }

    /// Reads `count` words, each with a right CRC; `subject` says of what, for errors.
    func readWords(_ count: Int, _ subject: String) throws(SensorError) -> SensirionWords {
        let frame = try read(count * 3)
        for start in stride(from: 0, to: count * 3, by: 3) {
            let expected = Self.sensirionCRC.checksum(of: frame[start], frame[start + 1])
            if frame[start + 2] != expected {
                throw error(
                    .crc,
                    "byte \(start + 2) of the \(subject) is 0x\(hexadecimal(frame[start + 2])), the two before it need "
                        + "0x\(hexadecimal(expected))")
            }
        }
        return SensirionWords(frame: frame)
    }

    /// As `readWords`, for what a recording may lack without harm; nil when it was not recorded.
    func readWordsIfRecorded(_ count: Int, _ subject: String) throws(SensorError) -> SensirionWords? {
        do throws(SensorError) {
            return try readWords(count, subject)
        } catch {
            if error.kind == .notRecorded { return nil }
            throw error
        }
    }
}

/// Words whose CRCs were right.
struct SensirionWords: Hashable {
    let frame: I2CFrame

    subscript(index: Int) -> UInt16 { frame.bigEndian16(at: index * 3) }

    /// An IEEE 754 float, most significant byte first, split over two words.
    func float(at index: Int) -> Float { Float(bitPattern: UInt32(self[index]) << 16 | UInt32(self[index + 1])) }
}
