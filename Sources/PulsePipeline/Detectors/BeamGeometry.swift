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
}

/// What passes light beams, by speed and silhouette.
///
/// Walking is 0.5 to 2.2 m/s and running up to 5 m/s; a body is 0.2 to 0.7 m from front to back, a bicycle 1.2 to 2.2 m,
/// with a carrier or trailer up to 2.7 m. At wheel height a bicycle breaks a beam two or more times, with less than 0.8 m
/// between. One solid body of bicycle length at walking pace is not a bicycle: two people, a pram, a wheelchair.
struct BeamSilhouette {
    var roadUser: RoadUserClass
    /// 0 for what is seen every day, above 3 for what there may be a better reading of.
    var cost: Double
    var isUncertain = false

    /// - Parameters:
    ///   - length: in m, detection length taken off.
    ///   - pieces: how many times the beam was broken.
    init(speed: Double, length: Double, pieces: Int) {
        if length >= 1.0 {
            let isBike = pieces > 1 ? speed >= 0.9 : speed >= 2.2
            guard isBike else {
                self.init(.unclassified, cost: 2.5, isUncertain: true)
                return
            }
            var cost = length < 1.2 ? 1 : 0.0
            if length > 2.7 { cost += 3 }
            if speed > 12 { cost += 3 }
            if pieces == 1 { cost += 1.5 }
            self.init(.bike, cost: cost)
            return
        }
        guard speed < 5.5 else {
            // A wheel alone, perhaps: its rider was not seen.
            self.init(speed < 12 ? .bike : .unclassified, cost: 5, isUncertain: true)
            return
        }
        var cost = speed > 2.4 ? 0.5 + (speed - 2.4) : 0
        if speed < 0.45 { cost += 2 }
        if length > 0.75 { cost += 2 } else if length < 0.06 { cost += 4 } else if length < 0.14 { cost += 1.5 }
        self.init(.pedestrian, cost: cost)
    }

    private init(_ roadUser: RoadUserClass, cost: Double, isUncertain: Bool = false) {
        self.roadUser = roadUser
        self.cost = cost
        self.isUncertain = isUncertain
    }
}
