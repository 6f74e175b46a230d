import Glibc
import HardwareMocks
import Testing

@testable import PulsePipeline

/// What of the spectra is taken for an echo. Frequencies are in bins of 59.6 Hz.
@Suite struct EchoBandTests {
    private let band = EchoBand(
        rate: 15_258.8, clock: 0, seconds: 20, bins: 114, isTwoSided: false, spectrum: ShortSpectrum())
    private var random = SeededGenerator(seed: 7)

    /// Feeds spectra of noise and of what `signal` gives at each sample.
    private mutating func feed(_ spectra: Int, noise: Double, _ signal: (Double) -> Double = { _ in 0 }) {
        for _ in 0..<spectra * EchoBand.hop {
            let value =
                noise * Double.random(in: -1...1, using: &random) + signal(2 * .pi * Double(band.count) / Double(ShortSpectrum.size))
            band.append(Float(value), 0)
            _ = band.analyseIfDue()
        }
    }

    /// Of the last `spectra` the share in which a bin or one of its neighbours speaks for an echo.
    private func share(of bin: Int, in spectra: Int) -> Double {
        let hits = (band.frames - spectra..<band.frames).count { band.evidence(frame: $0)[bin] > 0 }
        return Double(hits) / Double(spectra)
    }

    @Test("A tone is an echo and noise seldom") mutating func aToneIsAnEchoAndNoiseSeldom() {
        feed(200, noise: 0.3)
        #expect((3..<114).reduce(0) { $0 + share(of: $1, in: 100) } / 111 < 0.15)
        feed(20, noise: 0.3) { 0.5 * sin(20 * $0) }
        #expect(share(of: 20, in: 15) == 1)
    }

    @Test("What stands for a minute is hum and nobody") mutating func whatStandsForAMinuteIsHumAndNobody() {
        feed(60, noise: 0.3)
        feed(30, noise: 0.3) { 0.4 * sin(20 * $0) }
        #expect(share(of: 20, in: 15) == 1)
        feed(7_000, noise: 0.3) { 0.4 * sin(20 * $0) }
        #expect(share(of: 20, in: 100) < 0.3)
    }

    /// A comparator's square wave has a third of its amplitude at three times its frequency, and a fifth at five times.
    @Test("Harmonics of a strong tone are no echoes") mutating func harmonicsOfAStrongToneAreNoEchoes() {
        func square(_ angle: Double) -> Double { sin(angle) > 0 ? 0.7 : -0.7 }
        feed(200, noise: 0.05)
        feed(20, noise: 0.05) { square(12.3 * $0) }
        #expect(share(of: 12, in: 15) == 1)
        #expect(share(of: 37, in: 15) == 0)
        #expect(share(of: 61, in: 15) == 0)
        // Somebody else there is stronger than that.
        feed(20, noise: 0.05) { 0.5 * square(12.3 * $0) + 0.5 * sin(37 * $0) }
        #expect(share(of: 37, in: 15) == 1)
    }

    @Test("Beside a much stronger echo nothing is seen") mutating func besideAMuchStrongerEchoNothingIsSeen() {
        feed(200, noise: 0.02)
        feed(20, noise: 0.02) { 0.8 * sin(40 * $0) + 0.15 * sin(45 * $0) }
        #expect(share(of: 40, in: 15) == 1)
        #expect(share(of: 45, in: 15) == 0)
        feed(20, noise: 0.02) { 0.8 * sin(40 * $0) + 0.15 * sin(50 * $0) }
        #expect(share(of: 50, in: 15) == 1)
    }

    /// A strong echo takes the comparator from the noise: what is left of it is the measure of a second, weak one.
    @Test("Where a strong echo leaves less noise a weak one shows") mutating func whereAStrongEchoLeavesLessNoiseAWeakOneShows() {
        feed(200, noise: 0.8)
        feed(20, noise: 0.1) { 0.8 * sin(40 * $0) + 0.06 * sin(70 * $0) }
        #expect(share(of: 70, in: 15) > 0.9)
        #expect((90..<110).reduce(0) { $0 + share(of: $1, in: 15) } / 20 < 0.3)
    }

    /// Of the filters with an outer and an inner pair of taps about a half only one follows a parabola.
    @Test("A halved band follows a parabola at the moments that it tells") func aHalvedBandFollowsAParabolaAtTheMomentsThatItTells() {
        let above = EchoBand(rate: 1000, clock: 0, seconds: 1, bins: 114, isTwoSided: true, spectrum: ShortSpectrum())
        let half = EchoBand(rate: 500, clock: -0.002, seconds: 1, bins: 68, isTwoSided: true, spectrum: ShortSpectrum())
        // In ms.
        for time in 0..<100 { above.append(Float(time * time), Float(time)) }
        half.halve(above, until: 50)
        #expect(half.count == 50)
        let times = (4..<50).map { Float(((half.clock + Double($0) / half.rate) * 1000).rounded()) }
        #expect((4..<50).map { half.real[$0] } == times.map { $0 * $0 })
        #expect((4..<50).map { half.imaginary[$0] } == times)
    }
}
