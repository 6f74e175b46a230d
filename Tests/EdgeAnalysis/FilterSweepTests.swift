import EdgeAnalysis
import HardwareMocks
import PulsePipeline
import SensorCore
import Testing

/// The sweep against the debouncers it stands for, one run of each.
@Suite struct FilterSweepTests {
    private func edges(seed: UInt64, closuresPerHour: Double = 6000) -> [EdgeEvent] {
        var traffic = ContactTraffic(
            .init(closuresPerHour: closuresPerHour, spikesPerHour: 900), from: MonotonicInstant(nanoseconds: 0),
            until: MonotonicInstant(nanoseconds: 300_000_000_000), seed: seed)
        var edges: [EdgeEvent] = []
        while let edge = traffic.next() { edges.append(edge) }
        return edges
    }

    private func sweep(_ edges: [EdgeEvent], level: Bool = false) -> FilterSweep {
        var sweep = FilterSweep(level: level)
        for edge in edges { sweep.take(edge) }
        sweep.finish()
        return sweep
    }

    private func count(_ edges: [EdgeEvent], _ filter: PulseFilter, level: Bool) -> UInt64 {
        let start = MonotonicInstant(nanoseconds: 0)
        var input = InputFilter(filter, level: level, at: start)
        var count: UInt64 = 0
        func settle(_ input: inout InputFilter, _ now: MonotonicInstant) {
            while let outcome = input.next(at: now) {
                if case .transition(let change) = outcome, change.level { count += 1 }
            }
        }
        for edge in edges {
            settle(&input, edge.instant)
            input.change(to: edge.level, at: edge.instant)
            settle(&input, edge.instant)
        }
        settle(&input, .distantFuture)
        return count
    }

    @Test("Counts as the debouncers do", arguments: 1...6 as ClosedRange<UInt64>) func countsAsTheDebouncersDo(seed: UInt64) {
        let edges = edges(seed: seed)
        let level = seed % 2 == 0
        let sweep = sweep(edges, level: level)
        #expect(edges.count > 1000)
        for (place, time) in FilterSweep.times.enumerated() {
            #expect(sweep.stable[place] == count(edges, .stable(rise: time, fall: time), level: level), "seed \(seed), \(time)")
            #expect(sweep.lockout[place] == count(edges, .lockout(time), level: level), "seed \(seed), lockout \(time)")
        }
    }

    @Test("The times rise and are round") func theTimesRiseAndAreRound() {
        let times = FilterSweep.times
        #expect(times.first == .microseconds(10) && times.last == .seconds(1) && times.count == 56)
        #expect(times == times.sorted())
    }

    /// A repeated level is no activation of its own.
    @Test("Pulses are rises") func pulsesAreRises() {
        let edges = [(10, true), (20, true), (30, false), (35, true)].map {
            EdgeEvent(instant: MonotonicInstant(nanoseconds: $0.0 * 1_000_000), input: 0, level: $0.1)
        }
        let sweep = sweep(edges)
        #expect(sweep.pulses == 2)
        #expect(sweep.shortest == .milliseconds(5))
    }
}
