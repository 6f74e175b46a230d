import Glibc
import HardwareMocks
import Testing

@testable import PulsePipeline

/// Speed and distance from the phase of one pass, which the test makes from the geometry, with noise.
@Suite struct PassFitTests {
    private static let rate = 7629.4
    private static let setup = RadarSetup(lanes: [4], height: 2, quadrature: .firstLeads)
    private static let abreast = 4.0

    /// Somebody who comes at 12 m/s, `nearest` m from the module, and shows along `way`.
    private func band(nearest: Double, way: ClosedRange<Double>, noise: Double, seed: UInt64) -> EchoBand {
        var random = SeededGenerator(seed: seed)
        let band = EchoBand(rate: Self.rate, clock: 0, seconds: 5, bins: 68, isTwoSided: true, spectrum: ShortSpectrum())
        for sample in 0..<Int(Self.abreast * Self.rate) {
            let x = 12 * (Self.abreast - Double(sample) / Self.rate)
            let phase = -2 * .pi * (x * x + nearest * nearest).squareRoot() * Self.setup.turnsPerMetre
            let echo = way.contains(x) ? 1.0 : 0
            let real = echo * cos(phase) + Double.random(in: -noise...noise, using: &random)
            let imaginary = echo * sin(phase) + Double.random(in: -noise...noise, using: &random)
            // As far as a comparator goes.
            band.append(Float(max(-1, min(1, real))), Float(max(-1, min(1, imaginary))))
        }
        return band
    }

    /// The bank is 3 % and 0.6 m off, and without the lane the first step goes astray. The lane's middle is not the answer, though.
    @Test("The lane keeps the first steps of a fit together and does not decide the distance", arguments: [1, 2, 3] as [UInt64])
    func theLaneKeepsTheFirstStepsOfAFitTogetherAndDoesNotDecideTheDistance(_ seed: UInt64) throws {
        let (nearest, middle) = (Self.setup.nearest(lane: 4.4), Self.setup.nearest(lane: 4))
        let band = band(nearest: nearest, way: 4...20, noise: 0.5, seed: seed)
        let candidate = PassCandidate(
            score: 100, speed: 12.36, nearest: middle, abreast: Self.abreast + 0.05, isComing: true, band: 0, way: 4...20, found: 5)
        let fit = PassFitting(turnsPerMetre: Self.setup.turnsPerMetre, lanes: [middle]).fit(candidate, band, clock: 0)
        let error = try #require(fit.speedError, "seed \(seed): \(fit)")
        #expect(error < 0.03)
        #expect((fit.speed / 12 - 1).magnitude < 0.002, "seed \(seed): \(fit)")
        #expect((fit.nearest - nearest).magnitude < 0.05, "seed \(seed): \(fit)")
    }
}
