import SensorCore

/// What passes a contact, one situation after another.
struct ContactScene {
    private static let pause = 2.5
    private let physics: HardPhysics
    private let stream: HardStream

    init(_ physics: HardPhysics, _ stream: HardStream) {
        self.physics = physics
        self.stream = stream
    }

    func make(duration: Double, from start: MonotonicInstant) -> HardScene {
        var scene = HardScene()
        var line = HardLine()
        var slots = stream.generator(.slot)
        var time = 1.0
        var number = 0
        while true {
            let situation = slots.pick(ContactParameters.shares.map { ($0.situation, $0.share) })
            let length = situation == "parked" ? ContactParameters.parked.range.upperBound + 1 : situation == "chatter" ? 5 : 0.6
            guard time + length < duration - 10 else { break }
            let tag = add(situation, slot: number, at: time + 0.2, to: &line)
            if situation != "chatter" {
                scene.truth.append(HardPassage(instant: start.after(time + 0.2), tag: tag))
            }
            let end = time + length + slots.exponential(Self.pause)
            scene.situations.append(HardSituation(tag: tag, from: start.after(time), to: start.after(end)))
            time = end
            number += 1
        }
        scene.take([line], from: start)
        return scene
    }

    /// Gives the situation as it was.
    private func add(_ situation: String, slot: Int, at time: Double, to line: inout HardLine) -> String {
        var random = stream.generator(.leader, slot: slot)
        var bounces = stream.generator(.bounce, slot: slot)
        let hold = ContactParameters.hold.draw(&random)
        func bounce(_ moment: Double, isCorroded: Bool = false, _ random: inout SeededGenerator) -> Double {
            line.toggle(at: moment)
            let usual = max(2e-6, min(random.exponential(ContactParameters.bounce.mean), ContactParameters.bounce.longest))
            let long = ContactParameters.corrodedBounce.draw(&random)
            let pairs = Int.random(in: 0...ContactParameters.bounce.pairs, using: &random)
            var last = moment
            for _ in 0..<2 * (isCorroded ? ContactParameters.corrodedPairs : pairs) {
                let next = moment + random.uniform(1e-6, isCorroded ? long : usual)
                line.toggle(at: next)
                last = max(last, next)
            }
            return last
        }
        var others = stream.generator(.others, slot: slot)
        switch situation {
        case "double-pole" where physics.contains(.doublePole):
            let gap = ContactParameters.poleGap.draw(&others)
            let half = max(0.008, (hold - gap) / 2)
            _ = bounce(time, &bounces)
            let opened = bounce(time + half, &bounces)
            let again = max(opened, time + half) + gap
            _ = bounce(again, &bounces)
            _ = bounce(again + half, &bounces)
        case "corroded" where physics.contains(.corrosion):
            let closed = bounce(time, isCorroded: true, &bounces)
            _ = bounce(max(time + hold, closed + 0.01), isCorroded: true, &bounces)
        case "drop-out" where physics.contains(.dropOuts):
            _ = bounce(time, &bounces)
            for _ in 0..<Int.random(in: 1...3, using: &others) {
                let length = ContactParameters.dropOut.draw(&others)
                let from = time + others.uniform(0.2, 0.8) * hold
                line.toggle(at: from)
                line.toggle(at: min(from + length, time + 0.95 * hold))
            }
            _ = bounce(time + hold, &bounces)
        case "parked" where physics.contains(.parking):
            _ = bounce(time, &bounces)
            _ = bounce(time + ContactParameters.parked.draw(&others), &bounces)
        case "chatter":
            guard physics.contains(.chatter) else { return "nobody" }
            let end = time + ContactParameters.chatterLength.draw(&others)
            let rate = ContactParameters.chatterRate.draw(&others)
            var moment = time
            while moment < end {
                line.toggle(at: moment)
                line.toggle(at: moment + ContactParameters.chatterPulse.draw(&others))
                moment += 0.015 + others.exponential(1 / rate)
            }
        default:
            _ = bounce(time, &bounces)
            _ = bounce(time + hold, &bounces)
            return "plain"
        }
        return situation
    }
}
