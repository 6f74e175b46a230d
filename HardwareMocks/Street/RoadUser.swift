public import SensorCore

/// Somebody who passes a simulated sensor: how fast, which way, and what of them a sensor at wheel height can see.
public struct RoadUser: Hashable, Sendable {
    public var roadUser: RoadUserClass
    public var direction: PassageDirection
    /// In m/s.
    public var speed: Double
    /// When the front is at the first sensor of its way, in s since the street's start.
    public var arrival: Double
    /// What breaks a beam, in m behind the front, ascending.
    public var pieces: [ClosedRange<Double>]
    /// In m behind the first axle, ascending; empty for who has none.
    public var axles: [Double]
    /// Turns round before having passed: no passage.
    public var turnsBack = false

    /// In m.
    public var length: Double { max(pieces.last?.upperBound ?? 0, axles.last ?? 0) }
}

/// Draws road users with lengths and speeds as they occur: walking 1.35 m/s (Weidmann 1993), cycling about 18 km/h, motor
/// traffic at an urban 50 km/h; wheelbases within the classes of FHWA's Scheme F.
struct RoadUserMaker {
    func pedestrian(_ random: inout SeededGenerator) -> RoadUser {
        let depth = random.uniform(0.22, 0.45)
        var pieces = [0...depth]
        if random.uniform(0, 1) < 0.1 {
            // An arm before the body.
            let arm = random.uniform(0.08, 0.12)
            let gap = random.uniform(0.04, 0.12)
            pieces = [0...arm, arm + gap...arm + gap + min(depth, 0.19)]
        }
        let speed = random.uniform(0, 1) < 0.05 ? random.uniform(2.4, 3.6) : random.normal(1.35, 0.22, within: 0.7...2.0)
        return RoadUser(roadUser: .pedestrian, direction: .forward, speed: speed, arrival: 0, pieces: pieces, axles: [])
    }

    func bike(_ random: inout SeededGenerator) -> RoadUser {
        let isChild = random.uniform(0, 1) < 0.15
        let radius = isChild ? random.uniform(0.25, 0.28) : random.uniform(0.33, 0.35)
        let wheelbase = isChild ? random.uniform(0.8, 0.92) : random.uniform(1.0, 1.15)
        let speed = random.normal(isChild ? 3.6 : 5.0, isChild ? 0.7 : 1.1, within: 2.1...10)
        return RoadUser(
            roadUser: .bike, direction: .forward, speed: speed, arrival: 0,
            pieces: silhouette(radius: radius, wheelbase: wheelbase, &random), axles: [0, wheelbase])
    }

    /// A bicycle cut at the height of a beam: rims or whole wheels, what is between them, a bag behind.
    private func silhouette(radius: Double, wheelbase: Double, _ random: inout SeededGenerator) -> [ClosedRange<Double>] {
        let height = random.uniform(0.15, min(0.45, 1.6 * radius))
        let half = (radius * radius - (height - radius) * (height - radius)).squareRoot()
        let rim = random.uniform(0.05, 0.09)
        let isSolid = random.uniform(0, 1) < 0.5
        func wheel(_ hub: Double) -> [ClosedRange<Double>] {
            if isSolid || half < 2 * rim { return [hub - half...hub + half] }
            var pieces = [hub - half...hub - half + rim, hub + half - rim...hub + half]
            if abs(height - radius) < 0.05, half > 3 * rim { pieces.insert(hub - 0.03...hub + 0.03, at: 1) }
            return pieces
        }
        var pieces = wheel(half)
        let frameFrom = half + wheelbase * random.uniform(0.45, 0.55)
        let frameTo = frameFrom + random.uniform(0.08, 0.22)
        let rear = wheel(half + wheelbase)
        if random.uniform(0, 1) < 0.7, frameFrom > 2 * half + 0.03, frameTo < wheelbase - 0.03 { pieces.append(frameFrom...frameTo) }
        return pieces + rear
    }

    func motor(_ roadUser: RoadUserClass, _ random: inout SeededGenerator) -> RoadUser {
        let axles: [Double]
        switch roadUser {
        case .car:
            let base = random.uniform(2.3, 2.95)
            axles = random.uniform(0, 1) < 0.03 ? [0, base, base + random.uniform(2.7, 4.2)] : [0, base]
        case .van: axles = [0, random.uniform(3.15, 3.85)]
        default: axles = lorry(&random)
        }
        let mean = roadUser == .car ? 13.6 : roadUser == .van ? 13 : 12
        let speed = random.normal(mean, 1.8, within: 5...24)
        let body = -0.8...(axles.last ?? 0) + 0.9
        return RoadUser(
            roadUser: roadUser, direction: .forward, speed: speed, arrival: 0,
            pieces: [0...body.upperBound - body.lowerBound], axles: axles)
    }

    private func lorry(_ random: inout SeededGenerator) -> [Double] {
        switch random.uniform(0, 1) {
        case ..<0.4: return [0, random.uniform(4.05, 6.2)]
        case ..<0.65:
            let base = random.uniform(3.3, 5)
            return [0, base, base + random.uniform(1.25, 1.45)]
        case ..<0.8:
            let base = random.uniform(3.6, 4.5)
            let trailer = base + random.uniform(4.5, 5.5)
            return [0, base, trailer, trailer + random.uniform(1.3, 5)]
        default:
            let base = random.uniform(3.5, 3.9)
            let trailer = base + random.uniform(5, 6.2)
            return [0, base, trailer, trailer + 1.31, trailer + 2.62]
        }
    }
}

extension SeededGenerator {
    mutating func uniform(_ low: Double, _ high: Double) -> Double { Double.random(in: low...high, using: &self) }

    mutating func exponential(_ mean: Double) -> Double { -mean * naturalLogarithm(1 - Double.random(in: 0..<1, using: &self)) }

    mutating func normal(_ mean: Double, _ deviation: Double) -> Double {
        let radius = (-2 * naturalLogarithm(1 - Double.random(in: 0..<1, using: &self))).squareRoot()
        return mean + deviation * radius * sine(2 * .pi * Double.random(in: 0..<1, using: &self))
    }

    mutating func normal(_ mean: Double, _ deviation: Double, within range: ClosedRange<Double>) -> Double {
        for _ in 0..<20 {
            let value = normal(mean, deviation)
            if range.contains(value) { return value }
        }
        return min(max(mean, range.lowerBound), range.upperBound)
    }
}
