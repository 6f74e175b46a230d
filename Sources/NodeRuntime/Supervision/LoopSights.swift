import SensorCore
import ServiceManager

/// When each watched loop was last seen to turn, for the status. Belongs to the node loop's thread.
struct LoopSights {
    private var seen: [String: (turns: UInt64?, at: MonotonicInstant?)] = [:]

    /// To be called once in each turn of the node loop.
    mutating func note(_ loops: [WatchedLoop], at now: MonotonicInstant) {
        for loop in loops {
            if let known = seen[loop.name], known.turns == loop.turns { continue }
            seen[loop.name] = (loop.turns, loop.turns == nil ? nil : now)
        }
    }

    /// As of the last look.
    func report(_ loops: [WatchedLoop]) -> [StatusReport.Loop] {
        loops.map { StatusReport.Loop(name: $0.name, turns: seen[$0.name]?.turns, lastTurn: seen[$0.name]?.at) }
    }
}
