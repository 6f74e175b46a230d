import HardwareMocks
import PulsePipeline
import SensorCore
import Testing

@testable import StreetAccuracy

/// What `make accuracy` measures, on few seeds and with wide limits: a change that costs accuracy is seen at once.
@Suite struct StreetAccuracyTests {
    /// Seeds that nothing was tuned on.
    static let seeds: [UInt64] = [2001, 2002]

    static func score(_ scenario: AccuracyScenario) -> AccuracyScore {
        var score = AccuracyScore()
        for seed in seeds {
            let street = scenario.street(seed: seed)
            score.add(street, counted: scenario.count(street), duration: scenario.duration)
        }
        return score
    }

    @Test("Streets are counted", arguments: ["cycle-path", "school-gate", "main-road", "storm"])
    func streetsAreCounted(_ name: String) throws {
        let scenario = try #require(AccuracyScenario.all.first { $0.name == name })
        let score = Self.score(scenario)
        #expect(score.truth > 600, "seeds \(Self.seeds)")
        func share(_ part: Int, _ whole: Int) -> Double { Double(part) / Double(whole) }
        #expect(share(score.missed, score.truth) < 0.02)
        #expect(share(score.extra, score.truth) < 0.012)
        #expect(share(score.rightDirection, score.matched) > 0.995)
        #expect(share(score.rightClass, score.matched) > 0.98)
        #expect(share(score.isolatedWithSpeed, score.isolated) > 0.99)
        #expect(AccuracyScore.p95(score.speedErrors) < 0.025)
        #expect(score.goodQuarters * 100 >= score.quarters * 75)
    }

    @Test("No closure of a bouncing contact is missed or doubled") func noClosureOfABouncingContactIsMissedOrDoubled() {
        let run = ContactRun(closures: 20_000, seed: 2001)
        #expect(run.truth >= 20_000)
        #expect(run.counted == run.truth, "seed 2001")
    }

    /// The measure itself: a passage is matched once, and only near its own time.
    @Test("Matching is one to one") func matchingIsOneToOne() {
        func truth(_ milliseconds: Int64) -> TruePassage {
            TruePassage(
                instant: MonotonicInstant(nanoseconds: milliseconds * 1_000_000), direction: .forward, roadUser: .bike, speed: 5,
                length: 1.7, isIsolated: true)
        }
        func counted(_ milliseconds: Int64) -> Passage {
            Passage(instant: MonotonicInstant(nanoseconds: milliseconds * 1_000_000), direction: .forward)
        }
        let matching = PassageMatching(
            truth: [truth(1000), truth(1100), truth(9000)], counted: [counted(1010), counted(1090), counted(1120), counted(9400)])
        #expect(matching.pairs.count == 2)
        #expect(matching.missed.count == 1)
        #expect(matching.extra.count == 2)
    }
}
