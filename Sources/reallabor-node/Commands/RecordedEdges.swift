import EdgeTraces

/// Turns the lines of an edge stream into a trace. Lines and text only, so that it needs no node to be tested.
struct RecordedEdges {
    private var names: [String] = []
    private var isActiveLow: [Bool] = []
    /// The starting level of each input, true is active; nil until it has come.
    private var starts: [Bool?] = []
    private var writer: (any EdgeTraceWriter)?
    private let makeWriter: ([String]) -> any EdgeTraceWriter
    private(set) var edges: UInt64 = 0
    private(set) var lost: UInt64 = 0
    /// The starting levels of all inputs have come; nothing can be recorded before.
    private(set) var hasBegun = false

    init(isCSV: Bool) {
        makeWriter = isCSV ? { CSVTraceWriter(names: $0) } : { VCDTraceWriter(names: $0) }
    }

    /// The text a line adds to the file; nil for a line that is not of the protocol.
    mutating func take(_ line: String) -> String? {
        let words = line.split(separator: " ")
        switch words.first {
        case "input":
            guard words.count == 5 else { return nil }
            names.append(String(words[3] == "-" ? words[2] : words[3]))
            isActiveLow.append(words[4] == "active-low")
            starts.append(nil)
            return ""
        case "start":
            guard words.count == 4, let instant = Int64(words[1]), let input = Int(words[2]), names.indices.contains(input)
            else { return nil }
            guard !hasBegun else { return nil }
            starts[input] = words[3] == "1"
            let levels = zip(starts, isActiveLow).compactMap { isActive, isActiveLow in
                isActive.map { (isHigh: $0 != isActiveLow, isActive: $0) }
            }
            guard levels.count == names.count else { return "" }
            var writer = makeWriter(names)
            defer { self.writer = writer }
            hasBegun = true
            return writer.begin(at: instant, levels: levels)
        case "lost":
            guard words.count == 2, let count = UInt64(words[1]) else { return nil }
            lost += count
            return writer?.loss(of: count) ?? ""
        default:
            guard words.count == 4, let instant = Int64(words[0]), let input = Int(words[1]), names.indices.contains(input),
                hasBegun
            else { return nil }
            edges += 1
            return writer?.change(at: instant, input: input, isHigh: (words[2] == "1") != isActiveLow[input])
        }
    }

    mutating func end(at nanoseconds: Int64) -> String { writer?.end(at: nanoseconds) ?? "" }
}
