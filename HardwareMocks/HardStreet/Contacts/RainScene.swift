import SensorCore

/// The tips of a rain gauge in showers.
struct RainScene {
    private let physics: HardPhysics
    private let stream: HardStream

    init(_ physics: HardPhysics, _ stream: HardStream) {
        self.physics = physics
        self.stream = stream
    }

    func make(duration: Double, from start: MonotonicInstant) -> HardScene {
        var scene = HardScene()
        var line = HardLine()
        var showers = stream.generator(.rain)
        var rate = ContactParameters.rainRate.draw(&showers)
        var changes = 300.0
        var time = 2.0
        var number = 0
        while true {
            if time > changes {
                rate = ContactParameters.rainRate.draw(&showers)
                changes += 300
            }
            // A bucket fills evenly but for drops.
            let end = time + max(1, 3600 * ContactParameters.millimetresPerTip / rate * showers.uniform(0.85, 1.15))
            guard end < duration - 10 else { break }
            var random = stream.generator(.leader, slot: number)
            var rebounds = stream.generator(.rebound, slot: number)
            let hold = ContactParameters.tipHold.draw(&random)
            let swing = (delay: ContactParameters.reboundDelay.draw(&rebounds), hold: ContactParameters.reboundHold.draw(&rebounds))
            let isRebound = rebounds.happens(ContactParameters.reboundShare) && physics.contains(.rebound)
            line.toggle(at: time)
            line.toggle(at: time + hold)
            if isRebound {
                let again = time + max(swing.delay, hold + 0.012)
                line.toggle(at: again)
                line.toggle(at: again + swing.hold)
            }
            let tag = isRebound ? "rebound" : "tip"
            scene.truth.append(HardPassage(instant: start.after(time), tag: tag))
            scene.situations.append(HardSituation(tag: tag, from: start.after(time), to: start.after(end)))
            time = end
            number += 1
        }
        scene.take([line], from: start)
        return scene
    }
}
