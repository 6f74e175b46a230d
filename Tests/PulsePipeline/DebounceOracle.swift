import SensorCore

/// What a stable-level debouncer has to say about a line, by looking at every nanosecond of it.
///
/// At rest at `u` means: the line held its level for the whole of `[u - time(level), u)`, where before the first edge it
/// held the base for ever. A transition is a change of level from one rest to the next, its onset the end of the first;
/// leaving and coming back is a glitch. No state machine: it shares nothing with the code under test but the wording.
struct DebounceOracle {
    enum Outcome: Equatable {
        case transition(onset: Int, level: Bool)
        case glitch(onset: Int)
    }

    var rise: Int
    var fall: Int
    var base: Bool
    /// Instants of edges, ascending, each turning the level over.
    var edges: [Int]
    var end: Int

    func outcomes() -> [Outcome] {
        var level = base
        let levels = (0..<end).map { time -> Bool in
            if edges.contains(time) { level.toggle() }
            return level
        }
        func rest(_ instant: Int) -> Bool? {
            let held = instant == 0 ? base : levels[instant - 1]
            let window = (instant - (held ? rise : fall))..<instant
            return window.allSatisfy { ($0 < 0 ? base : levels[$0]) == held } ? held : nil
        }
        var outcomes: [Outcome] = []
        var last = 0
        var lastLevel = base
        for instant in 1...end {
            guard let level = rest(instant) else { continue }
            if level != lastLevel {
                outcomes.append(.transition(onset: last, level: level))
            } else if instant > last + 1 {
                outcomes.append(.glitch(onset: last))
            }
            last = instant
            lastLevel = level
        }
        return outcomes
    }
}
