import Glibc
import SensorCore

/// The module's outputs, sample by sample, through the amplifier to the comparator's edges; a stretch at a time.
struct HardRadarSignal {
    private static let stretch = 1024
    private static let step = 32

    private let site: RadarSite
    private let physics: HardPhysics
    private let start: MonotonicInstant
    private let duration: Double
    private let clutter: RadarClutter
    private var bodies: [RadarBody]
    private var specks: [RadarClutter.Speck] = []
    private var bands: (AmplifierBand, AmplifierBand)
    private var comparators = [Comparator(), Comparator()]
    private var noise: SeededGenerator
    private var drifting: SeededGenerator
    private var threshold = (0.0, 0.0)
    private let flicker: (amplitude: Double, phase: Double)
    private var number = 0
    private let echo: Double
    private let rate: Double
    private let turnsPerMetre: Double

    private struct Comparator {
        var isHigh = false
        var last = 0.0
        var number: UInt32 = 0
    }

    init(
        _ site: RadarSite, _ bodies: [RadarBody], _ physics: HardPhysics, _ stream: HardStream, from start: MonotonicInstant,
        duration: Double
    ) {
        self.site = site
        self.physics = physics
        self.start = start
        self.duration = duration
        self.bodies = bodies
        clutter = RadarClutter(physics, stream, site)
        echo = site.echo
        rate = site.rate
        turnsPerMetre = 2 / site.wavelength
        let band = AmplifierBand(lowCut: site.lowCut, highCut: site.highCut, rate: site.rate)
        bands = (band, band)
        noise = stream.generator(.noise)
        drifting = stream.generator(.drift)
        var lamps = stream.generator(.flicker)
        flicker = (RadarParameters.flicker.draw(&lamps), lamps.uniform(0, 1))
    }

    /// nil at the end of the street; may be empty.
    mutating func nextStretch() -> [EdgeEvent]? {
        let begin = Double(number * Self.stretch) / rate
        guard begin < duration else { return nil }
        let length = Double(Self.stretch) / rate
        specks += clutter.specks(from: begin, length: length, number: number)
        var first = [Double](repeating: 0, count: Self.stretch)
        var second = [Double](repeating: 0, count: Self.stretch)
        for body in bodies {
            if body.begins > begin + length { break }
            guard body.ends > begin else { continue }
            for point in body.points {
                add(from: begin, &first, &second) { time in
                    // It comes into sight and leaves it within half a second.
                    let margin = min(time - body.begins, body.ends - time) / 0.5
                    guard margin > 0 else { return nil }
                    let (x, y, height) = body.place(of: point, at: time)
                    return echoOf(
                        x, y, height - site.height, point.phase, min(1, margin) * point.amplitude, ground: height
                    ) { body.share(of: point, along: x, range: $0) }
                }
            }
        }
        for speck in specks where speck.from < begin + length {
            add(from: begin, &first, &second) { time in
                guard time >= speck.from, time <= speck.to else { return nil }
                let place = speck.position(at: time)
                return echoOf(place.x, place.y, place.z, speck.phase, speck.amplitude, ground: nil) { _ in 1 }
            }
        }
        finish(begin, &first, &second)
        var edges: [EdgeEvent] = []
        compare(first, begin, input: 0, threshold.0, &edges)
        if site.hasQuadrature {
            compare(second, begin, input: 1, threshold.1, &edges)
            edges.sort { ($0.instant, $0.input) < ($1.instant, $1.input) }
        }
        bodies.removeAll { $0.ends <= begin + length }
        specks.removeAll { $0.to <= begin + length }
        number += 1
        return edges
    }

    /// What comes back at a moment. Approaching turns the phase forwards.
    private struct Echo {
        var amplitude: Double
        /// Of the way there and back, in turns.
        var turns: Double
        /// Of the road, in turns; known but for whole ones.
        var road = 0.0
    }

