import Glibc
import SensorCore

/// What of a road user reflects, from where, and how it moves beside the body.
struct RadarPoint {
    enum Face { case front, rear, side, everywhere }
    enum Motion { case none, ankle(Int), knee(Int), arm(Int), pedal(Int) }

    /// Behind the front, beside the middle, above the road, in m.
    var behind: Double
    var beside: Double
    var height: Double
    /// Square root of the cross section in m².
    var amplitude: Double
    var face = Face.everywhere
    /// In turns.
    var phase: Double
    var motion = Motion.none
}

/// Somebody on the street before a radar.
struct RadarBody {
    var roadUser: RoadUserClass
    var isForward: Bool
    /// When its front is abreast, in s, and how fast then.
    var abreast: Double
    var speed: Double
    /// In m/s², within 3 s of being abreast.
    var acceleration = 0.0
    /// Of its middle from the module.
    var offset: Double
    var length: Double
    var points: [RadarPoint] = []
    var walker: Walker?
    var cadence = 0.0
    /// It is seen this long before and after.
    var sight: Double

    private static let changing = 3.0

    var begins: Double { abreast - sight }
    var ends: Double { abreast + sight }

    /// How far its front is past the module, in m; negative while it comes.
    func way(at time: Double) -> Double {
        let since = time - abreast
        let within = min(max(since, -Self.changing), Self.changing)
        let rest = since - within
        return speed * within + acceleration * within * within / 2 + (speed + acceleration * within) * rest
    }

    /// Where a point is: along the road before the module, beside and above it.
    func place(of point: RadarPoint, at time: Double) -> (x: Double, y: Double, height: Double) {
        let front = way(at: time)
        var along = front - point.behind
        var level = point.height
        let since = time - abreast
        switch point.motion {
        case .none: break
        case .ankle(let leg):
            if let walker {
                let ankle = walker.ankle(of: leg, at: since)
                along += ankle.x - walker.speed * since
                level = ankle.z
            }
        case .knee(let leg):
            if let walker {
                let knee = walker.knee(of: leg, at: since)
                along += knee.x - walker.speed * since
                level = knee.z
            }
        case .arm(let side):
            if let walker {
                let swing = 0.22 * sineOfTurns(since * walker.speed / walker.stride + 0.5 * Double(side))
                along += swing
            }
        case .pedal(let side):
            let turns = point.phase + cadence * since + 0.5 * Double(side)
            along += CycleParameters.crank * sineOfTurns(turns)
            level += CycleParameters.crank * sineOfTurns(turns + 0.25)
        }
        return (isForward ? -along : along, offset + point.beside, level)
    }

    /// How much of a point's amplitude the module sees, from its face.
    func share(of point: RadarPoint, along x: Double, range: Double) -> Double {
        let facing = (isForward ? x : -x) / range
        switch point.face {
        case .front: return facing > 0 ? facing.squareRoot() : 0.03
        case .rear: return facing < 0 ? (-facing).squareRoot() : 0.03
        case .side: return max(0, 1 - facing * facing).squareRoot()
        case .everywhere: return 1
        }
    }
}

extension RadarBody {
    /// - Parameter scatter: the stream for its points.
    mutating func reflect(_ physics: HardPhysics, _ scatter: inout SeededGenerator) {
        switch roadUser {
        case .pedestrian: reflectWalking(physics, &scatter)
        case .bike: reflectCycling(physics, &scatter)
        default: reflectDriving(physics, &scatter)
        }
    }

    private mutating func reflectWalking(_ physics: HardPhysics, _ random: inout SeededGenerator) {
        let section = RadarParameters.personSection.draw(&random)
        let height = RadarParameters.personHeight.draw(&random)
        let hasLimbs = physics.contains(.limbs)
        points = [
            RadarPoint(
                behind: length / 2, beside: 0, height: height, amplitude: (hasLimbs ? 0.55 * section : section).squareRoot(),
                phase: random.uniform(0, 1))
        ]
        guard hasLimbs else { return }
        let motions: [(RadarPoint.Motion, Double)] = [
            (.ankle(0), 0.05), (.ankle(1), 0.05), (.knee(0), 0.10), (.knee(1), 0.10), (.arm(0), 0.07), (.arm(1), 0.07),
        ]
        for (place, limb) in motions.enumerated() {
            points.append(
                RadarPoint(
                    behind: length / 2, beside: place % 2 == 0 ? 0.12 : -0.12, height: 1, amplitude: (limb.1 * section).squareRoot(),
                    phase: random.uniform(0, 1), motion: limb.0))
        }
    }

    private mutating func reflectCycling(_ physics: HardPhysics, _ random: inout SeededGenerator) {
        let section = RadarParameters.bikeSection.draw(&random)
        let places = physics.contains(.scatterers) ? [(0.9, 0.5), (0.35, 0.2), (1.45, 0.2)] : [(0.9, 1.0)]
        let left = physics.contains(.limbs) ? 0.85 : 1
        points = places.map { place, share in
            RadarPoint(
                behind: place, beside: 0, height: random.uniform(0.6, 1.2), amplitude: (left * share * section).squareRoot(),
                phase: random.uniform(0, 1))
        }
        guard physics.contains(.limbs) else { return }
        for side in 0..<2 {
            points.append(
                RadarPoint(
                    behind: 1.2, beside: side == 0 ? 0.12 : -0.12, height: 0.3, amplitude: (0.075 * section).squareRoot(),
                    phase: random.uniform(0, 1), motion: .pedal(side)))
        }
    }

    private mutating func reflectDriving(_ physics: HardPhysics, _ random: inout SeededGenerator) {
        let isHeavy = roadUser == .lorry
        let section = (isHeavy ? RadarParameters.lorrySection : RadarParameters.carSection).draw(&random)
        let levels = isHeavy ? RadarParameters.lorryHeight : RadarParameters.carHeight
        let half = isHeavy ? 1.2 : 0.85
        func add(_ behind: Double, _ beside: Double, _ share: Double, _ face: RadarPoint.Face, _ random: inout SeededGenerator) {
            points.append(
                RadarPoint(
                    behind: behind, beside: beside, height: levels.draw(&random), amplitude: (share * section).squareRoot(), face: face,
                    phase: random.uniform(0, 1)))
        }
        guard physics.contains(.scatterers) else {
            add(0.3, 0, 1, .everywhere, &random)
            return
        }
        // As Swerling's first case: many points with exponential cross sections.
        for place in 0..<6 {
            let beside = half * (Double(place) / 2.5 - 1)
            add(random.uniform(0, 0.8), beside, random.exponential(0.16), .front, &random)
            add(length - random.uniform(0, 0.5), beside, random.exponential(0.16), .rear, &random)
        }
        for _ in 0..<(isHeavy ? 6 : 4) { add(random.uniform(0.3, length - 0.3), -half, random.exponential(0.05), .side, &random) }
    }
}
