import HardwareMocks
import PulsePipeline
import SensorCore
import Testing

/// Small whole numbers of nanoseconds, so that an oracle can look at every one of them.
@Suite struct InputFilterTests {
    /// Transitions as (onset, level), and the number of glitches.
    struct Found: Equatable {
        var onsets: [Int] = []
        var levels: [Bool] = []
        var glitches = 0
        var ignored = 0
    }

    static func instant(_ nanoseconds: Int) -> MonotonicInstant { MonotonicInstant(nanoseconds: Int64(nanoseconds)) }

    /// Edges turn the level over; time is told at random moments between them too.
    static func run(_ filter: PulseFilter, edges: [Int], end: Int, asking random: inout SeededGenerator) -> Found {
        var found = Found()
        var input = InputFilter(filter, level: false, at: instant(0))
        func drain(_ now: Int) {
            while let outcome = input.next(at: instant(now)) {
                switch outcome {
                case .glitch: found.glitches += 1
                case .ignored(let pulses): found.ignored += Int(pulses)
                case .transition(let transition):
                    found.onsets.append(Int(transition.onset.nanoseconds))
                    found.levels.append(transition.level)
                }
            }
        }
        var level = false
        for time in 1...end {
            let isEdge = edges.contains(time)
            if isEdge || Bool.random(using: &random) { drain(time) }
            guard isEdge else { continue }
            level.toggle()
            input.change(to: level, at: instant(time))
            drain(time)
        }
        drain(end)
        return found
    }

    static func edges(_ random: inout SeededGenerator) -> [Int] {
        var time = 0
        return (0..<Int.random(in: 1...20, using: &random)).map { _ in
            time += Int.random(in: 1...(Bool.random(using: &random) ? 5 : 40), using: &random)
            return time
        }
    }

    /// Two stable-level oracles, one behind the other.
    static func staged(glitch: Int, rise: Int, fall: Int, edges: [Int], end: Int) -> Found {
        var found = Found()
        var passed: [Int] = []
        for outcome in DebounceOracle(rise: glitch, fall: glitch, base: false, edges: edges, end: end).outcomes() {
            switch outcome {
            case .glitch: found.glitches += 1
            case .transition(let onset, _): passed.append(onset)
            }
        }
        for outcome in DebounceOracle(rise: rise, fall: fall, base: false, edges: passed, end: end).outcomes() {
            switch outcome {
            case .glitch: found.glitches += 1
            case .transition(let onset, let level):
                found.onsets.append(onset)
                found.levels.append(level)
            }
        }
        return found
    }

    @Test("A glitch filter takes out what is short", arguments: 1...150 as ClosedRange<UInt64>)
    func aGlitchFilterTakesOutWhatIsShort(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let glitch = Int.random(in: 1...6, using: &random)
        let (rise, fall) = (Int.random(in: 7...20, using: &random), Int.random(in: 7...20, using: &random))
        let edges = Self.edges(&random)
        let end = edges[edges.count - 1] + 100
        let filter = PulseFilter(
            .stable(rise: TimeSpan(nanoseconds: Int64(rise)), fall: TimeSpan(nanoseconds: Int64(fall))),
            glitchTime: TimeSpan(nanoseconds: Int64(glitch)))
        let found = Self.run(filter, edges: edges, end: end, asking: &random)
        #expect(
            found == Self.staged(glitch: glitch, rise: rise, fall: fall, edges: edges, end: end),
            "seed \(seed): glitch \(glitch), rise \(rise), fall \(fall), edges \(edges)")
    }

    /// Looks at every nanosecond: when the lock is open and the line is elsewhere, that is accepted.
    static func locked(_ lockout: Int, edges: [Int], end: Int) -> Found {
        var found = Found()
        var (level, accepted, last, open, begin) = (false, false, 0, 0, 0)
        func look(_ time: Int) {
            guard time >= open, level != accepted else { return }
            // The line's stays since the last edge that counted, the first of them at the accepted level.
            let bounds = [begin] + edges.filter { $0 > begin && $0 <= last }
            let stays = zip(bounds, bounds.dropFirst()).map { (from: $0, to: $1) }
            let there = stays.enumerated().filter { $0.offset % 2 == 0 }.map(\.element)
            let away = stays.enumerated().filter { $0.offset % 2 == 1 }.map { $0.element.to - $0.element.from }
            // Between two rests there is a burst: its long stays away are pulses, else it is one if it lies between two.
            var pulses = 0
            var place = 0
            let rests = there.indices.filter { there[$0].to - there[$0].from >= lockout / 2 }
            for next in rests + [there.count - 1] where next > place || next == there.count - 1 {
                let burst = min(place, away.count)..<min(next, away.count)
                let long = burst.count { number in
                    let before = there[number].to - there[number].from
                    return away[number] >= lockout / 3 || min(away[number], before) >= lockout / 5
                }
                let isBetweenRests = rests.contains(place) && rests.contains(next) && !burst.isEmpty
                pulses += long > 0 ? long : isBetweenRests ? 1 : 0
                place = max(place, next)
            }
            let longest = there.map { $0.to - $0.from }.max() ?? 0
            let departure = there.last { $0.to - $0.from == longest }?.to ?? last
            found.ignored += max(pulses, away.reduce(0, +) >= lockout / 3 && lockout / 3 > 0 ? 1 : 0)
            accepted = level
            found.onsets.append(last)
            found.levels.append(level)
            open = last < open ? departure + lockout : max(departure + lockout, last + lockout / 2)
            begin = last
        }
        for time in 0...end {
            // Where the line was until then, and where it is from then on.
            look(time)
            guard edges.contains(time) else { continue }
            level.toggle()
            last = time
            look(time)
        }
        return found
    }

    @Test("A lockout takes the first edge and none for a while", arguments: 1...150 as ClosedRange<UInt64>)
    func aLockoutTakesTheFirstEdgeAndNoneForAWhile(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let lockout = Int.random(in: 5...50, using: &random)
        let edges = Self.edges(&random)
        let end = edges[edges.count - 1] + 200
        let found = Self.run(
            .lockout(TimeSpan(nanoseconds: Int64(lockout))), edges: edges, end: end, asking: &random)
        #expect(
            found == Self.locked(lockout, edges: edges, end: end), "seed \(seed): lockout \(lockout), edges \(edges)")
    }

    @Test("They name themselves") func theyNameThemselves() {
        #expect(PulseFilter.lockout(.milliseconds(20)).text == "lockout 20 ms")
        #expect(
            PulseFilter(.stable(rise: .milliseconds(8), fall: .milliseconds(8)), glitchTime: .microseconds(100)).text
                == "stable rise 8 ms, fall 8 ms, glitches below 0.1 ms")
        #expect(PulseFilter(.none, glitchTime: .milliseconds(1)).text == "none, glitches below 1 ms")
    }
}
