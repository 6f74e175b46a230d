import SensorCore

/// Two light beams across a path, and who may pass them.
public struct BeamGeometry: Hashable, Sendable {
    /// From the first beam to the second along the path, in m; above 0.
    public var spacing: Double
    /// How much longer a beam sees a body than the body is, in m: the width of the beam; at least 0.
    public var detectionLength: Double
    /// In m/s: slower and faster passages are not looked for.
    public var slowest: Double
    public var fastest: Double
    /// A beam that stays broken for longer is dirty or blocked, in s.
    public var stallLimit: Double

    public init(
        spacing: Double, detectionLength: Double = 0, slowest: Double = 0.3, fastest: Double = 15, stallLimit: Double = 10
    ) {
        self.spacing = spacing
        self.detectionLength = detectionLength
        self.slowest = slowest
        self.fastest = fastest
        self.stallLimit = stallLimit
    }

    /// From the first beam to the second, in s.
    var shortestShift: Double { spacing / fastest }
    var longestShift: Double { spacing / slowest }
    /// What somebody who walks slowly takes from the first beam to the second, in s.
    var patience: Double { spacing / 0.6 }
}

/// What passes light beams, by speed and silhouette, and how unusual that is.
///
/// Walking is about 1.35 m/s (Weidmann 1993) and running up to 5 m/s; a body is 0.2 to 0.5 m from front to back, a bicycle 1.3 to
/// 2.2 m, with a carrier or trailer up to 2.9 m. At wheel height a bicycle breaks a beam two or more times, with less than
/// 0.8 m between. One solid body of bicycle length at walking pace is not a bicycle: two people, a pram, a wheelchair.
struct BeamSilhouette {
    var roadUser: RoadUserClass
    /// -ln of how usual it is, up to a constant.
    var cost: Double

    /// - Parameters:
    ///   - speed: in m/s.
    ///   - length: in m, detection length taken off.
    ///   - pieces: how many times the beam was broken.
    ///   - widestGap: between them, in m.
    ///   - firstPiece, lastPiece: their lengths in m.
    init(speed: Double, length: Double, pieces: Int, widestGap: Double, firstPiece: Double, lastPiece: Double) {
        var bike = Self.bikeCost(speed, length, pieces, widestGap)
        if pieces > 1, firstPiece > 0.12 { bike += Self.wheelCost(firstPiece, lastPiece) }
        let pedestrian =
            Self.pedestrianCost(speed, length, pieces, widestGap) + Self.beyond(max(firstPiece, lastPiece), 0.16...9, by: 0.04)
        let other = Self.otherCost(length, widestGap) + 3 * Double(pieces - 1)
        if bike <= pedestrian && bike <= other {
            self.init(roadUser: .bike, cost: bike)
        } else if pedestrian <= other {
            self.init(roadUser: .pedestrian, cost: pedestrian)
        } else {
            self.init(roadUser: .unclassified, cost: other)
        }
    }

    private init(roadUser: RoadUserClass, cost: Double) {
        self.roadUser = roadUser
        self.cost = cost
    }

    private static func bikeCost(_ speed: Double, _ length: Double, _ pieces: Int, _ gap: Double) -> Double {
        var cost = deviationCost(speed - 5, 2) + beyond(length, 1.25...2.2, by: 0.08)
        if pieces == 1 { cost += 1 }
        // Pushed, or two people one behind the other: only spokes and rims tell.
        if speed < 2 { cost += 3 * (2 - speed) + (pieces < 3 ? 3 : 0) }
        return cost + beyond(gap, 0...0.7, by: 0.1)
    }

    /// Both wheels are of one size, and a beam cuts a chord of 0.4 to 0.7 m out of each, or its rims.
    private static func wheelCost(_ first: Double, _ last: Double) -> Double {
        let unequal = last > 0.12 ? 0.5 * deviationCost(last - first, 0.03) : 0
        let rear = last > 0.12 ? beyond(last, 0.42...0.72, by: 0.03) : 0
        return min(5, beyond(first, 0.42...0.72, by: 0.03) + rear + unequal)
    }

    private static func pedestrianCost(_ speed: Double, _ length: Double, _ pieces: Int, _ gap: Double) -> Double {
        let walking = 1.5 * deviationCost(speed - 1.35, speed < 1.35 ? 0.45 : 0.6)
        let running = 1.2 + deviationCost(speed - 3, 0.8)
        var cost = min(walking, running) + beyond(length, 0.18...0.5, by: 0.06)
        cost += 0.8 * Double(pieces - 1) + beyond(gap, 0...0.25, by: 0.06)
        if speed > 4.5 { cost += 3 * (speed - 4.5) }
        return cost
    }

    private static func otherCost(_ length: Double, _ gap: Double) -> Double { 5.5 + beyond(length, 0.3...2.7, by: 0.1) + 10 * gap }

    /// How far a value lies outside of the usual, as the square of so many steps, but not without end.
    private static func beyond(_ value: Double, _ usual: ClosedRange<Double>, by step: Double) -> Double {
        let distance = max(0, usual.lowerBound - value, value - usual.upperBound) / step
        return min(9, 0.5 * distance * distance)
    }
}
