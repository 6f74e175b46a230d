import SensorCore

/// A Value Change Dump (IEEE 1364-2001 §18) as logic analysers and PulseView write it.
///
/// Signals are found by the input's role or names; others are passed over. Where neither side leaves a choice (one input,
/// one signal) the names need not agree. Several names of one signal are one signal. The first value of a signal is the state the recording began with; values
/// before the first time stamp (`$dumpvars` in the header's place) are the state at that time stamp. `x` and
/// `z` say that the level is not known: the next known level is then a change only if it differs from the last known.
public struct VCDTrace: EdgeTrace {
    private var bytes: TraceBytes
    private let inputs: [TraceInput]
    private var token: [UInt8] = []
    private var tokenLine = 1
    private var tokenColumn = 1
    private var time: Int64 = 0
    private var ticks: Int64 = 0
    private var nanosecondsPerTick = TickLength(multiplier: 1, divisor: 1)
    /// Index of the input, or nil for a signal that is passed over, by the signal's identifier code.
    private var inputByCode: [[UInt8]: Int?] = [:]
    /// The same for codes of one byte: the input's index, or one of the two below.
    private var inputByByte = [Int](repeating: undeclared, count: 256)
    private var levels: [Bool?]
    /// State read ahead of the first time stamp.
    private var initial: ArraySlice<TraceSample> = []

    public private(set) var firstTimestamp: Int64?
    public private(set) var lastTimestamp: Int64?
    public var givesEveryLevel: Bool { true }

    private static let undeclared = -2
    private static let passedOver = -1

    private struct TickLength {
        var multiplier: Int64
        var divisor: Int64
    }

    /// Reads the header, and what stands before the first time stamp.
    public init(_ bytes: TraceBytes, inputs: [TraceInput]) throws(TraceError) {
        self.bytes = bytes
        self.inputs = inputs
        levels = [Bool?](repeating: nil, count: inputs.count)
        try readHeader()
        try readInitialState()
    }

    public mutating func next() throws(TraceError) -> TraceSample? {
        if !initial.isEmpty { return initial.removeFirst() }
        while true {
            if let sample = nextPlain() { return sample }
            guard try readToken() else { return nil }
            if token[0] == UInt8(ascii: "#") {
                try readTime()
            } else if let sample = try readValue() {
                return sample
            }
        }
    }

    /// The next sample, as far as the file looks as nearly all do: `#TIME` and `0!`, one blank or line end between them. What
    /// looks otherwise, or may reach into the next piece, is left for `readToken`; so is everything that is wrong.
    private mutating func nextPlain() -> TraceSample? {
        let window = bytes.window
        let end = window.count - Self.longestPlainWord
        var (at, lines, lastEnd) = (0, 0, 0)
        defer { if at > 0 { bytes.skip(at, lines: lines, lastEnd: lastEnd) } }
        while at < end {
            let byte = window[at]
            var wordEnd = at + 2
            var input = Self.passedOver
            if isPlainEnd(byte) {
                // `readToken` leaves the end of its word.
                wordEnd = at
            } else if byte == UInt8(ascii: "#") {
                guard let (stamp, stampEnd) = plainNumber(in: window, from: at + 1), stamp >= ticks else { return nil }
                wordEnd = stampEnd
                guard isPlainEnd(window[wordEnd]) else { return nil }
                let (scaled, overflow) = stamp.multipliedReportingOverflow(by: nanosecondsPerTick.multiplier)
                if overflow { return nil }
                ticks = stamp
                begin(at: nanosecondsPerTick.divisor == 1 ? scaled : scaled / nanosecondsPerTick.divisor)
            } else {
                guard byte == UInt8(ascii: "0") || byte == UInt8(ascii: "1"), isPlainEnd(window[wordEnd]) else { return nil }
                input = inputByByte[Int(window[at + 1])]
                if input == Self.undeclared { return nil }
            }
            if window[wordEnd] == UInt8(ascii: "\n") {
                lines += 1
                lastEnd = wordEnd
            }
            at = wordEnd + 1
            guard input >= 0 else { continue }
            if let sample = note(byte == UInt8(ascii: "1"), of: input) { return sample }
        }
        return nil
    }

    /// `#`, as many digits as surely fit, and what ends the word.
    private static let longestPlainWord = 2 + longestPlainNumber

