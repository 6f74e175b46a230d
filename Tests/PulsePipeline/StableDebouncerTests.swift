import HardwareMocks
@testable import PulsePipeline
import SensorCore
import Testing

private func instant(_ nanoseconds: Int64) -> MonotonicInstant { MonotonicInstant(nanoseconds: nanoseconds) }

/// Feeds edges that turn the level over, and lets time decide until `end`.
private func outcomes(
    rise: Int64, fall: Int64, base: Bool = false, edges: [Int64], end: Int64
) -> [StableDebouncer.Outcome] {
    var debouncer = StableDebouncer(
        riseTime: .nanoseconds(rise), fallTime: .nanoseconds(fall), level: base, at: instant(0))
    var found: [StableDebouncer.Outcome] = []
    var level = base
    for edge in edges {
        if let outcome = debouncer.settle(at: instant(edge)) { found.append(outcome) }
        level.toggle()
        debouncer.change(to: level, at: instant(edge))
        if let outcome = debouncer.settle(at: instant(edge)) { found.append(outcome) }
    }
    if let outcome = debouncer.settle(at: instant(end)) { found.append(outcome) }
    return found
}

private func rose(_ onset: Int64) -> StableDebouncer.Outcome {
    .transition(.init(onset: instant(onset), level: true))
}
private func fell(_ onset: Int64) -> StableDebouncer.Outcome {
    .transition(.init(onset: instant(onset), level: false))
}
private func glitch(_ onset: Int64) -> StableDebouncer.Outcome { .glitch(onset: instant(onset)) }

private let ms: Int64 = 1_000_000

@Suite struct StableDebouncerTests {
    struct Line: Sendable {
        var rise: Int64
        var fall: Int64
        /// Instants at which the level turns over, beginning inactive.
        var edges: [Int64]
        var outcomes: [StableDebouncer.Outcome]
    }

    static let lines: [Line] = [
        // Held for exactly its time, and 1 ns less.
        Line(
            rise: 8 * ms, fall: 8 * ms, edges: [100 * ms, 108 * ms, 200 * ms],
            outcomes: [rose(100 * ms), fell(108 * ms), rose(200 * ms)]),
        Line(
            rise: 8 * ms, fall: 8 * ms, edges: [100 * ms, 108 * ms - 1, 200 * ms],
            outcomes: [glitch(100 * ms), rose(200 * ms)]),
        // Rise and fall have times of their own.
        Line(
            rise: 2 * ms, fall: 20 * ms, edges: [100 * ms, 103 * ms, 110 * ms],
            outcomes: [rose(100 * ms), glitch(103 * ms)]),
        Line(
            rise: 20 * ms, fall: 2 * ms, edges: [100 * ms, 110 * ms, 200 * ms],
            outcomes: [glitch(100 * ms), rose(200 * ms)]),
        // The onset is the first edge of a bouncing closure, and it counts once.
        Line(
            rise: 8 * ms, fall: 8 * ms, edges: [100 * ms, 101 * ms, 102 * ms, 106 * ms, 107 * ms],
            outcomes: [rose(100 * ms)]),
        // Tasmota 11237: a closure much longer than the debounce time is one closure.
        Line(rise: 8 * ms, fall: 8 * ms, edges: [100 * ms, 900 * ms], outcomes: [rose(100 * ms), fell(900 * ms)]),
        // esphome/issues 2823: what bounces on release is no new closure.
        Line(
            rise: 8 * ms, fall: 8 * ms, edges: [100 * ms, 200 * ms, 201 * ms, 202 * ms, 205 * ms, 206 * ms],
            outcomes: [rose(100 * ms), fell(200 * ms)]),
        // No filter: every edge counts, also two in the same nanosecond.
        Line(rise: 0, fall: 0, edges: [5, 6, 7, 7], outcomes: [rose(5), fell(6), rose(7), fell(7)]),
        Line(rise: 0, fall: 8 * ms, edges: [5, 10, 15], outcomes: [rose(5), glitch(10)]),
        // esphome 10158: an idle line says nothing.
        Line(rise: 8 * ms, fall: 8 * ms, edges: [], outcomes: []),
    ]

    @Test("A level counts after it was stable", arguments: lines)
    func aLevelCountsAfterItWasStable(line: Line) {
        let end = (line.edges.last ?? 0) + max(line.rise, line.fall)
        #expect(outcomes(rise: line.rise, fall: line.fall, edges: line.edges, end: end) == line.outcomes)
    }

    @Test("What the line shows when armed is the base") func whatTheLineShowsWhenArmedIsTheBase() {
        #expect(outcomes(rise: 8, fall: 8, base: true, edges: [], end: 1_000_000) == [])
        #expect(outcomes(rise: 8, fall: 8, base: true, edges: [3, 50], end: 100) == [fell(3), rose(50)])
    }

    @Test("Time alone decides at the deadline") func timeAloneDecidesAtTheDeadline() {
        var debouncer = StableDebouncer(riseTime: .nanoseconds(8), fallTime: .nanoseconds(5), level: false, at: instant(0))
        #expect(debouncer.deadline == nil)
        debouncer.change(to: true, at: instant(100))
        #expect(debouncer.deadline == instant(108))
        #expect(debouncer.settle(at: instant(107)) == nil)
        #expect(debouncer.settle(at: instant(108)) == rose(100))
        #expect(debouncer.deadline == nil)
        #expect(debouncer.settle(at: .distantFuture) == nil)
        debouncer.change(to: false, at: instant(200))
        #expect(debouncer.deadline == instant(205))
    }

    @Test("A line found as it was left is at rest") func aLineFoundAsItWasLeftIsAtRest() {
        var debouncer = StableDebouncer(riseTime: .nanoseconds(8), fallTime: .nanoseconds(8), level: false, at: instant(0))
        debouncer.resume(at: false, instant: instant(100))
        #expect(debouncer.isSettled)
        debouncer.change(to: true, at: instant(200))
        // Unseen from 204 to 207: the time before proves nothing.
        debouncer.resume(at: true, instant: instant(207))
        #expect(debouncer.settle(at: instant(214)) == nil)
        #expect(debouncer.settle(at: instant(215)) == rose(200))
    }

    @Test("Agrees with looking at every nanosecond", arguments: 1...300 as ClosedRange<UInt64>)
    func agreesWithLookingAtEveryNanosecond(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let rise = Int.random(in: 1...12, using: &random)
        let fall = Int.random(in: 1...12, using: &random)
        let base = Bool.random(using: &random)
        var edges: [Int] = []
        var time = 0
        for _ in 0..<Int.random(in: 0...40, using: &random) {
            time += Int.random(in: 1...(Bool.random(using: &random) ? 4 : 20), using: &random)
            edges.append(time)
        }
        let end = time + Int.random(in: 1...20, using: &random)
        let expected = DebounceOracle(rise: rise, fall: fall, base: base, edges: edges, end: end).outcomes()
        let found = outcomes(
            rise: Int64(rise), fall: Int64(fall), base: base, edges: edges.map(Int64.init), end: Int64(end))
        let asSeen: [StableDebouncer.Outcome] = expected.map {
            switch $0 {
            case .glitch(let onset): glitch(Int64(onset))
            case .transition(let onset, let level): level ? rose(Int64(onset)) : fell(Int64(onset))
            }
        }
        #expect(found == asSeen, "seed \(seed): rise \(rise), fall \(fall), base \(base), edges \(edges), end \(end)")
    }
}
