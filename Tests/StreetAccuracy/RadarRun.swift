import HardwareMocks
import PulsePipeline
import SensorCore

struct RadarRun {
    static func count(_ street: RadarStreet, _ setup: RadarSetup, duration: TimeSpan, explain: Bool) -> (passages: [(Passage, MonotonicInstant)], edges: Int) {
        var street = street
        let start = MonotonicInstant(nanoseconds: 0)
        var condenser = PulseCondenser(sampleShift: setup.sampleShift, levels: 0, at: start)
        var tracker = DopplerTracker(setup)
        if explain { tracker.onDecision = { print($0) } }
        var passages: [(Passage, MonotonicInstant)] = []
        var edges = 0
        var slices: [PulseSlice] = []
        var now = start
        while let edge = street.next() {
            edges += 1
            now = edge.instant
            condenser.take(edge) { slices.append($0) }
            if slices.count > 16 {
                for slice in slices { tracker.take(slice) { passages.append(($0, now)) } }
                slices.removeAll(keepingCapacity: true)
            }
        }
        condenser.advance(to: start + duration + .seconds(10)) { slices.append($0) }
        for slice in slices { tracker.take(slice) { passages.append(($0, now)) } }
        return (passages, edges)
    }
}

struct RadarScore {
    struct Part {
        var truth = 0, missed = 0, direction = 0, roadUser = 0, matched = 0, speeds: [Double] = []
        var confusion: [String: Int] = [:]
    }
    var alone = Part()
    var together = Part()
    var extra = 0
    var late: [Double] = []

    mutating func add(_ truth: [TruePassage], _ counted: [(Passage, MonotonicInstant)], explain: Bool) {
        var pairs: [(Double, Int, Int)] = []
        for (t, true_) in truth.enumerated() {
            for (c, found) in counted.enumerated() {
                let apart = (found.0.instant - true_.instant).seconds - true_.length / 2 / true_.speed
                if apart.magnitude < 1.0 + true_.length / 2 / true_.speed {
                    var distance = apart.magnitude
                    if found.0.direction != nil, found.0.direction != true_.direction { distance += 0.5 }
                    if let speed = found.0.speed { distance += min(1, (speed / true_.speed - 1).magnitude * 5) }
                    pairs.append((distance, t, c))
                }
            }
        }
        pairs.sort { $0.0 < $1.0 }
        var tt = [Int: Int](), cc = Set<Int>()
        for (_, t, c) in pairs where tt[t] == nil && !cc.contains(c) { tt[t] = c; cc.insert(c) }
        for (t, true_) in truth.enumerated() {
            var part = true_.isIsolated ? alone : together
            part.truth += 1
            if let c = tt[t] {
                let found = counted[c].0
                part.matched += 1
                if found.direction == true_.direction { part.direction += 1 }
                if found.roadUser == true_.roadUser { part.roadUser += 1 } else {
                    part.confusion["\(true_.roadUser)->\(found.roadUser!)", default: 0] += 1
                    if explain { print("CLASS \(true_.text) as \(found.text)") }
                }
                if let speed = found.speed {
                    part.speeds.append((speed / true_.speed - 1).magnitude)
                    if explain, (speed / true_.speed - 1).magnitude > 0.02 { print("SPEED \(true_.text) as \(found.text) vt \(true_.speed) v \(speed)") }
                }
                late.append((counted[c].1 - true_.instant).seconds)
            } else {
                part.missed += 1
                if explain { print("MISSED \(true_.text) t \(Double(true_.instant.nanoseconds) / 1e9)") }
            }
            if true_.isIsolated { alone = part } else { together = part }
        }
        for (c, found) in counted.enumerated() where !cc.contains(c) {
            extra += 1
            if explain { print("EXTRA \(found.0.text) t \(Double(found.0.instant.nanoseconds) / 1e9)") }
        }
    }

    func report() {
        for (name, part) in [("alone", alone), ("togeth", together)] {
            let s = part.speeds.sorted()
            let n = Double(max(1, part.matched))
            print(name, part.truth, "missed", part.missed, "direction", Double(part.direction) / n, "class", Double(part.roadUser) / n, part.confusion,
                "speed given", Double(s.count) / n, "MAE", s.reduce(0, +) / Double(max(1, s.count)), "p95", s.isEmpty ? 0 : s[Int(0.95 * Double(s.count - 1))])
        }
        print("extra", extra, "late max", late.max() ?? 0, "p95", late.sorted().isEmpty ? 0 : late.sorted()[Int(0.95 * Double(late.count - 1))])
    }
}
