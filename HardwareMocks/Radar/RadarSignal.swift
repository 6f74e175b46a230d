import Glibc

/// The module's two outputs, sample by sample: echoes, noise, hum, and the amplifier's band.
struct RadarSignal {
    static let speedOfLight = 299_792_458.0

    let rate: Double
    private let physics: RadarPhysics
    private let turnsPerMetre: Double
    private var random: SeededGenerator
    private var bands: (AmplifierBand, AmplifierBand)
    private var humPhase: Double
    private let axis: (x: Double, y: Double, z: Double)

    init(_ physics: RadarPhysics, rate: Double, seed: UInt64) {
        self.physics = physics
        self.rate = rate
        random = SeededGenerator(seed: seed)
        turnsPerMetre = 2 * physics.carrier / Self.speedOfLight
        let band = AmplifierBand(lowCut: physics.lowCut, highCut: physics.highCut, rate: rate)
        bands = (band, band)
        humPhase = random.uniform(0, 1)
        let azimuth = physics.azimuth * .pi / 180
        let tilt = physics.tilt * .pi / 180
        axis = (cos(tilt) * cos(azimuth), cos(tilt) * sin(azimuth), -sin(tilt))
    }

    /// Adds what a target sends back in `count` samples from `time` on.
    func add(
        _ target: RadarTarget, from time: Double, count: Int, _ first: UnsafeMutablePointer<Double>, _ second: UnsafeMutablePointer<Double>
    ) {
        for point in target.scatterers {
            // Amplitudes change slowly beside the phase.
            var begin = 0
            while begin < count {
                let end = min(count, begin + 32)
                let from = place(of: point, target, at: time + Double(begin) / rate)
                let to = place(of: point, target, at: time + Double(end) / rate)
                let amplitudeFrom = amplitude(of: point, target, from)
                let amplitudeTo = amplitude(of: point, target, to)
                if max(amplitudeFrom, amplitudeTo) > 0.003 {
                    // So does the frequency: a parabola through the phases of three moments is right to 1e-4 turns.
                    let half = place(of: point, target, at: time + Double(begin + end) / 2 / rate)
                    let (a, b, c) = (turns(from), turns(half), turns(to))
                    let count = Double(end - begin)
                    let bend = 2 * (a - 2 * b + c) / (count * count)
                    var phase = Turning(turns: point.phase + a, step: (4 * b - 3 * a - c) / count + bend, bend: 2 * bend)
                    var level = amplitudeFrom
                    let rise = (amplitudeTo - amplitudeFrom) / count
                    if physics.hasQuadrature {
                        let lag = physics.secondLeads ? 0.5 : 0
                        let other = Turning(turns: lag + physics.phaseImbalance / 360, step: 0, bend: 0)
                        let (c, s) = ((1 + physics.gainImbalance) * other.cosine, (1 + physics.gainImbalance) * other.sine)
                        for sample in begin..<end {
                            first[sample] += level * phase.cosine
                            second[sample] += level * (phase.sine * c + phase.cosine * s)
                            level += rise
                            phase.advance()
                        }
                    } else {
                        for sample in begin..<end {
                            first[sample] += level * phase.cosine
                            level += rise
                            phase.advance()
                        }
                    }
                }
                begin = end
            }
        }
    }

    /// Of the echo's phase: coming nearer turns it backwards, the sign makes it forwards.
    @inline(__always)
    private func turns(_ place: (x: Double, y: Double)) -> Double {
        -(place.x * place.x + place.y * place.y + physics.height * physics.height).squareRoot() * turnsPerMetre
    }

    /// Noise, hum and the amplifier, over what the targets gave.
    mutating func finish(count: Int, _ first: UnsafeMutablePointer<Double>, _ second: UnsafeMutablePointer<Double>) {
        // White noise that leaves the band with a deviation of 1.
        let level = bands.0.noiseGain
        for sample in 0..<count {
            humPhase += 100 / rate
            if humPhase >= 1 { humPhase -= 1 }
            let hum = physics.hum * (sineOfTurns(humPhase) + 0.3 * sineOfTurns(2 * humPhase + 0.2) + 0.15 * sineOfTurns(3 * humPhase + 0.4))
            let (one, other) = random.normals()
            first[sample] = bands.0.pass(first[sample] + hum + level * one)
            if physics.hasQuadrature { second[sample] = bands.1.pass(second[sample] + 0.8 * hum + level * other) }
        }
    }

    /// Along the road, from where the module stands, and beside it.
    @inline(__always)
    private func place(of point: RadarScatterer, _ target: RadarTarget, at time: Double) -> (x: Double, y: Double) {
        var way = target.user.speed * (time - target.abreast) - point.behind
        if point.swing > 0 { way += point.swing * sineOfTurns(point.phase + point.swingRate * (time - target.abreast)) }
        return (target.user.direction == .forward ? -way : way, target.offset + point.beside)
    }

