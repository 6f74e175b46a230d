import HardwareMocks
import SensorCore
import Synchronization
import Testing

@testable import PulsePipeline

/// What the tracker makes of gaps, and of an echo that it has counted.
@Suite struct DopplerTrackerTests {
    private final class Decisions: Sendable {
        private let lines = Mutex<[String]>([])
        var all: [String] { lines.withLock { $0 } }
        func add(_ line: String) { lines.withLock { $0.append(line) } }
    }

    private func at(_ seconds: Int64) -> MonotonicInstant { MonotonicInstant(nanoseconds: seconds * 1_000_000_000) }

    /// The pulses of a pass, condensed.
    private func slices(_ pass: AnalyticPass, until end: Int64) -> [PulseSlice] {
        var condenser = PulseCondenser(sampleShift: pass.setup.sampleShift, levels: 0, at: at(0))
        var slices: [PulseSlice] = []
        for edge in pass.edges() { condenser.take(edge) { slices.append($0) } }
        condenser.advance(to: at(end)) { slices.append($0) }
        return slices
    }

    /// A comparator on noise whose power falls from a tenth of the sample rate on, as behind an amplifier.
    private func noise(_ setup: RadarSetup, from begin: Int64, seconds: Int64, seed: UInt64) -> [PulseSlice] {
        var random = SeededGenerator(seed: seed)
        let length = setup.sliceLength.nanoseconds
        let first = at(begin).nanoseconds / length
        var (once, twice) = (0.0, 0.0)
        return (0..<at(seconds).nanoseconds / length).map { number in
            var slice = PulseSlice(instant: MonotonicInstant(nanoseconds: (first + number) * length))
            for place in 0..<PulseSlice.samples {
                once += 0.4 * (Double.random(in: -1...1, using: &random) - once)
                twice += 0.4 * (once - twice)
                slice.set(place, twice > 0 ? 127 : -127, -127)
            }
            return slice
        }
    }

    /// Against two minutes of silence noise would be all echoes: but nobody listened to that silence.
    @Test("After a long gap noise is as usual", arguments: [1, 2] as [UInt64]) func afterALongGapNoiseIsAsUsual(_ seed: UInt64) {
        let setup = RadarSetup(carrier: 5.8e9, lanes: [4], height: 2)
        let decisions = Decisions()
        var tracker = DopplerTracker(setup)
        tracker.onDecision = { decisions.add($0) }
        for slice in noise(setup, from: 0, seconds: 1, seed: seed) + noise(setup, from: 121, seconds: 5, seed: seed + 100) {
            tracker.take(slice) { _ in }
        }
        #expect(decisions.all.first == nil, "seed \(seed)")
    }

    /// They are told of when the gap ends, before everything begins anew.
    @Test("Who was abreast before a long gap is counted") func whoWasAbreastBeforeALongGapIsCounted() throws {
        let pass = AnalyticPass(setup: RadarSetup(carrier: 10.525e9, lanes: [4], height: 2), abreast: 2, way: 1...22)
        var tracker = DopplerTracker(pass.setup)
        var found: [Passage] = []
        for slice in slices(pass, until: 3) { tracker.take(slice) { found.append($0) } }
        #expect(found.isEmpty)
        // The first slice that comes, two minutes later.
        let length = pass.setup.sliceLength.nanoseconds
        tracker.take(PulseSlice(instant: MonotonicInstant(nanoseconds: at(120).nanoseconds / length * length))) { found.append($0) }
        try #require(found.count == 1)
        #expect((found[0].instant.nanoseconds - 2_000_000_000).magnitude < 60_000_000)
        let decided = try #require(tracker.decidedThrough)
        #expect((decided.nanoseconds - 105_000_000_000).magnitude < 10_000_000)
    }

    /// Seen before and behind the module, it looks like one who comes and one who goes.
    @Test("An echo that is counted is not looked at again") func anEchoThatIsCountedIsNotLookedAtAgain() {
        let pass = AnalyticPass(speed: 22, abreast: 1.5, way: -30...30)
        let decisions = Decisions()
        var tracker = DopplerTracker(pass.setup)
        tracker.onDecision = { decisions.add($0) }
        var found: [Passage] = []
        for slice in slices(pass, until: 5) { tracker.take(slice) { found.append($0) } }
        #expect(found.count == 1)
        #expect(!decisions.all.contains { $0.hasPrefix("same as before") }, "\(decisions.all)")
    }
}
