import HardwareMocks
import PulsePipeline
import SensorCore

/// What many seeds of a hard street say together, by situation.
struct HardScore {
    struct Part {
        var truth = 0
        var missed = 0
        var extra = 0
        var matched = 0
        var rightDirection = 0
        var rightClass = 0
        var speedErrors: [Double] = []
        var withSpeed = 0

        static func += (sum: inout Part, more: Part) {
            sum.truth += more.truth
            sum.missed += more.missed
            sum.extra += more.extra
            sum.matched += more.matched
            sum.rightDirection += more.rightDirection
            sum.rightClass += more.rightClass
            sum.speedErrors += more.speedErrors
            sum.withSpeed += more.withSpeed
        }
    }

    private(set) var parts: [String: Part] = [:]
    /// Certain passages, and those of them that are there with their direction and class, and a speed within 5 % where one is given.
    private(set) var certain = 0
    private(set) var rightCertain = 0
    private(set) var lone = 0
    private(set) var certainLone = 0
    private(set) var intervals = 0
    private(set) var sureIntervals = 0
    private(set) var rightSure = 0
    private(set) var rightIntervals = 0

    var all: Part { parts.values.reduce(into: Part()) { $0 += $1 } }

    mutating func add(_ run: HardRun) {
        addIntervals(run)
        guard run.perSituation.isEmpty else { return addCounts(run) }
        let matching = HardMatching(
            truth: run.street.truth, counted: run.counted, tolerance: Self.tolerance(of: run.street.sensor))
        for passage in matching.missed {
            parts[passage.tag, default: Part()].truth += 1
            parts[passage.tag, default: Part()].missed += 1
            if passage.isLone { lone += 1 }
        }
        for passage in matching.extra {
            parts[run.street.tag(at: passage.instant), default: Part()].extra += 1
            if !passage.isUncertain { certain += 1 }
        }
        for (truth, counted) in matching.pairs { add(truth, counted) }
    }

    /// In s. A radar's moment abreast is an estimate; a leg may be missed that was there half a second before the other.
    private static func tolerance(of sensor: HardStreet.Sensor) -> Double {
        switch sensor {
        case .doppler, .dopplerIQ: 1.2
        case .beams: 0.75
        default: 0.25
        }
    }

    private mutating func add(_ truth: HardPassage, _ counted: Passage) {
        var part = parts[truth.tag] ?? Part()
        part.truth += 1
        part.matched += 1
        let isDirectionRight = counted.direction == truth.direction
        let isClassRight = counted.roadUser == truth.roadUser
        if isDirectionRight { part.rightDirection += 1 }
        if isClassRight { part.rightClass += 1 }
        var isSpeedRight = true
        if let own = truth.speed {
            part.withSpeed += 1
            if let speed = counted.speed {
                let error = (speed / own - 1).magnitude
                part.speedErrors.append(error)
                isSpeedRight = error <= 0.05
            }
        }
        parts[truth.tag] = part
        if truth.isLone { lone += 1 }
        guard !counted.isUncertain else { return }
        certain += 1
        if truth.isLone { certainLone += 1 }
        if isDirectionRight, isClassRight, isSpeedRight { rightCertain += 1 }
    }

    /// A contact only counts.
    private mutating func addCounts(_ run: HardRun) {
        for (situation, count) in zip(run.street.situations, run.perSituation) {
            let real = run.street.truth.count { $0.instant >= situation.from && $0.instant < situation.to }
            var part = parts[situation.tag] ?? Part()
            part.truth += real
            part.matched += min(real, count)
            part.missed += max(0, real - count)
            part.extra += max(0, count - real)
            parts[situation.tag] = part
        }
    }

    /// Right when within 5 % or one; whoever the signal can't tell may be counted or not.
    private mutating func addIntervals(_ run: HardRun) {
        for interval in run.intervals {
            let inside = run.street.truth.filter { $0.instant >= interval.from && $0.instant < interval.to }
            let least = inside.count { !$0.isAmbiguous }
            let allowed = max(1, 0.05 * Double(inside.count))
            let low = Double(least) - allowed
            let high = Double(inside.count) + allowed
            let isRight = (low...high).contains(Double(interval.count))
            intervals += 1
            if isRight { rightIntervals += 1 }
            guard interval.confidence >= 0.95 else { continue }
            sureIntervals += 1
            if isRight { rightSure += 1 }
        }
    }
}

extension HardStreet {
    /// The situation at a moment.
    func tag(at instant: MonotonicInstant) -> String {
        situations.last { $0.from <= instant + .milliseconds(300) }?.tag ?? "nobody"
    }
}
