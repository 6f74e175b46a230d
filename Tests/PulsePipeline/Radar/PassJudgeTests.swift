import Testing

@testable import PulsePipeline

/// What of that which a fit found is a pass of its own, beside one that was found before.
@Suite struct PassJudgeTests {
    private static let setup = RadarSetup(lanes: [4], height: 2)

    private func pass(_ speed: Double, at abreast: Double, score: Float, isComing: Bool = true) -> (PassFit, PassCandidate) {
        var fit = PassFit(speed: speed, nearest: Self.setup.nearest(lane: 4), abreast: abreast, speedError: 0.05)
        fit.seen = 1...20
        fit.clearWay = 18
        fit.clearShare = 0.95
        fit.lock = 0.9
        fit.significance = 20
        fit.residual = 0.15
        var candidate = PassCandidate(
            score: score, speed: speed, nearest: fit.nearest, abreast: abreast, isComing: isComing, band: 0, way: 1...20, found: abreast + 1
        )
        candidate.confirm((score, 1...20))
        return (fit, candidate)
    }

    /// The reason why the second is refused beside the first.
    private func refusal(of second: (PassFit, PassCandidate), beside first: (PassFit, PassCandidate)) -> String? {
        var judge = PassJudge(Self.setup)
        judge.remember(first.0, first.1)
        return judge.refusal(of: second.0, second.1)
    }

    @Test("The weaker multiple of a slow one is its harmonic", arguments: [2.0, 3.0, 5.0])
    func theWeakerMultipleOfASlowOneIsItsHarmonic(_ multiple: Double) {
        let slow = pass(5, at: 10, score: 200)
        #expect(refusal(of: pass(5 * multiple, at: 10.2, score: 60), beside: slow) == "harmonic")
        // Stronger, or at another time, it is somebody.
        #expect(refusal(of: pass(5 * multiple, at: 10.2, score: 190), beside: slow) == nil)
        #expect(refusal(of: pass(5 * multiple, at: 11.5, score: 60), beside: slow) == nil)
    }

    @Test("The same echo is counted once") func theSameEchoIsCountedOnce() {
        let first = pass(12, at: 10, score: 200)
        #expect(refusal(of: pass(12.2, at: 10.2, score: 190), beside: first) == "same as before")
        #expect(refusal(of: pass(12.2, at: 10.8, score: 190), beside: first) == "same body")
        #expect(refusal(of: pass(12.2, at: 11.5, score: 190), beside: first) == nil)
        #expect(refusal(of: pass(12.2, at: 11.2, score: 190, isComing: false), beside: first) == nil)
    }

    /// 0.35 m/s is less than 3 % of 12, 0.37 is more.
    @Test("A speed is given where it is known and a weak echo is uncertain") func aSpeedIsGivenWhereItIsKnownAndAWeakEchoIsUncertain() {
        let judge = PassJudge(Self.setup)
        let strong = 2 * DopplerTracker.threshold
        func told(_ error: Double?, _ score: Float) -> (speed: Double?, isUncertain: Bool) {
            var (fit, candidate) = pass(12, at: 10, score: score)
            fit.speedError = error
            candidate.confirm((score, 1...20))
            return judge.confidence(in: fit, candidate)
        }
        #expect(told(0.35, strong + 1) == (12, false))
        #expect(told(0.37, strong + 1) == (nil, true))
        #expect(told(nil, strong + 1) == (nil, true))
        #expect(told(0.35, strong - 1) == (12, true))
    }

    @Test("What is not where it seemed is nobody") func whatIsNotWhereItSeemedIsNobody() {
        let judge = PassJudge(Self.setup)
        var (fit, candidate) = pass(12, at: 10, score: 100)
        #expect(judge.refusal(of: fit, candidate) == nil)
        fit.speedError = nil
        #expect(judge.refusal(of: fit, candidate) == "no fit")
        (fit, candidate) = pass(12, at: 10, score: 100)
        fit.nearest += 2
        #expect(judge.refusal(of: fit, candidate) == "beside the lanes")
        (fit, candidate) = pass(12, at: 10, score: 100)
        candidate.confirm((40, 1...20))
        #expect(judge.refusal(of: fit, candidate) == "not where it was")
        candidate.confirm((100, 6...20))
        #expect(judge.refusal(of: fit, candidate) == "not abreast")
        (fit, candidate) = pass(12, at: 10, score: 100)
        fit.lock = 0.1
        #expect(judge.refusal(of: fit, candidate) == "no lock")
        (fit, candidate) = pass(12, at: 10, score: 100)
        fit.residual = 0.8
        #expect(judge.refusal(of: fit, candidate) == "no chirp")
    }
}
