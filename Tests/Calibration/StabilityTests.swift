import SensorCore
import Testing

@testable import Calibration

@Suite struct StabilityTests {
    static let limits = StabilityLimits(
        fewestReadings: 5, window: .seconds(40), largestDeviation: 0.1, largestDrift: 0.1)

    static func instant(_ seconds: Int64) -> MonotonicInstant { MonotonicInstant(nanoseconds: seconds * 1_000_000_000) }

    /// A reading every 10 s.
    static func watch(_ values: [Double], until deadline: Int64 = 1000) -> StabilityWatch {
        var watch = StabilityWatch(limits, until: instant(deadline))
        for (index, value) in values.enumerated() { watch.add(value, at: instant(Int64(index) * 10)) }
        return watch
    }

    @Test("Stands still") func standsStill() {
        #expect(Self.watch([20, 20, 20, 20]).state == .gathering(count: 4))
        #expect(Self.watch([20, 20, 20, 20, 20]).state == .stable(mean: 20, uncertainty: 0))
    }

    /// Slope and residuals of 20, 20.05, 20, 20.05, 20 about their line by hand: slope 0, squares 0.003, n − 2 = 3.
    @Test("Knows its uncertainty") func knowsItsUncertainty() {
        guard case .stable(let mean, let uncertainty) = Self.watch([20, 20.05, 20, 20.05, 20]).state else {
            Issue.record("not stable")
            return
        }
        #expect(abs(mean - 20.02) < 1e-12)
        #expect(abs(uncertainty - (0.001 / 5).squareRoot()) < 1e-12)
    }

    /// 0.1 per reading is 0.4 over the window.
    @Test("Drift is told with its size") func driftIsToldWithItsSize() {
        let values = (0..<8).map { 20 + 0.1 * Double($0) }
        guard case .drifting(let drift) = Self.watch(values).state else {
            Issue.record("not drifting")
            return
        }
        #expect(abs(drift - 0.4) < 1e-9)
        guard case .givenUp(let last?) = Self.watch(values, until: 70).state else {
            Issue.record("not given up")
            return
        }
        #expect(abs(last - 0.4) < 1e-9)
    }

    @Test("Noise is no stability") func noiseIsNoStability() {
        guard case .noisy(let deviation) = Self.watch([20, 21, 20, 21, 20]).state else {
            Issue.record("not noisy")
            return
        }
        #expect(abs(deviation - (1.2 / 3).squareRoot()) < 1e-12)
    }

    @Test("Settles after a drift") func settlesAfterADrift() {
        let watch = Self.watch([15, 18, 19.5, 20, 20, 20, 20, 20])
        #expect(watch.state == .stable(mean: 20, uncertainty: 0))
    }

    @Test("A failure begins anew") func aFailureBeginsAnew() {
        var watch = Self.watch([20, 20, 20, 20])
        watch.fail(at: Self.instant(35))
        watch.add(20, at: Self.instant(40))
        #expect(watch.state == .gathering(count: 1))
    }

    @Test("A sensor that stops is given up") func aSensorThatStopsIsGivenUp() {
        var watch = Self.watch([20, 20], until: 60)
        watch.check(Self.instant(59))
        #expect(watch.state == .gathering(count: 2))
        watch.check(Self.instant(60))
        #expect(watch.state == .givenUp(drift: nil))
        watch.add(20, at: Self.instant(61))
        #expect(watch.state == .givenUp(drift: nil))
    }
}
