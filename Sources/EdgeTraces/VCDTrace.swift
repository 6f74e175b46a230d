/// A Value Change Dump (IEEE 1364-2001 §18) as logic analysers and PulseView write it.
///
/// Signals are found by the input's role or name; others are passed over. Where neither side leaves a choice (one input,
/// one signal) the names need not agree. The first value of a signal is the state the recording began with. `x` and
/// `z` say that the level is not known: the next known level is then a change only if it differs from the last known.
public struct VCDTrace: EdgeTrace {
    private var bytes: TraceBytes
    private let inputs: [TraceInput]
    private var token: [UInt8] = []
    private var tokenLine = 1
    private var tokenColumn = 1
    private var time: Int64 = 0
    private var nanosecondsPerTick = TickLength(multiplier: 1, divisor: 1)
    /// Index of the input by the signal's identifier code.
    private var inputByCode: [[UInt8]: Int] = [:]
    private var levels: [Bool?]

    public private(set) var firstTimestamp: Int64?
    public private(set) var lastTimestamp: Int64?

    private struct TickLength {
        var multiplier: Int64
        var divisor: Int64
    }

    /// Reads the header.
    public init(_ bytes: TraceBytes, inputs: [TraceInput]) throws(TraceError) {
        self.bytes = bytes
        self.inputs = inputs
        levels = [Bool?](repeating: nil, count: inputs.count)
        try readHeader()
    }

    public mutating func next() throws(TraceError) -> TraceSample? {
        while try readToken() {
            switch token[0] {
            case UInt8(ascii: "#"): try readTime()
            case UInt8(ascii: "0"), UInt8(ascii: "1"), UInt8(ascii: "x"), UInt8(ascii: "X"), UInt8(ascii: "z"),
                UInt8(ascii: "Z"):
                if let sample = change(of: token[1...], to: token[0]) { return sample }
            case UInt8(ascii: "b"), UInt8(ascii: "B"), UInt8(ascii: "r"), UInt8(ascii: "R"), UInt8(ascii: "s"):
                let value = token.count == 2 ? token[1] : UInt8(ascii: "x")
                guard try readToken() else { throw tokenFault("the file ends within a value: it is truncated") }
                if let sample = change(of: token[...], to: value) { return sample }
            case UInt8(ascii: "$"):
                // $dumpvars and its kind only bracket values; a comment has to be skipped.
                if word == "$comment" { try skipToEnd(of: "$comment") }
            default: throw tokenFault("'\(word)' is neither a time nor a value change")
            }
        }
        return nil
    }

    private mutating func change(of code: ArraySlice<UInt8>, to value: UInt8) -> TraceSample? {
        guard let input = inputByCode[Array(code)] else { return nil }
        guard value == UInt8(ascii: "0") || value == UInt8(ascii: "1") else { return nil }
        let level = value == UInt8(ascii: "1")
        defer { levels[input] = level }
        // Values before the first time stamp ($dumpvars without one) are the state at time zero.
        if firstTimestamp == nil {
            firstTimestamp = time
            lastTimestamp = time
        }
        guard let known = levels[input] else {
            return TraceSample(nanoseconds: time, input: input, level: level, isInitial: true)
        }
        return known == level
            ? nil : TraceSample(nanoseconds: time, input: input, level: level, isInitial: false)
    }

    private mutating func readTime() throws(TraceError) {
        guard let ticks = Int64(String(decoding: token.dropFirst(), as: UTF8.self)), ticks >= 0 else {
            throw tokenFault("'\(word)' is not a time: write # and a whole number")
        }
        let (scaled, overflow) = ticks.multipliedReportingOverflow(by: nanosecondsPerTick.multiplier)
        guard !overflow else { throw tokenFault("time \(word) is too large") }
        let nanoseconds = scaled / nanosecondsPerTick.divisor
        if let last = lastTimestamp, nanoseconds < last {
            throw tokenFault("time runs backwards: \(nanoseconds) ns after \(last) ns")
        }
        time = nanoseconds
        if firstTimestamp == nil { firstTimestamp = nanoseconds }
        lastTimestamp = nanoseconds
    }

