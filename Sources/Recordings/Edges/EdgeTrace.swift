import SensorCore

/// An input a trace is searched for.
public struct TraceInput: Hashable, Sendable {
    /// Its role in the channel: "input".
    public var role: String
    /// Its name on the board: "J8-11".
    public var name: String
    /// What else it may be called: "GPIO17", "17".
    public var otherNames: [String]
    /// The one signal that is taken for it, whatever it is called; nil goes by the names above.
    public var signal: String?

    public init(role: String, name: String, otherNames: [String] = [], signal: String? = nil) {
        self.role = role
        self.name = name
        self.otherNames = otherNames
        self.signal = signal
    }

    /// What a signal of this input may be called. Capitals make no difference.
    var names: [String] { signal.map { [$0] } ?? [name, role] + otherNames }

    func isCalled(_ text: String) -> Bool {
        let wanted = text.lowercased()
        return names.contains { $0.lowercased() == wanted }
    }
}

extension [TraceInput] {
    /// For each input, which of the signals it is: by name, or the only one there is where nothing else is to choose.
    ///
    /// - Parameter signals: the names of each, at least one.
    func chosen(from signals: [[String]]) throws(SignalFault) -> [Int] {
        let list = Sentence.list(signals.map { Sentence.one(of: $0) }, separator: ", ")
        var chosen: [Int] = []
        for input in self {
            var place = signals.firstIndex { $0.contains(where: input.isCalled) }
            let others = signals.indices.filter { signals[$0] != [lossSignal] }
            if place == nil, count == 1, input.signal == nil, others.count == 1 { place = others[0] }
            guard let place else {
                let wanted = input.signal ?? listed([input])
                if signals.isEmpty { throw SignalFault(message: "no signal for \(wanted): the file has no one-bit signal") }
                throw SignalFault(
                    message: input.signal == nil
                        ? "no signal for \(wanted): the file has \(list); say with --signal which one it is"
                        : "no signal for \(wanted): the file has \(list)")
            }
            if let other = chosen.firstIndex(of: place) {
                throw SignalFault(
                    message: "\(self[other].role) and \(input.role) would be one signal, \(signals[place][0]); each needs one of its own")
            }
            chosen.append(place)
        }
        return chosen
    }
}

/// Why a signal can't be found.
struct SignalFault: Error {
    var message: Sentence
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
    /// The trace gives the level of each input, not only its changes: an input without any was not recorded.
    var givesEveryLevel: Bool { get }
}

/// Longest name, number or field a trace may contain: a longer one is not a trace.
let longestField = 4096

func listed(_ inputs: [TraceInput]) -> String {
    inputs.map { $0.role == $0.name ? $0.role : "\($0.role) (\($0.name))" }.joined(separator: ", ")
}
