import Glibc

/// A module on its pole: antenna, ground, amplifier and comparator, as drawn for a seed.
package struct RadarSite: Hashable, Sendable {
    package let module: RadarModule
    package let hasQuadrature: Bool
    /// Of the module above the road, in m.
    package let height: Double
    /// Of its axis against the road and below the horizon, in radians.
    package let azimuth: Double
    package let tilt: Double
    /// Of each lane's middle from the module, in m: of those who come, and of those who go away.
    package let lanes: [Double]
    /// One way, as a ratio of power.
    private let sideLobes: Double
    private let permittivity: Double
    private let roughness: Double
    private let isVertical: Bool
    private let hasGround: Bool
    let hysteresis: Double
    let gainImbalance: Double
    let phaseImbalance: Double
    let lowCut: Double
    let highCut: Double
    static let speedOfLight = 299_792_458.0

    package init(_ physics: HardPhysics, seed: UInt64, hasQuadrature: Bool) {
        self.init(physics, HardStream(seed: seed), hasQuadrature: hasQuadrature)
    }

    init(_ physics: HardPhysics, _ stream: HardStream, hasQuadrature: Bool) {
        var random = stream.generator(.site)
        let drawn = RadarModule.single[Int.random(in: 0..<RadarModule.single.count, using: &random)]
        module = !physics.contains(.antenna) ? .ideal : hasQuadrature ? .klc2 : drawn
        self.hasQuadrature = hasQuadrature
        height = RadarParameters.height.draw(&random)
        azimuth = RadarParameters.azimuth.draw(&random) * .pi / 180
        tilt = RadarParameters.tilt.draw(&random) * .pi / 180
        let near = RadarParameters.nearLane.draw(&random)
        lanes = physics.contains(.lanes) ? [near, near + RadarParameters.laneWidth] : [near]
        sideLobes = pow(10, -module.sideLobes.draw(&random) / 10)
        permittivity = RadarParameters.permittivity.draw(&random)
        roughness = RadarParameters.roughness.draw(&random)
        isVertical = random.happens(0.5)
        hasGround = physics.contains(.ground)
        hysteresis = RadarParameters.hysteresis.draw(&random)
        gainImbalance = RadarParameters.gainImbalance.draw(&random)
        phaseImbalance = RadarParameters.phaseImbalance.draw(&random) / 360
        let scale = module.carrier / 24.125e9
        lowCut = 10 * scale
        highCut = 3500 * scale
    }

    var setup: HardSetup {
        HardSetup(
            carrier: module.carrier, lanes: lanes, height: height - 0.65, azimuth: azimuth * 180 / .pi, secondLeads: false)
    }

    /// Samples per s: four in the fastest cycle.
    var rate: Double { 16_384 * module.carrier / 24.125e9 }
    package var wavelength: Double { Self.speedOfLight / module.carrier }

    /// What 1 m² gives on the axis in 10 m, against the noise's standard deviation. At the module's range it is 6 dB above the noise of a
    /// band of 1 kHz; two poles let 0.785 of their edge's frequency through.
    package var echo: Double {
        let atRange = (8 / (0.785 * highCut / 1000)).squareRoot()
        return atRange * module.range * module.range / 100
    }

    /// One way, as a ratio of power, which is the ratio of the echo's amplitude: half at half the width.
    package func gain(x: Double, y: Double, z: Double) -> Double {
        let range = (x * x + y * y + z * z).squareRoot()
        let across = 2 * (atan2(y, x) - azimuth) / (module.azimuthWidth * .pi / 180)
        let along = 2 * (asin(z / range) + tilt) / (module.elevationWidth * .pi / 180)
        return max(sideLobes, exp2(-(across * across + along * along)))
    }

    /// What a target's echo is multiplied with because of the road: twice the direct and the reflected way together, as a complex number.
    ///
    /// - Parameters:
    ///   - way: to the target, along the ground.
    ///   - target: its height.
    package func groundFactor(x: Double, y: Double, target: Double) -> (real: Double, imaginary: Double) {
        guard hasGround else { return (1, 0) }
        let flat = x * x + y * y
        let direct = (flat + (height - target) * (height - target)).squareRoot()
        let reflected = (flat + (height + target) * (height + target)).squareRoot()
        let share = (gain(x: x, y: y, z: -(height + target)) / gain(x: x, y: y, z: target - height)).squareRoot()
        let amount = share * reflection(sine: (height + target) / reflected)
        let turns = -(reflected - direct) / wavelength
        let real = 1 + amount * sineOfTurns(turns + 0.25)
        let imaginary = amount * sineOfTurns(turns)
        return (real * real - imaginary * imaginary, 2 * real * imaginary)
    }

    /// Fresnel's coefficient of the road at a grazing angle, less what its roughness scatters away (Ament's factor).
    package func reflection(sine: Double) -> Double {
        let root = (permittivity - 1 + sine * sine).squareRoot()
        let smooth = isVertical ? (permittivity * sine - root) / (permittivity * sine + root) : (sine - root) / (sine + root)
        let rough = 2 * .pi * roughness * sine / wavelength
        return smooth * exp(-2 * rough * rough)
    }
}
