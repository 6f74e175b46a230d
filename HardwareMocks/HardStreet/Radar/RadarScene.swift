import SensorCore

/// Who passes a radar, one situation after another.
struct RadarScene {
    private static let pause = 3.0
    private let physics: HardPhysics
    private let stream: HardStream
    private let site: RadarSite

    init(_ physics: HardPhysics, _ stream: HardStream, _ site: RadarSite) {
        self.physics = physics
        self.stream = stream
        self.site = site
    }

    func make(duration: Double, from start: MonotonicInstant) -> (HardScene, [RadarBody]) {
        var scene = HardScene()
        scene.setup = site.setup
        var all: [RadarBody] = []
        var slots = stream.generator(.slot)
        var time = 5.0
        var number = 0
        while true {
            let kind = slots.pick(RadarParameters.shares.map { ($0.kind, $0.share) })
            let half = kind == "walker" ? 13.0 : kind == "bike" || kind == "meeting" ? 9 : 6.5
            guard time + 2 * half + 1.5 < duration - 20 else { break }
            let (tag, bodies) = bodies(kind, slot: number, at: time + half, sight: half)
            for body in bodies {
                scene.truth.append(
                    HardPassage(
                        instant: start.after(body.abreast), direction: body.isForward ? .forward : .backward,
                        roadUser: body.roadUser == .pedestrian || body.roadUser == .bike ? body.roadUser : .motor, speed: body.speed,
                        tag: tag, isLone: bodies.count == 1))
            }
            all += bodies
            let end = time + 2 * half + 1.5 + slots.exponential(Self.pause)
            scene.situations.append(HardSituation(tag: tag, from: start.after(time), to: start.after(end)))
            time = end
            number += 1
        }
        return (scene, all.sorted { $0.begins < $1.begins })
    }

    private func bodies(_ kind: String, slot: Int, at time: Double, sight: Double) -> (String, [RadarBody]) {
        var random = stream.generator(.leader, slot: slot)
        var others = stream.generator(.others, slot: slot)
        let isForward = random.happens(0.5)
        let isMixed = kind == "following" || kind == "meeting"
        let leading = isMixed ? "car" : kind
        let leader = body(leading, isForward, at: time, sight: sight, slot: 2 * slot, &random)
        if kind == "following", physics.contains(.followers) {
            var follower = body("car", isForward, at: time, sight: sight, slot: 2 * slot + 1, &others)
            follower.speed = leader.speed * others.normal(1, 0.03, within: 0.92...1.08)
            let headway = FleetParameters.followingHeadway.draw(&others)
            follower.abreast = time + max(headway, (leader.length + 2) / min(leader.speed, follower.speed))
            return (kind, [leader, follower])
        }
        if kind == "meeting", physics.contains(.meetings) {
            let who = others.pick([("car", 0.5), ("bike", 0.35), ("lorry", 0.15)])
            let arrival = time + RadarParameters.meetingOffset.draw(&others)
            return (kind, [leader, body(who, !isForward, at: arrival, sight: sight, slot: 2 * slot + 1, &others)])
        }
        return (leading, [leader])
    }

    private func body(
        _ kind: String, _ isForward: Bool, at abreast: Double, sight: Double, slot: Int, _ random: inout SeededGenerator
    ) -> RadarBody {
        var sideways = stream.generator(.lane, slot: slot)
        var moving = stream.generator(.acceleration, slot: slot)
        var scatter = stream.generator(.scatter, slot: slot)
        var walking = stream.generator(.limbs, slot: slot)
        let lane = (isForward ? site.lanes.first : site.lanes.last) ?? 4
        let spread = sideways.uniform(-RadarParameters.lateralSpread, RadarParameters.lateralSpread)
        let roadUser: RoadUserClass = kind == "walker" ? .pedestrian : kind == "bike" ? .bike : kind == "lorry" ? .lorry : .car
        let speed: Double
        let length: Double
        let change: Spread
        switch roadUser {
        case .pedestrian: (speed, length, change) = (GaitParameters.walkingSpeed.draw(&random), 0.3, .uniform(0, 0))
        case .bike: (speed, length, change) = (CycleParameters.ownSpeed(&random), 1.75, FleetParameters.cyclingAcceleration)
        case .lorry:
            (speed, length, change) = (
                FleetParameters.heavySpeed.draw(&random), random.uniform(7, 16.5), FleetParameters.heavyAcceleration
            )
        default: (speed, length, change) = (FleetParameters.speed.draw(&random), random.uniform(3.7, 4.9), FleetParameters.acceleration)
        }
        var body = RadarBody(
            roadUser: roadUser, isForward: isForward, abreast: abreast, speed: speed,
            offset: max(1, lane + (physics.contains(.lateral) ? spread : 0)), length: length, sight: sight)
        // Nobody comes to a stand.
        let most = max(0, speed - 2.5) / 3
        if physics.contains(.acceleration) { body.acceleration = min(max(change.draw(&moving), -most), most) }
        if roadUser == .pedestrian { body.walker = Walker(speed: speed, isRigid: false, &walking) }
        let turning = CycleParameters.cadence.draw(&walking)
        body.cadence = walking.happens(CycleParameters.coastingShare) ? 0 : turning
        body.reflect(physics, &scatter)
        return body
    }
}
