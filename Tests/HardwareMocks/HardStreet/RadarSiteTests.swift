import Glibc
import HardwareMocks
import SensorCore
import Testing

/// Antenna, road and signal of the hard street against their formulas.
@Suite struct RadarSiteTests {
    @Test("The antenna gives half of its power at half of its width", arguments: 1...6 as ClosedRange<UInt64>)
    func theAntennaGivesHalfOfItsPowerAtHalfOfItsWidth(seed: UInt64) {
        let site = RadarSite(.all, seed: seed, hasQuadrature: false)
        func gain(across: Double, above: Double) -> Double {
            let azimuth = site.azimuth + across
            let elevation = -site.tilt + above
            return site.gain(x: cos(elevation) * cos(azimuth), y: cos(elevation) * sin(azimuth), z: sin(elevation))
        }
        let half = (site.module.azimuthWidth / 2 * .pi / 180, site.module.elevationWidth / 2 * .pi / 180)
        #expect((gain(across: 0, above: 0) - 1).magnitude < 1e-9, "\(site.module.name)")
        #expect((gain(across: half.0, above: 0) - 0.5).magnitude < 1e-6, "\(site.module.name)")
        #expect((gain(across: 0, above: half.1) - 0.5).magnitude < 1e-6, "\(site.module.name)")
        // Data sheets: 12 to 20 dB, HB100 by assumption 10 to 15.
        #expect((0.009...0.101).contains(gain(across: 3, above: 0)), "\(site.module.name)")
    }

    @Test("The road's reflection fades as two rays do", arguments: 1...4 as ClosedRange<UInt64>)
    func theRoadsReflectionFadesAsTwoRaysDo(seed: UInt64) {
        let site = RadarSite(.all, seed: seed, hasQuadrature: true)
        let target = 0.7
        func strength(_ x: Double) -> Double {
            let factor = site.groundFactor(x: x, y: 4, target: target)
            return (factor.real * factor.real + factor.imaginary * factor.imaginary).squareRoot()
        }
        func ways(_ x: Double) -> (direct: Double, road: Double) {
            let flat = x * x + 16
            return (
                (flat + (site.height - target) * (site.height - target)).squareRoot(),
                (flat + (site.height + target) * (site.height + target)).squareRoot()
            )
        }
        var fades = 0
        for x in stride(from: 8.0, to: 20, by: 0.002) where strength(x) < strength(x - 0.002) && strength(x) < strength(x + 0.002) {
            let way = ways(x)
            let cycles = (way.road - way.direct) / site.wavelength
            let isTurned = site.reflection(sine: (site.height + target) / way.road) < 0
            // A road that turns the phase extinguishes at whole cycles, one that does not at halves.
            let off = isTurned ? cycles : cycles + 0.5
            #expect((off - off.rounded()).magnitude < 0.06, "seed \(seed), \(x) m: \(cycles)")
            fades += 1
        }
        let (near, far) = (ways(8), ways(20))
        let expected = ((near.road - near.direct) - (far.road - far.direct)) / site.wavelength
        #expect((Double(fades) - expected).magnitude <= 2, "seed \(seed): \(fades) fades, \(expected) cycles")
        // Never more than four times, which a mirror would give.
        #expect(stride(from: 8.0, to: 20, by: 0.01).allSatisfy { strength($0) <= 4 })
    }

    @Test("Without its switch the road reflects nothing") func withoutItsSwitchTheRoadReflectsNothing() {
        let site = RadarSite([], seed: 1, hasQuadrature: true)
        #expect(site.groundFactor(x: 10, y: 4, target: 0.7) == (1, 0))
        #expect(site.module.azimuthWidth == 22)
    }

    /// Edges of lone vehicles in the middle of a beam of 22 degrees, and what their ranges say.
    @Test("Pulses count half wavelengths of the way, and the outputs tell which way it goes")
    func pulsesCountHalfWavelengthsOfTheWay() {
        let seed: UInt64 = 4
        var street = HardStreet(.dopplerIQ, physics: [], from: MonotonicInstant(nanoseconds: 0), duration: .seconds(180), seed: seed)
        let site = RadarSite([], seed: seed, hasQuadrature: true)
        var rises: [(time: Double, isSecondHigh: Bool)] = []
        var isSecondHigh = false
        while let edge = street.next() {
            if edge.input == 1 { isSecondHigh = edge.level }
            if edge.input == 0, edge.level { rises.append((Double(edge.instant.nanoseconds) / 1e9, isSecondHigh)) }
        }
        var checked = 0
        for passage in street.truth where passage.roadUser == .motor {
            guard let speed = passage.speed, let direction = passage.direction else { continue }
            // Where the axis meets the lane; its one reflecting point is 0.3 m behind the front.
            let along = site.lanes[0] / tan(site.azimuth)
            let before = direction == .forward ? along - 0.3 : -along - 0.3
            let middle = Double(passage.instant.nanoseconds) / 1e9 - before / speed
            func range(_ time: Double) -> Double {
                let x = along - (direction == .forward ? 1 : -1) * speed * (time - middle)
                return (x * x + site.lanes[0] * site.lanes[0] + (site.height - 0.65) * (site.height - 0.65)).squareRoot()
            }
            let inside = rises.filter { ($0.time - middle).magnitude < 0.1 }
            let expected = (range(middle - 0.1) - range(middle + 0.1)).magnitude * 2 / site.wavelength
            #expect((Double(inside.count) / expected - 1).magnitude < 0.03, "\(passage): \(inside.count) of \(expected)")
            let asComing = inside.count { !$0.isSecondHigh }
            #expect(direction == .forward ? asComing > inside.count * 9 / 10 : asComing < inside.count / 10, "\(passage)")
            checked += 1
        }
        #expect(checked >= 3)
    }
}