    private mutating func readHeader() throws(TraceError) {
        var signals: [(name: String, code: [UInt8])] = []
        while true {
            guard try readToken() else {
                throw bytes.fault("the file ends before $enddefinitions: it is truncated or not a VCD")
            }
            switch word {
            case "$enddefinitions":
                try skipToEnd(of: "$enddefinitions")
                try choose(from: signals)
                return
            case "$timescale": try readTimescale()
            case "$var":
                if let signal = try readSignal() { signals.append(signal) }
            default:
                guard token[0] == UInt8(ascii: "$") else {
                    throw tokenFault("'\(word)' in the header: a VCD begins with sections like $timescale and $var")
                }
                try skipToEnd(of: word)
            }
        }
    }

    /// `$var wire 1 ! NAME $end`: only one-bit signals can be inputs.
    private mutating func readSignal() throws(TraceError) -> (name: String, code: [UInt8])? {
        var fields: [[UInt8]] = []
        while true {
            guard try readToken() else { throw bytes.fault("the file ends within $var: it is truncated") }
            if word == "$end" { break }
            if fields.count < 8 { fields.append(token) }
        }
        guard fields.count >= 4 else { throw tokenFault("$var needs a type, a width, a code and a name") }
        guard fields[1].elementsEqual("1".utf8) else { return nil }
        return (String(decoding: fields[3], as: UTF8.self), fields[2])
    }

    private mutating func readTimescale() throws(TraceError) {
        var text = ""
        let line = tokenLine
        let column = tokenColumn
        while true {
            guard try readToken() else { throw bytes.fault("the file ends within $timescale: it is truncated") }
            if word == "$end" { break }
            text += word
        }
        let units: [(String, Int64, Int64)] = [
            ("fs", 1, 1_000_000), ("ps", 1, 1_000), ("ns", 1, 1), ("us", 1_000, 1), ("ms", 1_000_000, 1),
            ("s", 1_000_000_000, 1),
        ]
        for (unit, multiplier, divisor) in units where text.hasSuffix(unit) {
            guard let count = Int64(text.dropLast(unit.count)), [1, 10, 100].contains(count) else { break }
            nanosecondsPerTick = TickLength(multiplier: multiplier * count, divisor: divisor)
            return
        }
        throw bytes.fault(
            "timescale '\(text)': write 1, 10 or 100 and one of s, ms, us, ns, ps, fs", line: line, column: column)
    }

    private mutating func choose(from signals: [(name: String, code: [UInt8])]) throws(TraceError) {
        for (index, input) in inputs.enumerated() {
            if let signal = signals.first(where: { $0.name == input.role || $0.name == input.name }) {
                inputByCode[signal.code] = index
            }
        }
        if inputByCode.isEmpty, inputs.count == 1, signals.count == 1 { inputByCode[signals[0].code] = 0 }
        if let missing = inputs.indices.first(where: { !inputByCode.values.contains($0) }) {
            let found = signals.isEmpty ? "no one-bit signal" : signals.map(\.name).joined(separator: ", ")
            throw tokenFault("no signal for \(listed([inputs[missing]])): the file has \(found)")
        }
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
        while let byte = try bytes.peek(), byte <= 0x20 { _ = try bytes.next() }
        tokenLine = bytes.line
        tokenColumn = bytes.column
        while let byte = try bytes.peek(), byte > 0x20 {
            token.append(byte)
            if token.count > longestField {
                throw tokenFault("a word of more than \(longestField) bytes: this is not a trace")
            }
            _ = try bytes.next()
        }
        return !token.isEmpty
    }

    private var word: String { String(decoding: token.prefix(80), as: UTF8.self) }

    private func tokenFault(_ message: String) -> TraceError {
        bytes.fault(message, line: tokenLine, column: tokenColumn)
    }
}
