import HardwareMocks
import PulsePipeline
import SensorCore

/// Pairs what was counted with what happened, one to one, nearest first; what the signal can't tell comes last.
struct HardMatching {
    private(set) var pairs: [(truth: HardPassage, counted: Passage)] = []
    private(set) var missed: [HardPassage] = []
    private(set) var extra: [Passage] = []

    /// - Parameter tolerance: in s; a radar's moment abreast is an estimate.
    init(truth: [HardPassage], counted: [Passage], tolerance: Double) {
        var candidates: [(distance: Double, truth: Int, counted: Int)] = []
        var first = 0
        for (index, real) in truth.enumerated() {
            while first < counted.count, (real.instant - counted[first].instant).seconds > tolerance { first += 1 }
            var other = first
            while other < counted.count {
                let apart = (counted[other].instant - real.instant).seconds
                guard apart <= tolerance else { break }
                var distance = apart.magnitude
                // Of two who came together the one with the same way and speed is meant.
                if let direction = counted[other].direction, direction != real.direction { distance += 0.8 * tolerance }
                if let speed = counted[other].speed, let own = real.speed {
                    distance += min(0.4, (speed / own - 1).magnitude) * tolerance
                }
                if real.isAmbiguous { distance += 10 }
                candidates.append((distance, index, other))
                other += 1
            }
        }
        candidates.sort { ($0.distance, $0.truth, $0.counted) < ($1.distance, $1.truth, $1.counted) }
        var isTruthTaken = [Bool](repeating: false, count: truth.count)
        var isCountedTaken = [Bool](repeating: false, count: counted.count)
        for candidate in candidates where !isTruthTaken[candidate.truth] && !isCountedTaken[candidate.counted] {
            isTruthTaken[candidate.truth] = true
            isCountedTaken[candidate.counted] = true
            if !truth[candidate.truth].isAmbiguous { pairs.append((truth[candidate.truth], counted[candidate.counted])) }
        }
        missed = truth.indices.filter { !isTruthTaken[$0] && !truth[$0].isAmbiguous }.map { truth[$0] }
        extra = counted.indices.filter { !isCountedTaken[$0] }.map { counted[$0] }
    }
}
