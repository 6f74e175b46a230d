import SensorCore

/// What somebody is, by how fast they are, how pure their tone is and how clear it is far away.
///
/// - Below `fastWalk` on foot, above `fastBike` with a motor.
/// - Between walking and cycling the purity tells: limbs that swing smear the tone of who walks or runs, a bicycle's is one line.
/// - Between cycling and driving the clarity far away tells: a bicycle returns about a tenth of what a car does, so its tone sinks
///   into the noise at about half the distance. How clear a tone is there depends on the module and its amplifier, so the machine
///   learns it from those whose speed says that they have a motor.
struct RoadUserFromEcho: Sendable {
    /// In m/s.
    static let fastWalk = 2.1
    static let fastBike = 9.5

    /// Of fast motor traffic's clarity far away the upper quartile; until some have passed, what common modules give.
    private var motorClarity = 0.82
    /// Below, a car is as lost far away as a bicycle, and its clarity there says nothing.
    private static let leastClarity = 0.6

    mutating func judge(_ fit: PassFit) -> RoadUserClass {
        if fit.speed < Self.fastWalk { return .pedestrian }
        if fit.speed > Self.fastBike {
            if let clarity = fit.farClarity { learn(clarity) }
            return .motor
        }
        if fit.speed < 4.2 {
            // Pure: 1; smeared: 0.
            let isPure = fit.lock - 0.7 * fit.residual > 0.45 - 0.03 * (fit.speed - 2.8)
            return isPure ? .bike : .pedestrian
        }
        // Several points of one body, at their own distances, make a tone less pure than one does.
        var leaning = max(-1, 0.8 * (fit.speed - 7)) + 4 * (0.72 - fit.lock)
        if let clarity = fit.farClarity, motorClarity > Self.leastClarity { leaning += 55 * (clarity - 0.945 * motorClarity) }
        return leaning > 0 ? .motor : .bike
    }

    /// One step towards the quartile for each (Robbins and Monro, Annals of Mathematical Statistics 22, 1951).
    private mutating func learn(_ clarity: Double) { motorClarity += 0.02 * (clarity > motorClarity ? 0.75 : -0.25) }
}
