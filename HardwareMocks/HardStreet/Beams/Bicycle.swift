import Glibc

/// A bicycle, cut at a height by a beam of some width: rims, each spoke, hubs, tubes, chain ring, the rider's feet and what is drawn.
///
/// Time is in s since its front is at 0, places in m along the way.
package struct Bicycle: Hashable, Sendable {
    package struct Wheel: Hashable, Sendable {
        /// Of its hub behind the front.
        package var behind: Double
        package var radius: Double
        var rimDepth: Double
        var hub: Double
        package var spokes: Int
        var phase: Double
    }

    package let speed: Double
    package private(set) var wheels: [Wheel]
    package private(set) var length: Double
    /// Boxes and trailers' bodies, behind the front.
    private var solids: [ClosedRange<Double>] = []
    private var bracket: (behind: Double, height: Double, ring: Double) { (bracketBehind, bracketHeight, ring) }
    private let bracketBehind: Double
    private let bracketHeight: Double
    private let ring: Double
    private let crankPhase: Double
    private let cadence: Double
    private let isFine: Bool

    package init(speed: Double, seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        self.init(speed: speed, isFine: true, &random)
    }

    /// - Parameter isFine: with spokes, tubes and feet; otherwise wheels are discs, and there is a wall between them.
    init(speed: Double, isFine: Bool, isCargo: Bool = false, _ random: inout SeededGenerator) {
        self.speed = speed
        self.isFine = isFine
        let radius = CycleParameters.wheelRadius.draw(&random)
        let small = CycleParameters.smallWheelRadius.draw(&random)
        let front = isCargo ? small : radius
        let base = (isCargo ? CycleParameters.cargoWheelbase : CycleParameters.wheelbase).draw(&random)
        let rim = CycleParameters.rimDepth.draw(&random)
        let hub = CycleParameters.hubRadius.draw(&random)
        let spokes = CycleParameters.spokes[Int.random(in: 0..<CycleParameters.spokes.count, using: &random)]
        wheels = [
            Wheel(behind: front, radius: front, rimDepth: rim, hub: hub, spokes: spokes, phase: random.uniform(0, 1)),
            Wheel(behind: front + base, radius: radius, rimDepth: rim, hub: hub, spokes: spokes, phase: random.uniform(0, 1)),
        ]
        length = front + base + radius
        bracketBehind = front + base - CycleParameters.chainStay.draw(&random)
        bracketHeight = CycleParameters.bracketHeight.draw(&random)
        ring = CycleParameters.ringRadius.draw(&random)
        crankPhase = random.uniform(0, 1)
        let turning = CycleParameters.cadence.draw(&random)
        cadence = random.happens(CycleParameters.coastingShare) ? 0 : turning
        let box = CycleParameters.cargoBox.draw(&random)
        if isCargo { solids = [2 * front + 0.05...2 * front + 0.05 + box] }
    }

    mutating func addTrailer(_ random: inout SeededGenerator) {
        let radius = CycleParameters.smallWheelRadius.draw(&random)
        let hub = wheels[1].behind + CycleParameters.trailerAxle.draw(&random)
        let body = CycleParameters.trailerBody.draw(&random)
        wheels.append(
            Wheel(behind: hub, radius: radius, rimDepth: 0.05, hub: wheels[1].hub, spokes: 20, phase: random.uniform(0, 1)))
        solids.append(hub - 0.6 * body...hub + 0.4 * body)
        length = max(length, hub + radius, hub + 0.4 * body)
    }

    /// The share of a beam's light that is gone, 0 to 1.
    ///
    /// - Parameters:
    ///   - place: of the beam along the way.
    ///   - level: of the beam above the ground.
    ///   - width: of what the beam sees.
    package func cover(of place: Double, at time: Double, height level: Double, width: Double) -> Double {
        let behind = speed * time - place
        guard behind > -0.05, behind < length + 0.05 else { return 0 }
        var most = 0.0
        for solid in solids { most = max(most, Self.overlap(behind, solid.lowerBound, solid.upperBound, width)) }
        for wheel in wheels { most = max(most, cover(by: wheel, behind, time, level, width)) }
        guard isFine else {
            return max(most, Self.overlap(behind, bracketBehind - 0.15, bracketBehind + 0.15, width))
        }
        for solid in frame(at: time, level) { most = max(most, Self.overlap(behind, solid.lowerBound, solid.upperBound, width)) }
        return most
    }

    private func cover(by wheel: Wheel, _ behind: Double, _ time: Double, _ level: Double, _ width: Double) -> Double {
        let ahead = wheel.behind - behind
        let above = level - wheel.radius
        guard ahead.magnitude < wheel.radius + width else { return 0 }
        let distance = (ahead * ahead + above * above).squareRoot()
        if !isFine { return Self.overlap(distance, -1, wheel.radius, width) }
        var most = max(
            Self.overlap(distance, wheel.radius - wheel.rimDepth, wheel.radius, width), Self.overlap(distance, -1, wheel.hub, width))
        guard distance < wheel.radius - wheel.rimDepth + width, distance > wheel.hub else { return most }
        // The nearest spoke of a wheel that rolls forwards.
        let step = 1 / Double(wheel.spokes)
        let turned = atan2(above, ahead) / (2 * .pi) - (wheel.phase - speed * time / (2 * .pi * wheel.radius))
        let between = turned - (turned / step).rounded() * step
        let half = CycleParameters.spokeThickness / 2
        most = max(most, Self.overlap(distance * sin(2 * .pi * between), -half, half, width))
        return most
    }

    /// Tubes, chain ring and feet at the height, behind the front.
    private func frame(at time: Double, _ level: Double) -> [ClosedRange<Double>] {
        var solids: [ClosedRange<Double>] = []
        let above = level - bracketHeight
        if above.magnitude < ring {
            let half = (ring * ring - above * above).squareRoot()
            solids.append(bracketBehind - half...bracketBehind + half)
        }
        if above > 0 {
            // Down tube at 45 degrees, seat tube at 73.
            let down = bracketBehind - above
            let seat = bracketBehind + 0.31 * above
            solids.append(down - 0.7 * CycleParameters.tube...down + 0.7 * CycleParameters.tube)
            solids.append(seat - 0.5 * CycleParameters.tube...seat + 0.5 * CycleParameters.tube)
        }
        for foot in 0..<2 {
            let angle = 2 * .pi * (crankPhase + 0.5 * Double(foot) - cadence * time)
            let pedal = (
                behind: bracketBehind - CycleParameters.crank * cos(angle), height: bracketHeight + CycleParameters.crank * sin(angle)
            )
            if level > pedal.height + 0.09 {
                solids.append(pedal.behind + 0.04...pedal.behind + 0.16)
            } else if level > pedal.height - 0.02 {
                solids.append(pedal.behind - 0.10...pedal.behind + 0.17)
            }
        }
        return solids
    }

    /// How much of a width around a point lies between two others.
    private static func overlap(_ point: Double, _ low: Double, _ high: Double, _ width: Double) -> Double {
        let from = max(low, point - width / 2)
        let to = min(high, point + width / 2)
        return max(0, to - from) / width
    }
}
