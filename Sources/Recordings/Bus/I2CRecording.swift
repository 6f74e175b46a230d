public import JSONText
public import SensorCore

/// Why a recording cannot be played, and where in its text.
public struct RecordingError: Error, Hashable, Sendable, SentenceConvertible {
    public var place: TextPlace
    public var message: Sentence

    public init(place: TextPlace, message: Sentence) {
        self.place = place
        self.message = message
    }

    /// "LINE:COLUMN: message"; the caller puts the file's name before it.
    public var sentence: Sentence { "\(place): \(message)" }
}

/// What one part answered, as kept in a file.
///
/// The file is a JSON object with
/// - `address`: "0x76", "76" (both hexadecimal) or a number (118);
/// - `memory`: register, hexadecimal → the bytes from there on, hexadecimal: `{"0x88": "70 6b 43 67"}`. Blocks that
///   touch or overlap are one; overlapping blocks must agree;
/// - `responses`: the bytes of a command, hexadecimal → the list of its answers, hexadecimal, given in turn, the last
///   one again and again; null is a missing acknowledge: `{"FD": [null, "66 66 93 80 00 a2"]}`.
///
/// Hexadecimal digits may be upper or lower case, with or without 0x, bytes with or without spaces between them. At
/// least one of `memory` and `responses` is there. Other keys are free for notes.
public struct I2CRecording: Hashable, Sendable {
    /// A recording of one part fits into a fraction of it.
    public static let sizeLimit = 4 << 20

    /// nil when the file does not say it: then every address answers.
    public var address: I2CAddress?
    /// Register → byte.
    public var memory: [UInt8: UInt8]
    /// Command → its answers, at least one; nil is a missing acknowledge.
    public var responses: [[UInt8]: [[UInt8]?]]

    /// `json` is the file's content, UTF-8.
    public init(json: [UInt8]) throws(RecordingError) {
        if json.count > Self.sizeLimit {
            throw RecordingError(
                place: TextPlace(line: 1, column: 1),
                message: "\(json.count) bytes are too many for a recording: at most \(Self.sizeLimit)")
        }
        let root: JSONValue
        do throws(JSONFault) {
            root = try JSONReader.read(json)
        } catch {
            throw RecordingError(place: error.place, message: error.message)
        }
        guard case .object(let members) = root.content else {
            throw RecordingError(
                place: root.place, message: "a recording is an object with \"address\" and \"memory\" or \"responses\"")
        }
        address = nil
        memory = [:]
        responses = [:]
        var hasContent = false
        for (key, value) in members {
            switch key {
            case "address": address = try Self.address(value)
            case "memory":
                memory = try Self.memory(value)
                hasContent = true
            case "responses":
                responses = try Self.responses(value)
                hasContent = true
            default: break
            }
        }
        if !hasContent {
            throw RecordingError(
                place: root.place, message: "neither \"memory\" nor \"responses\": there is nothing to play")
        }
    }

    private static func address(_ value: JSONValue) throws(RecordingError) -> I2CAddress {
        let number: Int? =
            switch value.content {
            case .string(let text): hexadecimalBytes(text).flatMap { $0.count == 1 ? Int($0[0]) : nil }
            case .number(let text): Int(text)
            default: nil
            }
        guard let number, let address = I2CAddress(number) else {
            throw RecordingError(
                place: value.place, message: "\"address\" is a 7-bit I2C address, \"0x08\" to \"0x77\"")
        }
        return address
    }

    private static func memory(_ value: JSONValue) throws(RecordingError) -> [UInt8: UInt8] {
        guard case .object(let blocks) = value.content else {
            throw RecordingError(place: value.place, message: "\"memory\" is an object, not \(value.kind)")
        }
        var memory: [UInt8: UInt8] = [:]
        for (key, block) in blocks {
            guard let start = hexadecimalBytes(key), start.count == 1 else {
                throw RecordingError(
                    place: block.place, message: "\"\(key)\" is no register: write it as \"0x00\" to \"0xff\"")
            }
            for (offset, byte) in try bytes(block, of: "the bytes from register \"\(key)\" on").enumerated() {
                guard let register = UInt8(exactly: Int(start[0]) + offset) else {
                    throw RecordingError(
                        place: block.place, message: "the bytes from register \"\(key)\" on go beyond register 0xff")
                }
                if let other = memory.updateValue(byte, forKey: register), other != byte {
                    throw RecordingError(
                        place: block.place,
                        message: """
                            register 0x\(hexadecimal(register)) is given twice, as 0x\(hexadecimal(other)) and as \
                            0x\(hexadecimal(byte))
                            """)
                }
            }
        }
        return memory
    }

    private static func responses(_ value: JSONValue) throws(RecordingError) -> [[UInt8]: [[UInt8]?]] {
        guard case .object(let commands) = value.content else {
            throw RecordingError(place: value.place, message: "\"responses\" is an object, not \(value.kind)")
        }
        var responses: [[UInt8]: [[UInt8]?]] = [:]
        for (key, list) in commands {
            guard let command = hexadecimalBytes(key) else {
                throw RecordingError(
                    place: list.place, message: "\"\(key)\" is no command: write its bytes in hexadecimal, as \"fd\"")
            }
            guard case .array(let items) = list.content, !items.isEmpty else {
                throw RecordingError(
                    place: list.place, message: "command \"\(key)\" needs a list of at least one answer")
            }
            var answers: [[UInt8]?] = []
            for item in items {
                if case .null = item.content {
                    answers.append(nil)
                } else {
                    answers.append(try bytes(item, of: "an answer to \"\(key)\""))
                }
            }
            if responses.updateValue(answers, forKey: command) != nil {
                throw RecordingError(place: list.place, message: "command \"\(key)\" is given twice")
            }
        }
        return responses
    }

    private static func bytes(_ value: JSONValue, of subject: Sentence) throws(RecordingError) -> [UInt8] {
        guard case .string(let text) = value.content else {
            throw RecordingError(place: value.place, message: "\(subject): hexadecimal text, not \(value.kind)")
        }
        guard let bytes = hexadecimalBytes(text) else {
            throw RecordingError(
                place: value.place, message: "\(subject): pairs of hexadecimal digits, not \"\(excerpt(text))\"")
        }
        return bytes
    }

    private static func excerpt(_ text: String) -> String { text.count > 40 ? text.prefix(40) + "…" : text }

    /// "0x1a 2B3c" → 1a 2b 3c; a lone digit is a byte of its own. nil when it is anything else, or nothing.
    private static func hexadecimalBytes(_ text: String) -> [UInt8]? {
        var bytes: [UInt8] = []
        for word in text.utf8.split(whereSeparator: { $0 == 0x20 || $0 == 0x09 || $0 == 0x0A || $0 == 0x0D }) {
            var digits = Array(word)
            if digits.count > 2, digits[0] == UInt8(ascii: "0"), digits[1] | 0x20 == UInt8(ascii: "x") {
                digits.removeFirst(2)
            }
            if digits.count == 1 { digits.insert(UInt8(ascii: "0"), at: 0) }
            guard digits.count % 2 == 0 else { return nil }
            for index in stride(from: 0, to: digits.count, by: 2) {
                guard let high = Character(UnicodeScalar(digits[index])).hexDigitValue,
                    let low = Character(UnicodeScalar(digits[index + 1])).hexDigitValue
                else { return nil }
                bytes.append(UInt8(high << 4 | low))
            }
        }
        return bytes.isEmpty ? nil : bytes
    }
}
