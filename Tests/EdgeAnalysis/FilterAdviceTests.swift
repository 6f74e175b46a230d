import EdgeAnalysis
import Glibc
import HardwareMocks
import PulsePipeline
import SensorCore
import Testing

@Suite struct FilterAdviceTests {
    static let present = PulseFilter.stable(rise: .milliseconds(8), fall: .milliseconds(8))

    /// Closures in ms, each with the lengths of the bounces before it rests.
    private func sweep(_ closures: [(hold: Double, rest: Double)], bounces: [Double] = []) -> FilterSweep {
        var sweep = FilterSweep(level: false)
        var time = 1e6
        func edge(_ level: Bool) {
            sweep.take(EdgeEvent(instant: MonotonicInstant(nanoseconds: Int64(time)), input: 0, level: level))
        }
        for (hold, rest) in closures {
            for (level, length) in [(true, hold), (false, rest)] {
                edge(level)
                for bounce in bounces {
                    time += bounce * 1e6
                    edge(!level)
                    time += bounce * 1e6
                    edge(level)
                }
                time += length * 1e6
            }
        }
        sweep.finish()
        return sweep
    }

    @Test("Few closures prove nothing") func fewClosuresProveNothing() {
        #expect(FilterAdvice(sweep([(50, 200)]), present: Self.present).finding == .tooFew(pulses: 1))
        let nineteen = FilterAdvice(sweep(Array(repeating: (50, 200), count: 19)), present: Self.present)
        #expect(nineteen.finding == .tooFew(pulses: 19) && nineteen.filter == nil && nineteen.activations == nil)
    }

    @Test("A clean line needs little") func aCleanLineNeedsLittle() {
        let advice = FilterAdvice(sweep(Array(repeating: (50, 200), count: 100)), present: .none)
        #expect(advice.finding == .quiet(to: .milliseconds(50)))
        #expect(advice.filter == .stable(rise: .milliseconds(8), fall: .milliseconds(8)))
        #expect(advice.activations == 100)
        // A cup anemometer in a gale: 75 Hz, half of the turn closed.
        let gale = FilterAdvice(
            sweep(Array(repeating: (6.6, 6.7), count: 500)), present: .stable(rise: .milliseconds(20), fall: .milliseconds(20)))
        #expect(gale.finding == .quiet(to: .milliseconds(6)))
        #expect(gale.filter == .stable(rise: .microseconds(1_200), fall: .microseconds(1_200)))
        #expect(!gale.keepsPresent)
    }

    @Test("Bounce ends where the plateau begins") func bounceEndsWhereThePlateauBegins() {
        let advice = FilterAdvice(sweep(Array(repeating: (60, 400), count: 100), bounces: [0.3, 1.9, 0.9]), present: .none)
        // 1.9 ms are held by times up to 1.5 ms of the round ones.
        #expect(advice.finding == .plateau(from: .milliseconds(2), to: .milliseconds(60)))
        #expect(advice.activations == 100)
        #expect(advice.filter == .stable(rise: .milliseconds(6), fall: .milliseconds(6)))
    }

    @Test("A filter well inside is kept") func aFilterWellInsideIsKept() {
        let sweep = sweep(Array(repeating: (60, 400), count: 100), bounces: [0.3, 1.9, 0.9])
        for (time, keeps) in [(2, false), (3, true), (8, true), (30, true), (31, false), (60, false)] as [(Int64, Bool)] {
            let present = PulseFilter.stable(rise: .milliseconds(time), fall: .milliseconds(time))
            let advice = FilterAdvice(sweep, present: present)
            #expect(advice.keepsPresent == keeps, "\(time) ms")
            if keeps { #expect(advice.filter == present) }
        }
    }

    /// Bicycles hold the contact for 90 ms, cars for a second: no filter that loses the bicycles is proposed.
    @Test("Short users are not taken for bounce") func shortUsersAreNotTakenForBounce() {
        let users = (0..<300).map { $0 % 3 == 0 ? (hold: 1000.0, rest: 3000.0) : (hold: 90.0, rest: 2000.0) }
        let advice = FilterAdvice(sweep(users, bounces: [0.4, 1.1]), present: .none)
        #expect(advice.activations == 300)
        #expect(advice.finding == .plateau(from: .microseconds(1_200), to: .milliseconds(80)))
    }

    /// Short hits that bounce for longer than they last: only a lockout counts them.
    @Test("Hits that bounce longer than they last are locked out") func hitsThatBounceLongerThanTheyLastAreLockedOut() {
        let bounces = [0.02, 0.04, 0.08, 0.15, 0.3, 0.6, 1.2]
        let advice = FilterAdvice(sweep(Array(repeating: (1, 300), count: 100), bounces: bounces), present: Self.present)
        #expect(advice.activations == 100)
        #expect(advice.finding == .plateau(from: .milliseconds(7), to: .milliseconds(300)))
        // A present filter of another kind does not lie on this stretch, whatever its time.
        #expect(advice.filter == .lockout(.milliseconds(20)) && !advice.keepsPresent)
    }

    /// Widths without any gap between short and long.
    @Test("What cannot be told apart is said") func whatCannotBeToldApartIsSaid() {
        var random = SeededGenerator(seed: 3)
        // 10 us to 100 ms, each as often as any other of its size.
        func width() -> Double { 0.01 * exp(Double.random(in: 0...log(10_000), using: &random)) }
        let noise = (0..<5000).map { _ in (hold: width(), rest: width()) }
        let advice = FilterAdvice(sweep(noise), present: Self.present)
        #expect(advice.finding == .inseparable && advice.filter == nil)
    }

    /// On streets of bouncing contacts the proposal counts what really passed.
    @Test("The proposal counts the truth", arguments: 1...8 as ClosedRange<UInt64>) func theProposalCountsTheTruth(seed: UInt64) throws {
        var traffic = ContactTraffic(
            .init(closuresPerHour: 3000, spikesPerHour: 300), from: MonotonicInstant(nanoseconds: 0),
            until: MonotonicInstant(nanoseconds: 600_000_000_000), seed: seed)
        var sweep = FilterSweep(level: false)
        while let edge = traffic.next() { sweep.take(edge) }
        sweep.finish()
        let advice = FilterAdvice(sweep, present: .none)
        #expect(advice.activations == traffic.closures, "seed \(seed): \(advice)")
        let filter = try #require(advice.filter)
        let place = try #require(FilterSweep.times.firstIndex(of: filter.riseTime))
        #expect(sweep.stable[place] == traffic.closures, "seed \(seed)")
    }
}
