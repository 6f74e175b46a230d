import EdgeAnalysis
import Glibc
import HardwareMocks
import SensorCore
import Testing

@Suite struct QuadratureLeadTests {
    /// Edges of two comparators behind a Doppler module at the roadside: 24.125 GHz, 4 m beside the way, of something that
    /// comes from 40 m away up to the radar, or goes away. `lead`: the input that leads when it approaches.
    private func pass(approaching: Bool, lead: Int, speed: Double, from start: Double) -> [EdgeEvent] {
        let (far, near, side) = (40.0, 1.0, 4.0)
        let duration = (far - near) / speed
        var edges: [EdgeEvent] = []
        var levels = [false, false]
        var phase = 0.0
        let step = 5e-6
        for tick in 0..<Int(duration / step) {
            let time = Double(tick) * step
            let along = approaching ? far - speed * time : near + speed * time
            // f = 2·v·f0/c·cosθ, falling while it approaches.
            phase += 2 * speed * 24.125e9 / 299_792_458 * along / (along * along + side * side).squareRoot() * step
            let ahead = approaching ? lead : 1 - lead
            for input in 0...1 {
                let level = sin(2 * .pi * (phase + (input == ahead ? 0.25 : 0))) > 0
                if level != levels[input] {
                    levels[input] = level
                    edges.append(
                        EdgeEvent(
                            instant: MonotonicInstant(nanoseconds: Int64((start + time) * 1e9) + Int64(input)), input: UInt8(input),
                            level: level))
                }
            }
        }
        return edges
    }

    private func look(_ edges: [EdgeEvent]) -> QuadratureLead {
        var lead = QuadratureLead(levels: 0)
        for edge in edges { lead.take(edge) }
        lead.finish()
        return lead
    }

    @Test("The convention shows", arguments: [0, 1]) func theConventionShows(lead: Int) {
        var edges: [EdgeEvent] = []
        for number in 0..<6 {
            edges += pass(
                approaching: number % 2 == 0, lead: lead, speed: 8 + 2 * Double(number), from: Double(number) * 10)
        }
        let found = look(edges)
        #expect(found.finding == .leads(lead), "\(found)")
        #expect(found.firstLeads + found.secondLeads == 6 && found.unclear == 0, "\(found)")
    }

    /// Where vehicles meet, a pass may say the opposite: one of eight does not make the others doubtful, one of four does.
    @Test("One that contradicts is outvoted by many") func oneThatContradictsIsOutvotedByMany() {
        let others = (1..<8).map { pass(approaching: true, lead: 1, speed: 12, from: Double($0) * 10) }
        let odd = pass(approaching: true, lead: 0, speed: 12, from: 0)
        #expect(look(odd + others.flatMap(\.self)).finding == .leads(1))
        #expect(look(odd + others[..<3].flatMap(\.self)).finding == .undecided)
    }

    @Test("Two passes are too few") func twoPassesAreTooFew() {
        let edges = (0..<2).flatMap { pass(approaching: true, lead: 0, speed: 12, from: Double($0) * 10) }
        #expect(look(edges).finding == .undecided)
    }

    /// One second of a tone of 1 kHz whose pitch changes evenly to `change` of that; the first input leads.
    private func tone(change: Double, from start: Double) -> [EdgeEvent] {
        var time = start
        return (0..<4000).map { quarter in
            defer { time += 0.25e-3 / (1 + (change - 1) * Double(quarter) / 4000) }
            return EdgeEvent(instant: MonotonicInstant(nanoseconds: Int64(time * 1e9)), input: UInt8(quarter % 2), level: quarter % 4 < 2)
        }
    }

    /// A fan, or who drives round the radar in a bend, tells who is ahead but not whether anybody approaches: six of them do not make
    /// two clear passes three.
    @Test("What neither rises nor falls clearly is no vote", arguments: [0.88, 1, 1.12]) func whatNeitherRisesNorFallsClearlyIsNoVote(
        change: Double
    ) {
        let unclear = look((0..<6).flatMap { tone(change: change, from: Double($0) * 5) })
        #expect(unclear.unclear == 6 && unclear.firstLeads + unclear.secondLeads == 0, "\(unclear)")
        #expect(unclear.finding == .undecided)
        let both = look((0..<8).flatMap { tone(change: $0 < 6 ? change : 0.6, from: Double($0) * 5) })
        #expect(both.unclear == 6 && both.firstLeads == 2 && both.finding == .undecided, "\(both)")
    }

    /// Comparators without a signal, at random periods.
    @Test("Noise says nothing", arguments: 1...5 as ClosedRange<UInt64>) func noiseSaysNothing(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var edges: [EdgeEvent] = []
        var time: Int64 = 0
        var levels = [false, false]
        for _ in 0..<200_000 {
            time += Int64.random(in: 20_000...2_000_000, using: &random)
            let input = Int.random(in: 0...1, using: &random)
            levels[input].toggle()
            edges.append(EdgeEvent(instant: MonotonicInstant(nanoseconds: time), input: UInt8(input), level: levels[input]))
        }
        let found = look(edges)
        #expect(found.finding == .noPasses, "seed \(seed): \(found)")
    }

    /// A signal on one input alone, its wire off on the other, has no lead.
    @Test("One input alone says nothing") func oneInputAloneSaysNothing() {
        let edges = (0..<5).flatMap { pass(approaching: true, lead: 0, speed: 12, from: Double($0) * 10) }
        #expect(look(edges.filter { $0.input == 0 }).finding == .noPasses)
    }
}
