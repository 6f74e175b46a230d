import ControlSocket
import Recordings

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
        switch EdgeLine(line) {
        case .input(_, let role, let pin, let isActiveLow):
            names.append(pin ?? role)
            self.isActiveLow.append(isActiveLow)
            starts.append(nil)
            return ""
        case .start(let time, let input, let isActive):
            guard names.indices.contains(input), !hasBegun else { return nil }
            starts[input] = isActive
            let levels = zip(starts, isActiveLow).compactMap { isActive, isActiveLow in
                isActive.map { (isHigh: $0 != isActiveLow, isActive: $0) }
            }
            guard levels.count == names.count else { return "" }
            var writer = makeWriter(names)
            defer { self.writer = writer }
            hasBegun = true
            return writer.begin(at: time, levels: levels)
        case .lost(let count):
            let (sum, overflow) = lost.addingReportingOverflow(count)
            lost = overflow ? .max : sum
            return writer?.loss(of: count) ?? ""
        case .edge(let time, let input, let isActive, _):
            guard names.indices.contains(input), hasBegun else { return nil }
            edges += 1
            return writer?.change(at: time, input: input, isHigh: isActive != isActiveLow[input])
        case nil: return nil
        }
    }

    mutating func end(at nanoseconds: Int64) -> String { writer?.end(at: nanoseconds) ?? "" }
}
