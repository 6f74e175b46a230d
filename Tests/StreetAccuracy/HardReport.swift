import Dispatch
import HardwareMocks
import SensorCore

/// `make accuracy STREET=hard` and `STREET=independent`.
enum HardReport {
    /// What each sensor's street has to switch.
    private static let switches: [HardStreet.Sensor: [String]] = [
        .beams: ["legs", "spokes", "loads", "groups", "abreast", "meetings", "tilt", "jitter"],
        .tubes: ["fleet", "missed-axles", "echoes", "acceleration", "meetings", "stops", "followers", "jitter"],
        .doppler: radar, .dopplerIQ: radar,
        .contact: ["double-pole", "corrosion", "drop-outs", "parking", "chatter"], .rain: ["rebound"],
    ]
    private static let radar = [
        "antenna", "scatterers", "ground", "rain", "gusts", "drift", "flicker", "lateral", "lanes", "limbs", "acceleration", "followers",
        "meetings",
    ]

    static func score(_ sensor: HardStreet.Sensor, _ physics: HardPhysics, seeds: Range<UInt64>) -> HardScore {
        let runs = Gathered<HardRun>()
        DispatchQueue.concurrentPerform(iterations: seeds.count) { place in
            runs.add(HardRun(sensor, physics, seed: seeds.lowerBound + UInt64(place)))
        }
        var score = HardScore()
        for run in runs.all.sorted(by: { $0.seed < $1.seed }) { score.add(run) }
        return score
    }

    /// - Parameters:
    ///   - causes: as `HardPhysics(names:)` takes them, or "each": every switch alone, and everything without it.
    ///   - kinds: names of sensors with commas; nil is all.
    static func run(street: String, seeds: Range<UInt64>, causes: String?, kinds: String?) -> Bool {
        let wanted = kinds.map { $0.split(separator: ",").map(String.init) }
        let sensors = HardStreet.Sensor.allCases.filter { wanted?.contains($0.rawValue) ?? true }
        guard !sensors.isEmpty else {
            print("no sensor is called \(kinds ?? ""); there are \(HardStreet.Sensor.allCases.map(\.rawValue).joined(separator: ", "))")
            return false
        }
        if causes == "each" {
            for sensor in sensors { traceCauses(sensor, seeds: seeds) }
            return true
        }
        let names = causes ?? (street == "hard" ? "all" : "none")
        guard let physics = HardPhysics(names: names) else {
            print("no cause is called so: \(names); there are \(HardPhysics.named.map(\.name).joined(separator: ", ")), all, none and each")
            return false
        }
        print(
            "\(street) street, causes \(names), seeds \(seeds.lowerBound) to \(seeds.upperBound - 1); shares in %, [95 % interval, Wilson]")
        for sensor in sensors {
            let score = score(sensor, physics, seeds: seeds)
            table(score, of: sensor)
            calibration(score, of: sensor)
        }
        return true
    }

    private static func table(_ score: HardScore, of sensor: HardStreet.Sensor) {
        let minutes = Int(HardRun.duration(of: sensor).nanoseconds / 60_000_000_000)
        print("\n### \(sensor.rawValue), \(minutes) minutes a seed\n")
        let countsOnly = sensor == .contact || sensor == .rain
        print(
            "| situation | passages | missed | extra |"
                + (countsOnly ? "" : " direction | class | speed given | speed error, mean | 95 % |"))
        print("|---|---|---|---|" + (countsOnly ? "" : "---|---|---|---|---|"))
        for (tag, part) in score.parts.sorted(by: { ($1.value.truth, $0.key) < ($0.value.truth, $1.key) }) + [("**all**", score.all)] {
            var line = "| \(tag) | \(part.truth) | \(share(part.missed, part.truth)) | \(share(part.extra, part.truth)) |"
            if !countsOnly {
                let mean = AccuracyScore.mean(part.speedErrors)
                line += " \(share(part.rightDirection, part.matched)) | \(share(part.rightClass, part.matched)) "
                line += "| \(percent(Double(part.speedErrors.count) / Double(part.withSpeed))) "
                line +=
                    "| \(percent(mean)) ± \(percent(1.96 * deviation(part.speedErrors, mean))) | \(percent(AccuracyScore.p95(part.speedErrors))) |"
            }
            print(line)
        }
    }

    private static func calibration(_ score: HardScore, of sensor: HardStreet.Sensor) {
        print("\n\(sensor.rawValue), how sure and how right:")
        if sensor != .contact, sensor != .rain {
            print("- of \(score.certain) certain passages right in all they say: \(share(score.rightCertain, score.certain))")
            print("- of \(score.lone) lone passages certain: \(share(score.certainLone, score.lone))")
        }
        print("- of \(score.intervals) intervals of 5 min with confidence 0.95 and more: \(share(score.sureIntervals, score.intervals))")
        print("- of those with a count within 5 % or one: \(share(score.rightSure, score.sureIntervals))")
        print("- of all intervals with a count within 5 % or one: \(share(score.rightIntervals, score.intervals))")
    }

    private static func traceCauses(_ sensor: HardStreet.Sensor, seeds: Range<UInt64>) {
        print("\n### \(sensor.rawValue), causes, seeds \(seeds.lowerBound) to \(seeds.upperBound - 1)\n")
        print("| cause | alone: missed | extra | class wrong | speed error | all but it: missed | extra | class wrong | speed error |")
        print("|---|---|---|---|---|---|---|---|---|")
        func cells(_ physics: HardPhysics) -> String {
            let part = score(sensor, physics, seeds: seeds).all
            let wrong = sensor == .contact || sensor == .rain ? .nan : Double(part.matched - part.rightClass) / Double(part.matched)
            return "\(percent(Double(part.missed) / Double(part.truth))) | \(percent(Double(part.extra) / Double(part.truth))) "
                + "| \(percent(wrong)) | \(percent(AccuracyScore.mean(part.speedErrors)))"
        }
        print("| none, all | \(cells([])) | \(cells(.all)) |")
        for name in switches[sensor] ?? [] {
            guard let cause = HardPhysics(names: name) else { continue }
            print("| \(name) | \(cells(cause)) | \(cells(HardPhysics.all.subtracting(cause))) |")
        }
    }

    private static func share(_ hits: Int, _ number: Int) -> String {
        guard number > 0 else { return hits == 0 ? "-" : "\(hits)" }
        let value = percent(Double(hits) / Double(number))
        guard hits <= number else { return value }
        let interval = AccuracyScore.interval(hits, of: number)
        return "\(value) [\(percent(interval.lowerBound)), \(percent(interval.upperBound))]"
    }

    /// Of the mean.
    private static func deviation(_ errors: [Double], _ mean: Double) -> Double {
        guard errors.count > 1 else { return .nan }
        let sum = errors.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        return (sum / Double(errors.count - 1) / Double(errors.count)).squareRoot()
    }
}
