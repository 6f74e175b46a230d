import HardwareMocks
import PulsePipeline
import SensorCore

/// What a radar's channel made of streets whose truth is known: those who had the beam to themselves, and the others apart.
struct RadarScore {
    struct Part {
        var truth = 0
        var missed = 0
        var extra = 0
        /// By what they are.
        var truthOf: [RoadUserClass: Int] = [:]
        var missedOf: [RoadUserClass: Int] = [:]
        var rightDirection = 0
        var rightClass = 0
        var speedErrors: [Double] = []
        /// From leaving the beam to the decision, in s.
        var longestWait = 0.0
        var matched: Int { truth - missed }
    }

    private(set) var alone = Part()
    private(set) var overlapping = Part()
    /// Nearest first, never further apart than this and the body's own length.
    private static let tolerance = 1.0

    mutating func add(_ truth: [TruePassage], _ counted: [DecidedPassage], seed: UInt64, _ isExplaining: Bool) {
        let partner = Self.match(truth, counted)
        for (index, real) in truth.enumerated() {
            var part = real.isIsolated ? alone : overlapping
            part.truth += 1
            part.truthOf[real.roadUser, default: 0] += 1
            if isExplaining { print("seed \(seed) true \(real.text)" + (partner[index].map { " as \(counted[$0].passage.text)" } ?? "")) }
            if let found = partner[index].map({ counted[$0] }) {
                let passage = found.passage
                if passage.direction == real.direction { part.rightDirection += 1 }
                if passage.roadUser == real.roadUser { part.rightClass += 1 }
                if let speed = passage.speed { part.speedErrors.append((speed / real.speed - 1).magnitude) }
                let wait = (found.at - real.instant).seconds - RadarStreet.beam(real).after
                part.longestWait = max(part.longestWait, wait)
                if isExplaining, wait > 3 { print("seed \(seed) late \(real.text) by \(percent(wait / 100)) s") }
                if isExplaining, real.isIsolated, passage.roadUser != real.roadUser || passage.direction != real.direction {
                    print("seed \(seed) wrong \(real.text) as \(passage.text)")
                }
            } else {
                part.missed += 1
                part.missedOf[real.roadUser, default: 0] += 1
                if isExplaining, real.isIsolated { print("seed \(seed) missed \(real.text)") }
            }
            if real.isIsolated { alone = part } else { overlapping = part }
        }
        let taken = Set(partner.compactMap(\.self))
        for index in counted.indices where !taken.contains(index) {
            if Self.isAmongOverlapping(counted[index].passage, truth) { overlapping.extra += 1 } else { alone.extra += 1 }
            if isExplaining { print("seed \(seed) extra \(counted[index].passage.text)") }
        }
    }

    /// Those who overlap are to answer for what was counted while one of them was in the beam.
    private static func isAmongOverlapping(_ passage: Passage, _ truth: [TruePassage]) -> Bool {
        truth.contains { real in
            let beam = RadarStreet.beam(real)
            let time = (passage.instant - real.instant).seconds
            return !real.isIsolated && time > -beam.before && time < beam.after
        }
    }

    /// For each that happened the one that was counted for it: the nearest, of several the one with the right way and speed.
    private static func match(_ truth: [TruePassage], _ counted: [DecidedPassage]) -> [Int?] {
        var pairs: [(distance: Double, truth: Int, counted: Int)] = []
        for (index, real) in truth.enumerated() {
            let half = real.length / 2 / real.speed
            for (other, found) in counted.enumerated() {
                let passage = found.passage
                let apart = ((passage.instant - real.instant).seconds - half).magnitude
                guard apart < tolerance + half else { continue }
                var distance = apart
                if passage.direction != nil, passage.direction != real.direction { distance += 0.5 }
                if let speed = passage.speed { distance += min(1, 5 * (speed / real.speed - 1).magnitude) }
                pairs.append((distance, index, other))
            }
        }
        pairs.sort { ($0.distance, $0.truth, $0.counted) < ($1.distance, $1.truth, $1.counted) }
        var partner = [Int?](repeating: nil, count: truth.count)
        var taken = Set<Int>()
        for pair in pairs where partner[pair.truth] == nil && taken.insert(pair.counted).inserted { partner[pair.truth] = pair.counted }
        return partner
    }

    func text(of name: String) -> String {
        "\(name): \(text(alone, "alone in the beam")); \(text(overlapping, "overlapping"))"
    }

    /// What is asked for of those who are alone, and not kept; two more or less are chance.
    func faults(direction: Double?) -> [String] {
        func isTooMuch(_ hits: Int, _ limit: Double, of number: Int) -> Bool { Double(hits) > limit * Double(number) + 2 }
        let part = alone
        var faults: [String] = []
        if isTooMuch(part.missed, 0.01, of: part.truth) { faults.append("more than 1 % missed") }
        if isTooMuch(part.extra, 0.01, of: part.truth) { faults.append("more than 1 % extra") }
        if isTooMuch(part.matched - part.rightClass, 0.03, of: part.matched) { faults.append("class below 97 %") }
        if let direction, isTooMuch(part.matched - part.rightDirection, 1 - direction, of: part.matched) {
            faults.append("direction below \(percent(direction)) %")
        }
        if isTooMuch(part.matched - part.speedErrors.count, 0.1, of: part.matched) { faults.append("speed given for less than 90 %") }
        if AccuracyScore.mean(part.speedErrors) > 0.01 { faults.append("speed MAE above 1 %") }
        if AccuracyScore.p95(part.speedErrors) > 0.02 { faults.append("speed p95 above 2 %") }
        if part.longestWait > 3 { faults.append("decided later than 3 s after leaving the beam") }
        return faults
    }

    private func text(_ part: Part, _ name: String) -> String {
        func share(_ number: Int) -> String { percent(Double(number) / Double(part.matched)) }
        let missed = AccuracyScore.interval(part.missed, of: part.truth)
        let classes = [RoadUserClass.motor, .bike, .pedestrian].map { roadUser in
            let shares = Double(part.missedOf[roadUser] ?? 0) / Double(part.truthOf[roadUser] ?? 0)
            return "\(roadUser.name) \(percent(shares))"
        }.joined(separator: ", ")
        let extra = AccuracyScore.interval(part.extra, of: part.truth)
        return "\(part.truth) \(name): missed \(percent(Double(part.missed) / Double(part.truth))) "
            + "[\(percent(missed.lowerBound)), \(percent(missed.upperBound))] (\(classes)), extra \(percent(Double(part.extra) / Double(part.truth))) "
            + "[\(percent(extra.lowerBound)), \(percent(extra.upperBound))], direction \(share(part.rightDirection)), "
            + "class \(share(part.rightClass)), speed given \(share(part.speedErrors.count)), "
            + "MAE \(percent(AccuracyScore.mean(part.speedErrors))) p95 \(percent(AccuracyScore.p95(part.speedErrors))), decided at most \(percent(part.longestWait / 100)) s after leaving the beam"
    }
}
