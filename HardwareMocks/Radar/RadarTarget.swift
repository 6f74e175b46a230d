import Glibc
import SensorCore

/// A road user before the radar: its reflecting points and its way.
///
/// Cross sections are of the order that is measured at 24 and 77 GHz: cars 5 to 30 m², lorries up to 100 m², bicycles 1 to 3 m²,
/// people 0.3 to 1 m².
struct RadarTarget {
    var user: RoadUser
    var scatterers: [RadarScatterer]
    /// Its distance from the module when abreast, along the ground.
    var offset: Double
    /// When its front is abreast, in s since the street's start.
    var abreast: Double
    /// From where on, and until where, it is worth adding, in m along the road: far beyond what can be seen.
    static let sight = 70.0

    var begins: Double { abreast - (user.direction == .forward ? Self.sight : 15) / user.speed }
    var ends: Double { abreast + ((user.direction == .forward ? 15 : Self.sight) + length) / user.speed }
    let length: Double

    init(_ user: RoadUser, offset: Double, _ random: inout SeededGenerator) {
        self.user = user
        self.offset = offset
        abreast = user.arrival
        var points: [RadarScatterer] = []
        func add(_ behind: Double, _ beside: Double, _ section: Double, _ face: RadarScatterer.Face, _ random: inout SeededGenerator) {
            points.append(
                RadarScatterer(
                    behind: behind, beside: beside, amplitude: section.squareRoot(), face: face, phase: random.uniform(0, 1)))
        }
        switch user.roadUser {
        case .pedestrian:
            length = 0.4
            let section = random.uniform(0.35, 0.9)
            let step = 0.45 + 0.35 * user.speed
            add(0.2, 0, 0.6 * section, .everywhere, &random)
            points[0].swing = 0.01
            points[0].swingRate = 2 * step
            for limb in 0..<4 {
                add(0.2, limb < 2 ? 0.1 : 0.25, 0.1 * section, .everywhere, &random)
                points[limb + 1].swing = (limb < 2 ? 0.9 : 0.4) * user.speed / (2 * .pi * step)
                points[limb + 1].swingRate = step
                points[limb + 1].phase = limb % 2 == 0 ? 0.1 : 0.6
            }
        case .bike:
            length = 1.8
            let section = random.uniform(0.8, 2.5)
            add(0.9, 0, 0.5 * section, .everywhere, &random)
            add(0.3, 0, 0.2 * section, .everywhere, &random)
            add(1.4, 0, 0.2 * section, .everywhere, &random)
            add(0.9, 0.15, 0.1 * section, .everywhere, &random)
            points[3].swing = 0.17
            points[3].swingRate = 1.1
        default:
            length = user.length
            let section =
                switch user.roadUser {
                case .car: random.uniform(5, 30)
                case .van: random.uniform(8, 40)
                default: random.uniform(15, 100)
                }
            let half = user.roadUser == .lorry ? 1.2 : 0.85
            for side in [-1.0, 0, 1] {
                add(random.uniform(0, 0.5), side * half * 0.8, section * random.uniform(0.1, 0.6), .front, &random)
                add(length - random.uniform(0, 0.3), side * half * 0.8, section * random.uniform(0.1, 0.6), .rear, &random)
            }
            for axle in user.axles {
                add(0.8 + axle, -half, section * random.uniform(0.01, 0.06), .side, &random)
            }
        }
        scatterers = points
    }
}
