import HardwareMocks
import PulsePipeline
import SensorCore

/// Pairs what was counted with what happened, one to one: nearest first, never further apart than `tolerance`.
struct PassageMatching {
    static let tolerance = TimeSpan.milliseconds(250)

    var pairs: [(truth: TruePassage, counted: Passage)] = []
    var missed: [TruePassage] = []
    var extra: [Passage] = []

    /// Both by instant.
    init(truth: [TruePassage], counted: [Passage]) {
        var candidates: [(distance: Int64, truth: Int, counted: Int)] = []
        var first = 0
        for (index, passage) in truth.enumerated() {
            while first < counted.count, passage.instant - counted[first].instant > Self.tolerance { first += 1 }
            var other = first
            while other < counted.count, counted[other].instant - passage.instant <= Self.tolerance {
                var distance = (counted[other].instant - passage.instant).nanoseconds.magnitude
                // Of two who came together the one that went the same way is meant.
                if counted[other].direction != nil, counted[other].direction != passage.direction { distance += 200_000_000 }
                candidates.append((Int64(distance), index, other))
                other += 1
            }
        }
        candidates.sort { ($0.distance, $0.truth, $0.counted) < ($1.distance, $1.truth, $1.counted) }
        var isTruthTaken = [Bool](repeating: false, count: truth.count)
        var isCountedTaken = [Bool](repeating: false, count: counted.count)
        for candidate in candidates where !isTruthTaken[candidate.truth] && !isCountedTaken[candidate.counted] {
            isTruthTaken[candidate.truth] = true
            isCountedTaken[candidate.counted] = true
            pairs.append((truth[candidate.truth], counted[candidate.counted]))
        }
        missed = truth.indices.filter { !isTruthTaken[$0] }.map { truth[$0] }
        extra = counted.indices.filter { !isCountedTaken[$0] }.map { counted[$0] }
    }
}
