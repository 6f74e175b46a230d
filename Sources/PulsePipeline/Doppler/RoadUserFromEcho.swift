import Glibc
import SensorCore

/// What somebody is, by how fast they are, how pure their tone is and how far it is clear.
///
/// - Below `fastWalk` on foot, above `fastBike` with a motor.
/// - Between walking and cycling the purity tells: limbs that swing smear the tone of who walks or runs, a bicycle's is one line.
/// - Between cycling and driving the reach tells: a bicycle returns about a tenth of what a car does, so its tone is lost at about
///   half the distance. How far that is depends on the module and its amplifier, so the machine learns it from those whose speed
///   says what they are.
struct RoadUserFromEcho: Sendable {
    /// In m/s.
    static let fastWalk = 2.1
    static let fastBike = 9.5

    /// Of motor traffic, in m: a slow mean; until some have passed, what common modules reach.
    private var motorReach = 30.0
    private var motors = 0.0
    /// Of bicycles.
    private var bikeReach = 15.0
    private var bikes = 0.0

    mutating func judge(_ fit: PassFit) -> RoadUserClass {
        if fit.speed < Self.fastWalk { return .pedestrian }
        if fit.speed > Self.fastBike {
            // A tone that is clear as far as anybody looks reaches at least so far.
            if !fit.isToneOpen || fit.tone > PassFitting.sight - 3 { learn(&motorReach, &motors, fit.tone) }
            return .motor
        }
        if fit.speed < 4.2 {
            // Pure: 1; smeared: 0. The faster, the less likely on foot.
            let purity = fit.lock - 0.7 * fit.residual
            return purity + 0.25 * (fit.speed - 2.8) > 0.15 ? .bike : .pedestrian
        }
        if fit.speed < 5, !fit.isToneOpen { learn(&bikeReach, &bikes, fit.tone) }
        // Where both reach equally far, the speed says the rest; and several points of one body, at their own distances, make a tone
        // less pure than one does.
        let middle = 1.15 * (motorReach * max(bikeReach, 6)).squareRoot()
        var leaning = 0.8 * (fit.speed - 6.6) + 4 * (0.72 - fit.lock)
        if !fit.isToneOpen || fit.tone > middle { leaning += 6 * log(max(fit.tone, 8) / middle) }
        return leaning > 0 ? .motor : .bike
    }

    private func learn(_ mean: inout Double, _ count: inout Double, _ value: Double) {
        count = min(count + 1, 50)
        // What is taken for granted at first counts as five.
        mean += (max(value, 4) - mean) / (count + 5)
    }
}
