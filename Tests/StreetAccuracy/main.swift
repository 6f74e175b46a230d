import Glibc
import HardwareMocks
import PulsePipeline
import SensorCore

// What the detectors make of simulated streets whose truth is known.
// Usage: StreetAccuracy [SEEDS [FIRST-SEED [SCENARIO [explain]]]]
//        StreetAccuracy SEEDS FIRST-SEED hard|independent [CAUSES [KINDS]]
let arguments = CommandLine.arguments
let seeds = arguments.count > 1 ? UInt64(arguments[1]) ?? 20 : 20
let firstSeed = arguments.count > 2 ? UInt64(arguments[2]) ?? 1001 : 1001
let wanted = arguments.count > 3 ? arguments[3] : nil
let isExplaining = arguments.count > 4

func percent(_ share: Double) -> String { share.isNaN ? "-" : String(Int64((share * 1e4).rounded())).padded(3) }

extension String {
    /// Hundredths of a percent with their point.
    func padded(_ digits: Int) -> String {
        let text = String(repeating: "0", count: max(0, digits - count)) + self
        return "\(text.dropLast(2)).\(text.suffix(2))"
    }
}

extension TruePassage {
    var text: String {
        "\(Double(instant.nanoseconds / 100_000) / 10) ms \(direction) \(roadUser) \(Int(speed * 100)) cm/s \(Int(length * 100)) cm"
            + (isIsolated ? " isolated" : "")
    }
}

extension Passage {
    var text: String {
        "\(Double(instant.nanoseconds / 100_000) / 10) ms \(direction.map { "\($0)" } ?? "-") \(roadUser.map { "\($0)" } ?? "-") "
            + "\(Int((speed ?? 0) * 100)) cm/s \(Int((length ?? 0) * 100)) cm" + (isUncertain ? " uncertain" : "")
    }
}

if let street = wanted, ["hard", "independent"].contains(street) {
    let causes = arguments.count > 4 && !arguments[4].isEmpty ? arguments[4] : nil
    let kinds = arguments.count > 5 && !arguments[5].isEmpty ? arguments[5] : nil
    exit(HardReport.run(street: street, seeds: firstSeed..<firstSeed + seeds, causes: causes, kinds: kinds) ? 0 : 64)
}
// Only when asked for: nothing but a proposal hangs on it.
if wanted == "quadrature" { exit(QuadratureRun.report(seeds: seeds, first: firstSeed) ? 0 : 1) }
if wanted == nil || wanted == "contact" {
    let contact = ContactRun(closures: 1_000_000, seed: firstSeed)
    print("contact: \(contact.truth) bounced closures, \(contact.counted) counted; seed \(firstSeed)")
}
let isRadarKept =
    wanted == nil || wanted?.hasPrefix("doppler") == true
    ? RadarScenario.report(seeds: seeds, first: firstSeed, only: wanted, isExplaining: isExplaining) : true
if wanted == nil || AccuracyScenario.all.contains(where: { $0.name == wanted }) {
    print("seeds \(firstSeed) to \(firstSeed + seeds - 1), one hour each; shares in %, [95 % interval]")
}
for scenario in AccuracyScenario.all where wanted == nil || scenario.name == wanted {
    var score = AccuracyScore()
    for seed in firstSeed..<firstSeed + seeds {
        let street = scenario.street(seed: seed)
        let counted = scenario.count(street)
        score.add(street, counted: counted, duration: scenario.duration)
        if isExplaining {
            if let around = arguments.count > 5 ? Int64(arguments[5]) : nil {
                for passage in counted where (passage.instant.nanoseconds / 1_000_000 - around).magnitude < 1500 {
                    print("counted", passage.text)
                }
                for passage in street.truth where (passage.instant.nanoseconds / 1_000_000 - around).magnitude < 1500 {
                    print("true", passage.text)
                }
                for edge in street.edges where (edge.instant.nanoseconds / 1_000_000 - around).magnitude < 1500 {
                    print("edge", edge.instant.nanoseconds / 1000, edge.input, edge.level)
                }
            }
            let matching = PassageMatching(truth: street.truth, counted: counted.sorted { $0.instant < $1.instant })
            for missed in matching.missed { print("seed \(seed) missed \(missed.text)") }
            for extra in matching.extra { print("seed \(seed) extra \(extra.text)") }
            for (truth, counted) in matching.pairs where counted.roadUser != truth.roadUser || counted.direction != truth.direction {
                print("seed \(seed) wrong \(truth.text) as \(counted.text)")
            }
        }
    }
    let missed = AccuracyScore.interval(score.missed, of: score.truth)
    let extra = AccuracyScore.interval(score.extra, of: score.truth)
    func share(_ part: Int, _ whole: Int) -> String { percent(Double(part) / Double(whole)) }
    print(
        "\(scenario.name): \(score.truth) passages, missed \(share(score.missed, score.truth)) "
            + "[\(percent(missed.lowerBound)), \(percent(missed.upperBound))], "
            + "extra \(share(score.extra, score.truth)) [\(percent(extra.lowerBound)), \(percent(extra.upperBound))], "
            + "direction \(share(score.rightDirection, score.matched)), class \(share(score.rightClass, score.matched)), "
            + "speed MAE \(percent(AccuracyScore.mean(score.speedErrors))) p95 \(percent(AccuracyScore.p95(score.speedErrors))), uncertain \(share(score.uncertain, score.truth)), "
            + "quarters of an hour right to max(1, 2 %) \(share(score.goodQuarters, score.quarters)); "
            + "of \(score.isolated) isolated: missed \(share(score.isolatedMissed, score.isolated)), "
            + "speed given \(share(score.isolatedWithSpeed, score.isolated)), "
            + "MAE \(percent(AccuracyScore.mean(score.isolatedSpeedErrors))) p95 \(percent(AccuracyScore.p95(score.isolatedSpeedErrors)))")
}
if !isRadarKept { exit(1) }
