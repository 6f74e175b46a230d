import Glibc
import HardwareMocks
import PulsePipeline
import SensorCore

/// What many streets of one scenario say together.
struct AccuracyScore {
    var truth = 0
    var missed = 0
    var extra = 0
    var matched = 0
    var rightDirection = 0
    var rightClass = 0
    var isolated = 0
    var isolatedWithSpeed = 0
    /// Nobody else was there, and yet not counted: what overlaps does not excuse it.
    var isolatedMissed = 0
    var isolatedSpeedErrors: [Double] = []
    /// |counted / true − 1| of matched passages with a speed.
    var speedErrors: [Double] = []
    var uncertain = 0
    var quarters = 0
    var goodQuarters = 0

    mutating func add(_ street: SimulatedStreet, counted: [Passage], duration: TimeSpan) {
        let counted = counted.sorted { $0.instant < $1.instant }
        let matching = PassageMatching(truth: street.truth, counted: counted)
        truth += street.truth.count
        missed += matching.missed.count
        extra += matching.extra.count
        matched += matching.pairs.count
        uncertain += counted.count { $0.isUncertain }
        isolated += street.truth.count { $0.isIsolated }
        isolatedMissed += matching.missed.count { $0.isIsolated }
        for (truth, counted) in matching.pairs {
            if counted.direction == truth.direction { rightDirection += 1 }
            if counted.roadUser == truth.roadUser { rightClass += 1 }
            if let speed = counted.speed {
                let error = (speed / truth.speed - 1).magnitude
                speedErrors.append(error)
                if truth.isIsolated {
                    isolatedWithSpeed += 1
                    isolatedSpeedErrors.append(error)
                }
            }
        }
        addQuarters(street.truth.map(\.instant), counted.map(\.instant), duration)
    }

    /// Quarters of an hour whose count is right to max(1, 2 %).
    private mutating func addQuarters(_ truth: [MonotonicInstant], _ counted: [MonotonicInstant], _ duration: TimeSpan) {
        let quarter = TimeSpan.seconds(900).nanoseconds
        for index in 0..<Int(duration.nanoseconds / quarter) {
            let range = Int64(index) * quarter..<Int64(index + 1) * quarter
            let right = truth.count { range.contains($0.nanoseconds) }
            let found = counted.count { range.contains($0.nanoseconds) }
            quarters += 1
            if Double((right - found).magnitude) <= max(1, 0.02 * Double(right)) { goodQuarters += 1 }
        }
    }

    static func mean(_ errors: [Double]) -> Double { errors.isEmpty ? .nan : errors.reduce(0, +) / Double(errors.count) }

    static func p95(_ errors: [Double]) -> Double {
        guard !errors.isEmpty else { return .nan }
        return errors.sorted()[min(errors.count - 1, Int(0.95 * Double(errors.count)))]
    }

    /// Wilson's 95 % interval of a share (Wilson 1927).
    static func interval(_ hits: Int, of number: Int) -> ClosedRange<Double> {
        guard number > 0 else { return 0...1 }
        let n = Double(number)
        let share = Double(hits) / n
        let z = 1.96
        let middle = (share + z * z / (2 * n)) / (1 + z * z / n)
        let half = z / (1 + z * z / n) * (share * (1 - share) / n + z * z / (4 * n * n)).squareRoot()
        return max(0, middle - half)...min(1, middle + half)
    }
}