    private func isPlainEnd(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "\n") || byte == UInt8(ascii: " ") }

    private mutating func readInitialState() throws(TraceError) {
        var isTimed = false
        while !isTimed, try readToken() {
            if token[0] == UInt8(ascii: "#") {
                try readTime()
                isTimed = true
            } else {
                _ = try readValue()
            }
        }
        if !isTimed && levels.contains(where: { $0 != nil }) { begin(at: 0) }
        initial =
            levels.enumerated().compactMap { input, level in
                level.map { TraceSample(nanoseconds: time, input: input, level: $0, isInitial: true) }
            }[...]
    }

    private mutating func begin(at nanoseconds: Int64) {
        time = nanoseconds
        if firstTimestamp == nil { firstTimestamp = nanoseconds }
        lastTimestamp = nanoseconds
    }

    /// Takes a token in the body that is not a time.
    private mutating func readValue() throws(TraceError) -> TraceSample? {
        switch token[0] {
        case UInt8(ascii: "0"), UInt8(ascii: "1"), UInt8(ascii: "x"), UInt8(ascii: "X"), UInt8(ascii: "z"),
            UInt8(ascii: "Z"):
            guard token.count > 1 else { throw tokenFault("'\(word)' is a value without a signal's code") }
            return try change(of: token[1...], to: token[0])
        case UInt8(ascii: "b"), UInt8(ascii: "B"), UInt8(ascii: "r"), UInt8(ascii: "R"), UInt8(ascii: "s"):
            let value = token.count == 2 ? token[1] : UInt8(ascii: "x")
            guard try readToken() else { throw tokenFault("the file ends within a value: it is truncated") }
            return try change(of: token[...], to: value)
        case UInt8(ascii: "$"):
            // $dumpvars and its kind only bracket values; a comment has to be skipped.
            if word == "$comment" { try skipToEnd(of: "$comment") }
            return nil
        default: throw tokenFault("'\(word)' is neither a time nor a value change")
        }
    }

    private mutating func change(of code: ArraySlice<UInt8>, to value: UInt8) throws(TraceError) -> TraceSample? {
        guard let known = inputByCode[Array(code)] else {
            throw tokenFault("'\(word)': the header declares no signal of code '\(String(decoding: code.prefix(80), as: UTF8.self))'")
        }
        guard let input = known, value == UInt8(ascii: "0") || value == UInt8(ascii: "1") else { return nil }
        return note(value == UInt8(ascii: "1"), of: input)
    }

    private mutating func note(_ level: Bool, of input: Int) -> TraceSample? {
        defer { levels[input] = level }
        guard let before = levels[input] else {
            return TraceSample(nanoseconds: time, input: input, level: level, isInitial: true)
        }
        return before == level
            ? nil : TraceSample(nanoseconds: time, input: input, level: level, isInitial: false)
    }

    private mutating func readTime() throws(TraceError) {
        guard let stamp = Int64(String(decoding: token.dropFirst(), as: UTF8.self)) else {
            throw tokenFault("'\(word)' is not a time: write # and a whole number")
        }
        guard stamp >= ticks || firstTimestamp == nil else { throw tokenFault("time runs backwards: \(word) after #\(ticks)") }
        let (scaled, overflow) = stamp.multipliedReportingOverflow(by: nanosecondsPerTick.multiplier)
        guard !overflow else { throw tokenFault("time \(word) is too large") }
        ticks = stamp
        begin(at: scaled / nanosecondsPerTick.divisor)
    }

    private mutating func readHeader() throws(TraceError) {
        var signals: [Signal] = []
        var hasTimescale = false
        while true {
            guard try readToken() else {
                throw bytes.fault("the file ends before $enddefinitions: it is truncated or not a VCD")
            }
            switch word {
            case "$enddefinitions":
                try skipToEnd(of: "$enddefinitions")
                try choose(from: signals)
                guard hasTimescale else {
                    throw tokenFault(
                        "the header has no $timescale, so nobody knows how long its times are; write for example $timescale 1 us $end")
                }
                return
            case "$timescale":
                try readTimescale()
                hasTimescale = true
            case "$var": signals.append(try readSignal())
            default:
                guard token[0] == UInt8(ascii: "$") else {
                    throw tokenFault("'\(word)' in the header: a VCD begins with sections like $timescale and $var")
                }
                try skipToEnd(of: word)
            }
        }
    }

    private struct Signal {
        var name: String
        var code: [UInt8]
        /// Only one-bit signals can be inputs.
        var isOneBit: Bool
    }

    /// `$var wire 1 ! NAME $end`
    private mutating func readSignal() throws(TraceError) -> Signal {
        var fields: [[UInt8]] = []
        while true {
            guard try readToken() else { throw bytes.fault("the file ends within $var: it is truncated") }
            if word == "$end" { break }
            if fields.count < 8 { fields.append(token) }
        }
        guard fields.count >= 4 else { throw tokenFault("$var needs a type, a width, a code and a name") }
        return Signal(
            name: String(decoding: fields[3], as: UTF8.self), code: fields[2],
            isOneBit: fields[1].elementsEqual("1".utf8))
    }

    private mutating func readTimescale() throws(TraceError) {
        var text = ""
        let line = tokenLine
        let column = tokenColumn
        while true {
            guard try readToken() else { throw bytes.fault("the file ends within $timescale: it is truncated") }
            if word == "$end" { break }
            if text.utf8.count < 80 { text += word }
        }
        let units: [(String, Int64, Int64)] = [
            ("fs", 1, 1_000_000), ("ps", 1, 1_000), ("ns", 1, 1), ("us", 1_000, 1), ("ms", 1_000_000, 1),
            ("s", 1_000_000_000, 1),
        ]
        for (unit, multiplier, divisor) in units where text.hasSuffix(unit) {
            guard let count = Int64(text.dropLast(unit.count)), (1...1000).contains(count) else { break }
            nanosecondsPerTick = TickLength(multiplier: multiplier * count, divisor: divisor)
            return
        }
        throw bytes.fault(
            "timescale '\(text)': only a whole number from 1 to 1000 and one of s, ms, us, ns, ps, fs can be read", line: line,
            column: column)
    }

    private mutating func choose(from signals: [Signal]) throws(TraceError) {
        for signal in signals { inputByCode[signal.code] = .some(nil) }
        let (codes, names) = oneBitSignals(of: signals)
        let chosen: [Int]
        do throws(SignalFault) {
            chosen = try inputs.chosen(from: names)
        } catch {
            throw tokenFault(error.message)
        }
        for (input, place) in chosen.enumerated() { inputByCode[codes[place]] = .some(input) }
        for (code, input) in inputByCode where code.count == 1 { inputByByte[Int(code[0])] = input ?? Self.passedOver }
    }

    /// Each once, with all of its names.
    private func oneBitSignals(of signals: [Signal]) -> (codes: [[UInt8]], names: [[String]]) {
        var codes: [[UInt8]] = []
        var names: [[String]] = []
        for signal in signals where signal.isOneBit {
            if let place = codes.firstIndex(of: signal.code) {
                if !names[place].contains(signal.name) { names[place].append(signal.name) }
            } else {
                codes.append(signal.code)
                names.append([signal.name])
            }
        }
        return (codes, names)
    }

    private mutating func skipToEnd(of section: String) throws(TraceError) {
        let line = tokenLine
        let column = tokenColumn
        repeat {
            guard try readToken() else {
                throw bytes.fault("\(section) has no $end: the file is truncated", line: line, column: column)
            }
        } while word != "$end"
    }

    /// Reads the next word; false at the end of the file.
    private mutating func readToken() throws(TraceError) -> Bool {
        token.removeAll(keepingCapacity: true)
        tokenLine = bytes.line
        tokenColumn = bytes.column
        while let byte = try bytes.peek(), isBlank(byte) {
            _ = try bytes.next()
            if bytes.line == tokenLine && bytes.column - tokenColumn > longestField {
                throw tokenFault("more than \(longestField) blanks: this is not a trace")
            }
            if bytes.line != tokenLine {
                tokenLine = bytes.line
                tokenColumn = bytes.column
            }
        }
        tokenLine = bytes.line
        tokenColumn = bytes.column
        while let byte = try bytes.peek(), !isBlank(byte) {
            token.append(byte)
            if token.count > longestField {
                throw tokenFault("a word of more than \(longestField) bytes: this is not a trace")
            }
            _ = try bytes.next()
        }
        return !token.isEmpty
    }

    /// White space of the format; a NUL is not, since a file that lost its end to a power cut is full of them.
    private func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

    private var word: String { String(decoding: token.prefix(80), as: UTF8.self) }

    private func tokenFault(_ message: Sentence) -> TraceError {
        bytes.fault(message, line: tokenLine, column: tokenColumn)
    }
}