    @inline(__always)
    private func echoOf(
        _ x: Double, _ y: Double, _ z: Double, _ phase: Double, _ amplitude: Double, ground: Double?, _ share: (Double) -> Double
    ) -> Echo {
        let range = max(0.2, (x * x + y * y + z * z).squareRoot())
        var level = amplitude * share(range) * echo * 100 / (range * range) * site.gain(x: x, y: y, z: z)
        var road = 0.0
        if let ground, physics.contains(.ground) {
            let factor = site.groundFactor(x: x, y: y, target: ground)
            level *= (factor.real * factor.real + factor.imaginary * factor.imaginary).squareRoot()
            road = atan2(factor.imaginary, factor.real) / (2 * .pi)
        }
        return Echo(amplitude: level, turns: phase - range * turnsPerMetre, road: road)
    }

    /// Between moments 2 ms apart the amplitude changes evenly and the frequency, too.
    private func add(
        from begin: Double, _ first: inout [Double], _ second: inout [Double], _ echo: (Double) -> Echo?
    ) {
        var sample = 0
        var from = echo(begin)
        while sample < Self.stretch {
            let time = begin + Double(sample) / rate
            let to = echo(time + Double(Self.step) / rate)
            defer {
                from = to
                sample += Self.step
            }
            guard let a = from, let c = to, max(a.amplitude, c.amplitude) > 0.02, let b = echo(time + Double(Self.step) / 2 / rate) else {
                continue
            }
            // The road turns the phase by less than half a turn within a millisecond.
            let roadHalf = Self.nearest(b.road, to: a.road)
            let roadEnd = Self.nearest(c.road, to: roadHalf)
            let begun = a.turns + a.road
            let half = b.turns + roadHalf
            let end = c.turns + roadEnd
            let count = Double(Self.step)
            let bend = 2 * (begun - 2 * half + end) / (count * count)
            let speed = (4 * half - 3 * begun - end) / count
            let rise = (c.amplitude - a.amplitude) / count
            for offset in 0..<Self.step {
                let place = Double(offset)
                let turns = begun + place * (speed + bend * place)
                let level = a.amplitude + rise * place
                first[sample + offset] += level * sineOfTurns(turns + 0.25)
                if site.hasQuadrature {
                    second[sample + offset] += level * (1 + site.gainImbalance) * sineOfTurns(turns + site.phaseImbalance)
                }
            }
        }
    }

    /// The same but for whole turns, as near to what is expected as can be.
    private static func nearest(_ turns: Double, to expected: Double) -> Double { turns - (turns - expected).rounded() }

    private mutating func finish(_ begin: Double, _ first: inout [Double], _ second: inout [Double]) {
        let level = bands.0.noiseGain
        let lamp = physics.contains(.flicker) ? flicker.amplitude : 0
        for sample in 0..<Self.stretch {
            let (one, other) = noise.normals()
            var hum = 0.0
            if lamp > 0 {
                let turns = flicker.phase + 100 * (begin + Double(sample) / rate)
                hum = lamp * (sineOfTurns(turns) + 0.25 * sineOfTurns(2 * turns + 0.1))
            }
            first[sample] = bands.0.pass(first[sample] + hum + level * one)
            if site.hasQuadrature { second[sample] = bands.1.pass(second[sample] + 0.9 * hum + level * other) }
        }
        // An Ornstein-Uhlenbeck walk.
        let (one, other) = drifting.normals()
        guard physics.contains(.drift) else { return }
        let pull = Double(Self.stretch) / rate / RadarParameters.driftTime
        let push = RadarParameters.drift * (2 * pull).squareRoot()
        threshold = (threshold.0 * (1 - pull) + push * one, threshold.1 * (1 - pull) + push * other)
    }

    private mutating func compare(_ signal: [Double], _ begin: Double, input: Int, _ middle: Double, _ edges: inout [EdgeEvent]) {
        var comparator = comparators[input]
        for (sample, value) in signal.enumerated() {
            let threshold = comparator.isHigh ? middle - site.hysteresis : middle + site.hysteresis
            if comparator.isHigh ? value < threshold : value > threshold {
                comparator.isHigh.toggle()
                comparator.number &+= 1
                // Where the line between two samples meets the threshold.
                let rise = value - comparator.last
                let share = rise == 0 ? 1 : min(1, max(0, (threshold - comparator.last) / rise))
                let time = max(0, begin + (Double(sample) - 1 + share) / rate)
                edges.append(
                    EdgeEvent(
                        instant: start.after(time), input: UInt8(input), level: comparator.isHigh, lineSequence: comparator.number))
            }
            comparator.last = value
        }
        comparators[input] = comparator
    }
}
