import SensorCore

/// Who comes to two beams, one situation after another.
struct BeamScene {
    /// Nobody needs longer than this, from `lead` before the hip or the front is at the first beam.
    private static let slot = 7.5
    private static let lead = 2.5
    private static let pause = 1.5

    private let physics: HardPhysics
    private let stream: HardStream
    private let site: BeamSite

    init(_ physics: HardPhysics, _ stream: HardStream) {
        self.physics = physics
        self.stream = stream
        site = BeamSite(physics, stream)
    }

    func make(duration: Double, from start: MonotonicInstant) -> HardScene {
        var scene = HardScene()
        scene.setup.spacing = BeamParameters.spacing
        var spans: [[ClosedRange<Double>]] = [[], []]
        var slots = stream.generator(.slot)
        var time = 1.0
        var number = 0
        while time + Self.slot < duration - 10 {
            let situation = slots.pick(BeamParameters.shares.map { ($0.situation, $0.share) })
            let (tag, users) = users(situation, slot: number, at: time + Self.lead)
            var jitter = stream.generator(.jitter, slot: number)
            for user in users {
                var first = Double.infinity
                for beam in 0..<2 {
                    var dark = user.darkness(of: beam, at: site)
                    if physics.contains(.jitter) {
                        dark = dark.map { span in
                            let from = span.lowerBound + jitter.normal(0, BeamParameters.jitter)
                            return from...max(from, span.upperBound + jitter.normal(0, BeamParameters.jitter))
                        }
                    }
                    first = min(first, dark.first?.lowerBound ?? .infinity)
                    spans[beam] += dark
                }
                let isWheeled = if case .bicycle = user.body { true } else { false }
                scene.truth.append(
                    HardPassage(
                        instant: start.after(first.isFinite ? first : user.arrival), direction: user.isForward ? .forward : .backward,
                        roadUser: isWheeled ? .bike : .pedestrian, speed: user.speed, tag: tag,
                        isAmbiguous: user.isAmbiguous || !first.isFinite, isLone: users.count == 1))
            }
            let end = time + Self.slot + slots.exponential(Self.pause)
            scene.situations.append(HardSituation(tag: tag, from: start.after(time), to: start.after(end)))
            time = end
            number += 1
        }
        scene.take(spans.map { HardLine(spans: $0) }, from: start)
        return scene
    }

    /// Whoever leads is the same with and without the others.
    private func users(_ situation: String, slot: Int, at time: Double) -> (tag: String, users: [BeamUser]) {
        var random = stream.generator(.leader, slot: slot)
        let isForward = random.happens(0.5)
        let beside = random.uniform(-BeamParameters.halfWidth, BeamParameters.halfWidth)
        let isWheeled = ["bike", "cargo-bike", "bike-trailer", "group-bikes"].contains(situation)
        let hasLoad = physics.contains(.loads)
        var leader: BeamUser
        if isWheeled {
            leader = rider(isCargo: hasLoad && situation == "cargo-bike", isForward, beside, at: time, nil, &random)
        } else {
            leader = walker(isForward, beside, at: time, nil, &random)
        }
        var others = stream.generator(.others, slot: slot)
        var load = stream.generator(.load, slot: slot)
        switch situation {
        case "cargo-bike" where hasLoad: return (situation, [leader])
        case "bike-trailer" where hasLoad:
            if case .bicycle(var bicycle) = leader.body {
                bicycle.addTrailer(&load)
                leader.body = .bicycle(bicycle)
            }
            return (situation, [leader])
        case "pram" where hasLoad:
            let gap = CycleParameters.pramGap.draw(&load) + 0.15
            leader.solids = [gap...gap + CycleParameters.pram.draw(&load)]
            return (situation, [leader])
        case "dog" where hasLoad:
            let place = CycleParameters.dogPlace.draw(&load)
            let half = CycleParameters.dog.draw(&load) / 2
            leader.solids = [place - half...place + half]
            return (situation, [leader])
        case "group-walkers" where physics.contains(.groups), "group-bikes" where physics.contains(.groups):
            var users = [leader]
            for _ in 0..<(others.happens(0.3) ? 2 : 1) {
                let before = users[users.count - 1]
                var gap = BeamParameters.groupGap.draw(&others)
                // Nobody rides into the one before.
                if case .bicycle(let bicycle) = before.body { gap = max(gap, (bicycle.length + 0.15) / bicycle.speed) }
                let speed = leader.speed
                let place = others.uniform(-BeamParameters.halfWidth, BeamParameters.halfWidth)
                users.append(
                    isWheeled
                        ? rider(isCargo: false, isForward, place, at: before.arrival + gap, speed, &others)
                        : walker(isForward, place, at: before.arrival + gap, speed, &others))
            }
            return (situation, users)
        case "abreast" where physics.contains(.abreast):
            let lead = BeamParameters.abreastLead.draw(&others)
            var friend = walker(isForward, others.uniform(-1, 1), at: time + lead / leader.speed, leader.speed, &others)
            friend.isAmbiguous = true
            return (situation, [leader, friend])
        case "meeting-walkers" where physics.contains(.meetings), "meeting-mixed" where physics.contains(.meetings):
            let arrival = time + BeamParameters.meetingOffset.draw(&others)
            let place = others.uniform(-BeamParameters.halfWidth, BeamParameters.halfWidth)
            let other =
                situation == "meeting-mixed"
                ? rider(isCargo: false, !isForward, place, at: arrival, nil, &others)
                : walker(!isForward, place, at: arrival, nil, &others)
            return (situation, [leader, other])
        default: return (isWheeled ? "bike" : "walker", [leader])
        }
    }

    private func walker(
        _ isForward: Bool, _ beside: Double, at arrival: Double, _ speed: Double?, _ random: inout SeededGenerator
    ) -> BeamUser {
        let isRunning = random.happens(GaitParameters.runnersShare)
        let own = GaitParameters.walkingSpeed.draw(&random)
        let fast = GaitParameters.runningSpeed.draw(&random)
        let walker = Walker(speed: speed ?? (isRunning ? fast : own), isRigid: !physics.contains(.legs), &random)
        return BeamUser(body: .walker(walker), isForward: isForward, arrival: arrival, beside: beside)
    }

    private func rider(
        isCargo: Bool, _ isForward: Bool, _ beside: Double, at arrival: Double, _ speed: Double?, _ random: inout SeededGenerator
    ) -> BeamUser {
        let own = CycleParameters.ownSpeed(&random)
        let bicycle = Bicycle(speed: speed ?? own, isFine: physics.contains(.spokes), isCargo: isCargo, &random)
        return BeamUser(body: .bicycle(bicycle), isForward: isForward, arrival: arrival, beside: beside)
    }
}

extension CycleParameters {
    /// Of one rider, with or without a motor.
    static func ownSpeed(_ random: inout SeededGenerator) -> Double {
        let base = speed.draw(&random)
        let kind = random.uniform(0, 1)
        if kind < speedPedelec.share { return base + speedPedelec.faster }
        return kind < speedPedelec.share + pedelec.share ? base + pedelec.faster : base
    }
}
