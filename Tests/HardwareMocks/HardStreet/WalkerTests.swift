import HardwareMocks
import Testing

/// The walkers of the hard street against published gait.
@Suite struct WalkerTests {
    private let cycle = stride(from: 0.0, to: 1, by: 0.001)

    @Test("Both feet stand for as long as Kirtley and others measured", arguments: [0.9, 1.34, 1.7])
    func bothFeetStandForAsLongAsKirtleyAndOthersMeasured(speed: Double) {
        let walker = Walker(speed: speed, seed: 7)
        let both = cycle.count { share in
            let time = share * walker.stride / speed
            return walker.isStanding(0, at: time) && walker.isStanding(1, at: time)
        }
        let measured = 28.4 - 7 * speed
        #expect((Double(both) / 10 - measured).magnitude < 0.5, "\(both) ‰ at \(speed) m/s, \(measured) %")
        // Text books: a fifth of the cycle at usual speed.
        if speed == 1.34 { #expect((170...210).contains(both)) }
    }

    @Test("Who runs never stands on both feet") func whoRunsNeverStandsOnBothFeet() {
        let walker = Walker(speed: 3, seed: 7)
        let isEverOnBoth = cycle.contains { share in
            let time = share * walker.stride / 3
            return walker.isStanding(0, at: time) && walker.isStanding(1, at: time)
        }
        #expect(!isEverOnBoth)
    }

    @Test("A foot stands still, and swings at about four metres a second at natural cadence")
    func aFootStandsStillAndSwingsFast() {
        let walker = Walker(speed: 1.4, seed: 3)
        let period = walker.stride / 1.4
        var slowest = Double.infinity
        var fastest = 0.0
        for share in cycle {
            let time = share * period
            let speed = (walker.ankle(of: 0, at: time + 0.001).x - walker.ankle(of: 0, at: time).x) / 0.001
            slowest = min(slowest, speed)
            fastest = max(fastest, speed)
        }
        #expect(slowest.magnitude < 0.01)
        // Winter 1992.
        #expect((3.5...4.4).contains(fastest), "\(fastest)")
        // In a stride it comes as far as the body.
        let way = walker.ankle(of: 0, at: 2 + period).x - walker.ankle(of: 0, at: 2).x
        #expect((way - walker.stride).magnitude < 1e-9)
    }

    @Test("A step takes half a second or a little more") func aStepTakesHalfASecondOrALittleMore() {
        // 105 to 120 steps a minute for adults at their natural speed (Perry).
        for seed in 1...20 as ClosedRange<UInt64> {
            let walker = Walker(speed: 1.37, seed: seed)
            let steps = 60 * 2 * 1.37 / walker.stride
            #expect((95...140).contains(steps), "seed \(seed): \(steps)")
        }
    }

    @Test("Thigh and shank keep their lengths, and the knee bends forwards") func thighAndShankKeepTheirLengths() {
        let walker = Walker(speed: 1.34, seed: 5)
        for share in cycle {
            let time = share * walker.stride / 1.34
            let ankle = walker.ankle(of: 1, at: time)
            let knee = walker.knee(of: 1, at: time)
            let shank = ((knee.x - ankle.x) * (knee.x - ankle.x) + (knee.z - ankle.z) * (knee.z - ankle.z)).squareRoot()
            #expect((shank - 0.246 * walker.height).magnitude < 1e-6, "at \(share)")
            #expect(knee.z > ankle.z, "at \(share)")
        }
    }

    @Test("A shin at 30 cm is slower and faster than who it belongs to") func aShinIsSlowerAndFasterThanWhoItBelongsTo() throws {
        let walker = Walker(speed: 1.34, seed: 9)
        var speeds: [Double] = []
        for share in cycle {
            let time = share * walker.stride / 1.34
            guard let now = walker.section(of: 0, at: time, height: 0.3), let next = walker.section(of: 0, at: time + 0.001, height: 0.3)
            else { continue }
            speeds.append((next.lowerBound + next.upperBound - now.lowerBound - now.upperBound) / 2 / 0.001 / 1.34)
        }
        let sorted = speeds.sorted()
        // Standing, what is 30 cm up moves at a third of the hip's speed.
        #expect((0.2...0.6).contains(sorted[sorted.count / 4]))
        #expect(sorted[sorted.count * 9 / 10] > 1.5)
    }
}
