import SensorCore

/// Who drives over two tubes, one situation after another.
struct TubeScene {
    private static let slot = 5.0
    private static let pause = 2.5
    private static let longestStop = 24.0

    private let physics: HardPhysics
    private let stream: HardStream
    /// Of the hits whose wave comes back, and of light axles that a tube misses.
    private let echoShare: Double
    private let missedShare: Double
    /// Beyond the near and the far lane, in m.
    private let beyond: [Double]

    init(_ physics: HardPhysics, _ stream: HardStream) {
        self.physics = physics
        self.stream = stream
        var random = stream.generator(.site)
        echoShare = TubeParameters.echoShare.draw(&random)
        missedShare = TubeParameters.missedLight.draw(&random)
        let near = TubeParameters.tubeBeyond.draw(&random)
        beyond = [near, max(1, near - RadarParameters.laneWidth)]
    }

    func make(duration: Double, from start: MonotonicInstant) -> HardScene {
        var scene = HardScene()
        scene.setup.spacing = TubeParameters.spacing
        var spans: [[ClosedRange<Double>]] = [[], []]
        var slots = stream.generator(.slot)
        var time = 1.0
        var number = 0
        while time + Self.slot + Self.longestStop < duration - 10 {
            let kind = slots.uniform(0, 1)
            let isStop = kind < TubeParameters.stopShare
            let isFollowed = !isStop && kind < TubeParameters.stopShare + TubeParameters.followerShare
            let isMet =
                !isStop && !isFollowed && kind < TubeParameters.stopShare + TubeParameters.followerShare + TubeParameters.meetingShare
            let (tag, vehicles) = vehicles(slot: number, at: time + 0.8, isStop: isStop, isFollowed: isFollowed, isMet: isMet)
            for (place, vehicle) in vehicles.enumerated() {
                let first = press(vehicle, slot: 4 * number + place, &spans)
                scene.truth.append(
                    HardPassage(
                        instant: start.after(first ?? vehicle.arrival), direction: vehicle.isForward ? .forward : .backward,
                        roadUser: vehicle.roadUser, speed: vehicle.speedInTheMiddle, tag: tag,
                        isAmbiguous: first == nil, isLone: vehicles.count == 1))
            }
            let end = time + Self.slot + (isStop ? Self.longestStop : 0) + slots.exponential(Self.pause)
            scene.situations.append(HardSituation(tag: tag, from: start.after(time), to: start.after(end)))
            time = end
            number += 1
        }
        scene.take(spans.map { HardLine(spans: $0) }, from: start)
        return scene
    }

    private func vehicles(slot: Int, at time: Double, isStop: Bool, isFollowed: Bool, isMet: Bool) -> (String, [TubeVehicle]) {
        var random = stream.generator(.leader, slot: slot)
        var moving = stream.generator(.acceleration, slot: slot)
        var leader = vehicle(random.happens(0.5), at: time, &random, &moving)
        var others = stream.generator(.others, slot: slot)
        if isStop, physics.contains(.stops), leader.roadUser != .bike {
            var stopping = stream.generator(.stop, slot: slot)
            leader.stop = (
                place: stopping.uniform(0.2, leader.length + TubeParameters.spacing - 0.2), pause: TubeParameters.stop.draw(&stopping)
            )
            // It needs some seconds to come to a stand.
            leader.arrival = time + 0.5
            return ("stop", [leader])
        }
        if isFollowed, physics.contains(.followers) {
            // Front to front, and at least 2 m from bumper to bumper.
            let headway = FleetParameters.followingHeadway.draw(&others)
            var follower = vehicle(leader.isForward, at: time, &others, &moving)
            follower.speed = leader.speed * others.normal(1, 0.03, within: 0.92...1.08)
            follower.arrival = time + max(headway, (leader.length + 1.8 + 2) / min(leader.speed, follower.speed))
            return ("follower", [leader, follower])
        }
        if isMet, physics.contains(.meetings) {
            let arrival = time + TubeParameters.meetingOffset.draw(&others)
            return ("meeting", [leader, vehicle(!leader.isForward, at: arrival, &others, &moving)])
        }
        return (leader.name, [leader])
    }

    private func vehicle(
        _ isForward: Bool, at arrival: Double, _ random: inout SeededGenerator, _ moving: inout SeededGenerator
    ) -> TubeVehicle {
        let kind = random.pick(FleetParameters.vehicles.map { ($0, $0.share) })
        let drawn = TubeVehicle(kind, isForward, at: arrival, &random, &moving)
        guard kind.isPlain || physics.contains(.fleet) else {
            // In its place what has the nearest speed: the streams go on as if it had come.
            var plain = random
            let substitute = kind.name.hasPrefix("bike") ? FleetParameters.vehicles[3] : FleetParameters.vehicles[0]
            var other = TubeVehicle(substitute, isForward, at: arrival, &plain, &moving)
            if !physics.contains(.acceleration) { other.acceleration = 0 }
            return other
        }
        var vehicle = drawn
        if !physics.contains(.acceleration) { vehicle.acceleration = 0 }
        return vehicle
    }

    /// Adds the hits of its axles; gives the first one's time, nil when none was felt.
    private func press(_ vehicle: TubeVehicle, slot: Int, _ spans: inout [[ClosedRange<Double>]]) -> Double? {
        var axles = stream.generator(.axles, slot: slot)
        var echoes = stream.generator(.echoes, slot: slot)
        var jitter = stream.generator(.jitter, slot: slot)
        var first: Double?
        for tube in 0..<2 {
            let input = vehicle.isForward ? tube : 1 - tube
            for (axle, offset) in vehicle.axles.enumerated() {
                let (moment, speed) = vehicle.passes(Double(tube) * TubeParameters.spacing + offset)
                let width = max(TubeParameters.pulse.draw(&axles), min(0.25, TubeParameters.contactPatch / max(0.1, speed)))
                let isLight = vehicle.lightAxles.contains(axle)
                let isMissed = axles.happens(isLight ? missedShare : TubeParameters.missedHeavy)
                let late = jitter.normal(0, TubeParameters.jitter)
                let comesBack = echoes.happens(echoShare)
                let echoWidth = echoes.uniform(0.004, 0.010)
                if isMissed, physics.contains(.missedAxles) { continue }
                let hit = moment + (physics.contains(.jitter) ? late : 0)
                spans[input].append(hit...hit + width)
                first = min(first ?? hit, hit)
                if comesBack, physics.contains(.echoes) {
                    let echo = hit + 2 * beyond[vehicle.isForward ? 0 : 1] / TubeParameters.soundSpeed
                    spans[input].append(echo...echo + echoWidth)
                }
            }
        }
        return first
    }
}
