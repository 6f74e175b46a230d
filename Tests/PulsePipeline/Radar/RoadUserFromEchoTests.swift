import SensorCore
import Testing

@testable import PulsePipeline

@Suite struct RoadUserFromEchoTests {
    private func fit(_ speed: Double, lock: Double = 0.75, residual: Double = 0.15, far: Double? = nil) -> PassFit {
        var fit = PassFit(speed: speed, nearest: 4.5, abreast: 10)
        (fit.lock, fit.residual, fit.farClarity) = (lock, residual, far)
        return fit
    }

    @Test("Speed decides below and above") func speedDecidesBelowAndAbove() {
        var classes = RoadUserFromEcho()
        #expect(classes.judge(fit(1.4)) == .pedestrian)
        #expect(classes.judge(fit(2.0)) == .pedestrian)
        #expect(classes.judge(fit(9.6, far: 0.3)) == .motor)
    }

    @Test("A pure tone cycles and a smeared one runs") func aPureToneCyclesAndASmearedOneRuns() {
        var classes = RoadUserFromEcho()
        #expect(classes.judge(fit(3, lock: 0.8, residual: 0.2)) == .bike)
        #expect(classes.judge(fit(3, lock: 0.4, residual: 0.4)) == .pedestrian)
    }

    @Test("How far the tone reaches tells bicycles from cars") func howFarTheToneReachesTellsBicyclesFromCars() {
        var classes = RoadUserFromEcho()
        #expect(classes.judge(fit(6, far: 0.85)) == .motor)
        #expect(classes.judge(fit(6, far: 0.5)) == .bike)
    }

    @Test("What far means is learnt from those who have a motor") func whatFarMeansIsLearntFromThoseWhoHaveAMotor() {
        var classes = RoadUserFromEcho()
        #expect(classes.judge(fit(6, far: 0.68)) == .bike)
        for _ in 0..<60 { _ = classes.judge(fit(13, far: 0.68)) }
        #expect(classes.judge(fit(6, far: 0.68)) == .motor)
        #expect(classes.judge(fit(6, far: 0.5)) == .bike)
        // Where a car is as lost as a bicycle, the speed alone decides.
        for _ in 0..<60 { _ = classes.judge(fit(13, far: 0.4)) }
        #expect(classes.judge(fit(6, far: 0.3)) == .bike)
        #expect(classes.judge(fit(8.5, far: 0.3)) == .motor)
    }
}