    private func amplitude(of point: RadarScatterer, _ target: RadarTarget, _ place: (x: Double, y: Double)) -> Double {
        let z = -physics.height
        let range = (place.x * place.x + place.y * place.y + z * z).squareRoot()
        // Its own front looks to the module while it comes, its rear when it goes.
        let along = (target.user.direction == .forward ? place.x : -place.x) / range
        let share: Double =
            switch point.face {
            case .front: along > 0 ? along.squareRoot() : 0.03
            case .rear: along < 0 ? (-along).squareRoot() : 0.03
            case .side: (1 - along * along).squareRoot()
            case .everywhere: 1
            }
        return share * point.amplitude * physics.echo * 100 / (range * range) * gain(place, z, range)
    }

    /// One way, as a ratio of power, which is the ratio of the echo's amplitude: a Gaussian main lobe over side lobes.
    private func gain(_ place: (x: Double, y: Double), _ z: Double, _ range: Double) -> Double {
        let horizontal = atan2(place.y, place.x) - physics.azimuth * .pi / 180
        let vertical = asin(z / range) + physics.tilt * .pi / 180
        let across = 2 * horizontal * 180 / .pi / physics.beamWidth
        let along = 2 * vertical * 180 / .pi / physics.beamHeight
        return max(physics.sideLobes, exp2(-(across * across + along * along)))
    }
}

/// A phase that turns ever faster or slower, by rotation from sample to sample.
private struct Turning {
    var cosine: Double
    var sine: Double
    private var step: (cosine: Double, sine: Double)
    private let bend: (cosine: Double, sine: Double)

    /// In turns, turns per sample, and turns per sample squared.
    init(turns: Double, step: Double, bend: Double) {
        (cosine, sine) = (sineOfTurns(turns + 0.25), sineOfTurns(turns))
        self.step = (sineOfTurns(step + 0.25), sineOfTurns(step))
        self.bend = (sineOfTurns(bend + 0.25), sineOfTurns(bend))
    }

    @inline(__always)
    mutating func advance() {
        (cosine, sine) = (cosine * step.cosine - sine * step.sine, sine * step.cosine + cosine * step.sine)
        step = (step.cosine * bend.cosine - step.sine * bend.sine, step.sine * bend.cosine + step.cosine * bend.sine)
    }
}

/// One pole that takes the slow away, two that take the fast.
struct AmplifierBand {
    private let low: Double
    private let high: Double
    private var slow = 0.0
    private var once = 0.0
    private var twice = 0.0
    /// What white noise must have to leave with a deviation of 1.
    private(set) var noiseGain = 1.0

    init(lowCut: Double, highCut: Double, rate: Double) {
        low = 1 - exp(-2 * .pi * lowCut / rate)
        high = 1 - exp(-2 * .pi * highCut / rate)
        // The power of the impulse response.
        var probe = self
        var power = 0.0
        for sample in 0..<8192 {
            let out = probe.pass(sample == 0 ? 1 : 0)
            power += out * out
        }
        noiseGain = 1 / power.squareRoot()
    }

    @inline(__always)
    mutating func pass(_ value: Double) -> Double {
        slow += low * (value - slow)
        once += high * (value - slow - once)
        twice += high * (once - twice)
        return twice
    }
}

/// sin(2π · turns), to 1e-7: a street has a hundred million of them.
@inline(__always)
func sineOfTurns(_ turns: Double) -> Double {
    var x = turns - turns.rounded(.down)
    var sign = 1.0
    if x >= 0.5 {
        x -= 0.5
        sign = -1
    }
    if x > 0.25 { x = 0.5 - x }
    let a = x * 2 * .pi
    let s = a * a
    return sign * a * (1 + s * (-1 / 6.0 + s * (1 / 120.0 + s * (-1 / 5040.0 + s * (1 / 362_880.0 - s / 39_916_800.0)))))
}

extension SeededGenerator {
    /// Two independent numbers of a normal distribution (Marsaglia's polar method, SIAM Review 6, 1964).
    @inline(__always)
    mutating func normals() -> (Double, Double) {
        while true {
            let a = Double(Int64(bitPattern: next()) >> 11) * 0x1p-52
            let b = Double(Int64(bitPattern: next()) >> 11) * 0x1p-52
            let s = a * a + b * b
            if s > 0, s < 1 {
                let factor = (-2 * naturalLogarithm(s) / s).squareRoot()
                return (a * factor, b * factor)
            }
        }
    }
}
