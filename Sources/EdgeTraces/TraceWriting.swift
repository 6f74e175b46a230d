/// Writes what `VCDTrace` or `CSVTrace` reads: piece by piece, in time order, electrical levels.
public protocol EdgeTraceWriter {
    /// What stands before the first change. `isActive` tells, per input, whether its starting level is the active one.
    mutating func begin(at nanoseconds: Int64, levels: [(isHigh: Bool, isActive: Bool)]) -> String
    mutating func change(at nanoseconds: Int64, input: Int, isHigh: Bool) -> String
    /// A note for people where something is missing; one line.
    mutating func comment(_ text: String) -> String
    /// What ends the trace: how long the lines were watched after the last change.
    mutating func end(at nanoseconds: Int64) -> String
}

/// A Value Change Dump (IEEE 1364-2001 §18) in microseconds, as GTKWave and PulseView open it.
///
/// Not in nanoseconds: libsigrok, which PulseView reads with, makes a sample of every tick, so a second would be 10^9 of them.
/// An edge is dated at the microsecond it falls into.
public struct VCDTraceWriter: EdgeTraceWriter {
    private let names: [String]
    private var time: Int64 = 0

    /// - Parameter names: of the inputs, without blanks.
    public init(names: [String]) { self.names = names }

    public mutating func begin(at nanoseconds: Int64, levels: [(isHigh: Bool, isActive: Bool)]) -> String {
        time = nanoseconds / 1_000
        let signals = names.indices.map { "$var wire 1 \(code($0)) \(names[$0]) $end\n" }.joined()
        let values = levels.enumerated().map { "\($1.isHigh ? 1 : 0)\(code($0))\n" }.joined()
        return "$timescale 1 us $end\n$scope module channel $end\n\(signals)$upscope $end\n$enddefinitions $end\n"
            + "#\(time)\n$dumpvars\n\(values)$end\n"
    }

    public mutating func change(at nanoseconds: Int64, input: Int, isHigh: Bool) -> String {
        stamp(nanoseconds) + "\(isHigh ? 1 : 0)\(code(input))\n"
    }

    public func comment(_ text: String) -> String { "$comment \(text) $end\n" }

    public mutating func end(at nanoseconds: Int64) -> String { stamp(nanoseconds) }

    /// A time that ran back would make the file unreadable: it stands at the time before.
    private mutating func stamp(_ nanoseconds: Int64) -> String {
        guard nanoseconds / 1_000 > time else { return "" }
        time = nanoseconds / 1_000
        return "#\(time)\n"
    }

    /// Printable characters from `!` on.
    private func code(_ input: Int) -> String { String(UnicodeScalar(UInt8(33 + input % 94))) }
}

/// Rows `timestamp_ns,line,level`. The trace has no place for its end: its last row is its last change.
public struct CSVTraceWriter: EdgeTraceWriter {
    private let names: [String]
    private var time: Int64 = 0

    /// - Parameter names: of the inputs, without commas.
    public init(names: [String]) { self.names = names }

    /// An active starting level is left out, since its row would be read as a change.
    public mutating func begin(at nanoseconds: Int64, levels: [(isHigh: Bool, isActive: Bool)]) -> String {
        var text = "timestamp_ns,line,level\n"
        for (input, level) in levels.enumerated() where !level.isActive {
            text += change(at: nanoseconds, input: input, isHigh: level.isHigh)
        }
        return text
    }

    public mutating func change(at nanoseconds: Int64, input: Int, isHigh: Bool) -> String {
        time = max(time, nanoseconds)
        return "\(time),\(names[input]),\(isHigh ? 1 : 0)\n"
    }

    public func comment(_ text: String) -> String { "# \(text)\n" }

    public func end(at nanoseconds: Int64) -> String { "" }
}
