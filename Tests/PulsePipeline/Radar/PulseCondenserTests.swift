import HardwareMocks
import SensorCore
import Testing

@testable import PulsePipeline

@Suite struct PulseCondenserTests {
    private static let shift: Int64 = 16
    private static let start = MonotonicInstant(nanoseconds: 0)

    /// -127 to 127 per sample, repeats unrolled.
    private func samples(_ slices: [PulseSlice]) -> [(Int8, Int8)] {
        slices.flatMap { slice in (0..<Int(slice.repeats)).flatMap { _ in (0..<PulseSlice.samples).map { slice.sample($0) } } }
    }

    private func condense(_ edges: [EdgeEvent], until end: Int64) -> [PulseSlice] {
        var condenser = PulseCondenser(sampleShift: Self.shift, levels: 0, at: Self.start)
        var slices: [PulseSlice] = []
        for edge in edges { condenser.take(edge) { slices.append($0) } }
        condenser.advance(to: MonotonicInstant(nanoseconds: end)) { slices.append($0) }
        return slices
    }

    @Test("Each sample is the share of its time that the input was active") func eachSampleIsTheShareOfItsTimeThatTheInputWasActive() {
        // Active from a quarter of sample 2 to the middle of sample 4.
        let unit = Int64(1) << Self.shift
        let edges = [
            EdgeEvent(instant: MonotonicInstant(nanoseconds: 2 * unit + unit / 4), input: 0, level: true),
            EdgeEvent(instant: MonotonicInstant(nanoseconds: 4 * unit + unit / 2), input: 0, level: false),
        ]
        let made = samples(condense(edges, until: 32 * unit))
        #expect(made.count == 32)
        #expect(made[1].0 == -127)
        #expect(abs(Int(made[2].0) - 63) <= 1)
        #expect(made[3].0 == 127)
        #expect(abs(Int(made[4].0)) <= 1)
        #expect(made[5].0 == -127)
        #expect(made.allSatisfy { $0.1 == -127 })
    }

    @Test("Whatever the edges the samples are those of a plain integration", arguments: [UInt64(1), 2, 3])
    func whateverTheEdgesTheSamplesAreThoseOfAPlainIntegration(_ seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let unit = Int64(1) << Self.shift
        let length = 320 * unit
        var edges: [EdgeEvent] = []
        for input in 0..<2 {
            var time = Int64.random(in: 0...unit, using: &random)
            var level = true
            while time < length {
                edges.append(EdgeEvent(instant: MonotonicInstant(nanoseconds: time), input: UInt8(input), level: level))
                level.toggle()
                time += Int64.random(in: 1...(Bool.random(using: &random) ? unit / 3 : 40 * unit), using: &random)
            }
        }
        edges.sort { $0.instant < $1.instant }
        let made = samples(condense(edges, until: length))
        #expect(made.count == 320, "seed \(seed)")
        for (place, sample) in made.enumerated() {
            for input in 0..<2 {
                let share = active(edges, input, from: Int64(place) * unit, to: Int64(place + 1) * unit)
                let value = Double(input == 0 ? sample.0 : sample.1)
                #expect((value - (254 * share - 127)).magnitude <= 1.01, "seed \(seed), sample \(place) of input \(input)")
            }
        }
    }

    private func active(_ edges: [EdgeEvent], _ input: Int, from: Int64, to: Int64) -> Double {
        var (level, since, sum) = (false, from, Int64(0))
        for edge in edges where edge.input == input {
            let time = edge.instant.nanoseconds
            if time >= to { break }
            if time > since {
                if level { sum += time - since }
                since = time
            }
            level = edge.level
        }
        if level { sum += to - since }
        return Double(sum) / Double(to - from)
    }

    @Test("A quiet hour is one slice") func aQuietHourIsOneSlice() {
        let slices = condense([], until: 3600 * 1_000_000_000)
        #expect(slices.count == 1)
        #expect(Int64(slices[0].repeats) * 32 << Self.shift > 3599 * 1_000_000_000)
    }

    @Test("An edge that comes late is taken now and time does not run backwards")
    func anEdgeThatComesLateIsTakenNowAndTimeDoesNotRunBackwards() {
        let unit = Int64(1) << Self.shift
        let edges = [
            EdgeEvent(instant: MonotonicInstant(nanoseconds: 10 * unit), input: 0, level: true),
            EdgeEvent(instant: MonotonicInstant(nanoseconds: 9 * unit), input: 1, level: true),
        ]
        let made = samples(condense(edges, until: 32 * unit))
        #expect(made.count == 32)
        #expect(made[11].0 == 127)
        #expect(made[11].1 == 127)
        #expect(made[9].1 == -127)
    }

    /// Rises in sample 9, told in sample 10, and falls in the middle of it: of what is told late, none is counted a second time.
    @Test("A late edge adds nothing from before the current sample") func aLateEdgeAddsNothingFromBeforeTheCurrentSample() {
        let unit = Int64(1) << Self.shift
        let edges = [
            EdgeEvent(instant: MonotonicInstant(nanoseconds: 10 * unit), input: 0, level: true),
            EdgeEvent(instant: MonotonicInstant(nanoseconds: 9 * unit), input: 1, level: true),
            EdgeEvent(instant: MonotonicInstant(nanoseconds: 10 * unit + unit / 2), input: 1, level: false),
        ]
        let made = samples(condense(edges, until: 32 * unit))
        #expect(made[9].1 == -127)
        #expect(abs(Int(made[10].1)) <= 1)
    }

    /// In the middle of a slice's first sample, with no edge before or after: it is not like the rest, and none of it is left over.
    @Test("Levels that were read anew hold from then on") func levelsThatWereReadAnewHoldFromThenOn() {
        let unit = Int64(1) << Self.shift
        var condenser = PulseCondenser(sampleShift: Self.shift, levels: 2, at: Self.start)
        var slices: [PulseSlice] = []
        condenser.resume(levels: 1, at: MonotonicInstant(nanoseconds: 96 * unit + unit / 2)) { slices.append($0) }
        condenser.take(EdgeEvent(instant: MonotonicInstant(nanoseconds: 160 * unit), input: 0, level: false)) { slices.append($0) }
        condenser.advance(to: MonotonicInstant(nanoseconds: 192 * unit)) { slices.append($0) }
        let made = samples(slices)
        let (before, now, after) = ([Int8](repeating: -127, count: 96), [Int8(0)], [Int8](repeating: 127, count: 63))
        #expect(made.map(\.0) == before + now + after + [Int8](repeating: -127, count: 32))
        #expect(made.map(\.1) == before.map { -$0 } + now + [Int8](repeating: -127, count: 95))
    }
}
