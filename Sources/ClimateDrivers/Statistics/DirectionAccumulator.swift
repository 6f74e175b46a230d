import Glibc

/// Sums up directions in degrees: the mean of 350 and 10 is 0.
///
/// Mean and standard deviation by the mean vector (Mardia and Jupp, Directional Statistics, 2000, §2.2.1 and §2.3.1): the
/// deviation is √(−2 ln R), with R the vector's length. Minimum and maximum are the ends of the arc that was swept,
/// clockwise from the one to the other, as long as it stays within half a circle of the first reading.
struct DirectionAccumulator: Hashable, Sendable {
    private var east = 0.0
    private var north = 0.0
    private var first: Double?
    private var furthestLeft = 0.0
    private var furthestRight = 0.0

    mutating func add(_ degrees: Double) {
        east += sin(degrees * .pi / 180)
        north += cos(degrees * .pi / 180)
        guard let first else {
            self.first = degrees
            return
        }
        let turn = Self.normal(degrees - first + 180) - 180
        furthestLeft = min(furthestLeft, turn)
        furthestRight = max(furthestRight, turn)
    }

    /// nil when the directions cancel out, so that none is their mean.
    func mean(of count: UInt32) -> Double? {
        guard length(of: count) > 1e-9 else { return nil }
        return Self.normal(atan2(east, north) * 180 / .pi)
    }

    func standardDeviation(of count: UInt32) -> Double {
        (-2 * log(min(1, max(length(of: count), 1e-9)))).squareRoot() * 180 / .pi
    }

    var minimum: Double { Self.normal((first ?? 0) + furthestLeft) }
    var maximum: Double { Self.normal((first ?? 0) + furthestRight) }

    private func length(of count: UInt32) -> Double { (east * east + north * north).squareRoot() / Double(max(1, count)) }

    /// 0 up to 360.
    private static func normal(_ degrees: Double) -> Double {
        let rest = degrees.truncatingRemainder(dividingBy: 360)
        let turned = rest < 0 ? rest + 360 : rest
        // −1e-20 becomes 360.
        return turned >= 360 ? 0 : turned
    }
}
