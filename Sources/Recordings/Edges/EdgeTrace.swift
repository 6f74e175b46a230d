/// An input a trace is searched for.
public struct TraceInput: Hashable, Sendable {
    /// Its role in the channel: "input".
    public var role: String
    /// Its name on the board: "J8-11".
    public var name: String

    public init(role: String, name: String) {
        self.role = role
        self.name = name
    }
}

/// One line of a recorded trace that concerns an input. Levels are electrical, as an analyser on the wire sees them.
public struct TraceSample: Hashable, Sendable {
    /// In the trace's own time, nanoseconds.
    public var nanoseconds: Int64
    /// Index into the inputs asked for.
    public var input: Int
    public var level: Bool
    /// The state the recording began with, not a change.
    public var isInitial: Bool

    public init(nanoseconds: Int64, input: Int, level: Bool, isInitial: Bool) {
        self.nanoseconds = nanoseconds
        self.input = input
        self.level = level
        self.isInitial = isInitial
    }
}

/// A recorded trace, read from front to back.
public protocol EdgeTrace {
    /// The next sample, in time order; nil at the end.
    mutating func next() throws(TraceError) -> TraceSample?
    /// The first and the last time stamp seen so far, nanoseconds, also where no input changed; nil before the first.
    var firstTimestamp: Int64? { get }
    var lastTimestamp: Int64? { get }
}

/// Longest name, number or field a trace may contain: a longer one is not a trace.
let longestField = 4096

func listed(_ inputs: [TraceInput]) -> String {
    inputs.map { $0.role == $0.name ? $0.role : "\($0.role) (\($0.name))" }.joined(separator: ", ")
}
