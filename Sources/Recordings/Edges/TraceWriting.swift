/// Writes what `VCDTrace` or `CSVTrace` reads: piece by piece, in time order, electrical levels.
public protocol EdgeTraceWriter {
    /// What stands before the first change. `isActive` tells, per input, whether its starting level is the active one.
    mutating func begin(at nanoseconds: Int64, levels: [(isHigh: Bool, isActive: Bool)]) -> String
    mutating func change(at nanoseconds: Int64, input: Int, isHigh: Bool) -> String
    /// Marks a place where `count` changes are missing.
    mutating func loss(of count: UInt64) -> String
    /// What ends the trace: how long the lines were watched after the last change.
    mutating func end(at nanoseconds: Int64) -> String
}

/// A Value Change Dump (IEEE 1364-2001 §18) in microseconds, as GTKWave and PulseView open it.
///
/// Not in nanoseconds: libsigrok, which PulseView reads with, makes a sample of every tick, so a second would be 10^9 of them.
/// An edge is dated at the microsecond it falls into. Where changes are missing the signal `lost` is high until the next change: a
/// comment there would be the end of the file for libsigrok 0.5.2.
public struct VCDTraceWriter: EdgeTraceWriter {
    private let names: [String]
    private var time: Int64 = 0
    private var isLossMarked = false
    private static let lossCode = "l"

    /// - Parameter names: of the inputs, without blanks.
    public init(names: [String]) { self.names = names }

    public mutating func begin(at nanoseconds: Int64, levels: [(isHigh: Bool, isActive: Bool)]) -> String {
        time = nanoseconds / 1_000
        let signals =
            names.indices.map { "$var wire 1 \(code($0)) \(names[$0]) $end\n" }.joined()
            + "$var wire 1 \(Self.lossCode) \(lossSignal) $end\n"
        let values = levels.enumerated().map { "\($1.isHigh ? 1 : 0)\(code($0))\n" }.joined()
        return "$timescale 1 us $end\n$scope module channel $end\n\(signals)$upscope $end\n$enddefinitions $end\n"
            + "#\(time)\n$dumpvars\n\(values)0\(Self.lossCode)\n$end\n"
    }

    public mutating func change(at nanoseconds: Int64, input: Int, isHigh: Bool) -> String {
        stamp(nanoseconds) + "\(isHigh ? 1 : 0)\(code(input))\n"
    }

    public mutating func loss(of count: UInt64) -> String {
        defer { isLossMarked = true }
        return isLossMarked ? "" : "1\(Self.lossCode)\n"
    }

    public mutating func end(at nanoseconds: Int64) -> String { stamp(nanoseconds) }

    /// A time that ran back would make the file unreadable: it stands at the time before.
    private mutating func stamp(_ nanoseconds: Int64) -> String {
        guard nanoseconds / 1_000 > time else { return "" }
        time = nanoseconds / 1_000
        defer { isLossMarked = false }
        return isLossMarked ? "#\(time)\n0\(Self.lossCode)\n" : "#\(time)\n"
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

    public func loss(of count: UInt64) -> String { "# \(count) changes are missing here\n" }

    public func end(at nanoseconds: Int64) -> String { "" }
}

/// What a recording calls the signal that marks missing changes; it stands for no input.
let lossSignal = "lost"
