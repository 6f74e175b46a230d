import SensorCore
import Testing

@testable import PulsePipeline

@Suite struct UnobservedStretchesTests {
    struct Case: Sendable {
        var stretches: [(Double, Double)]
        /// Of the intervals 0 to 1000 and 1000 to 2000 ms.
        var unobserved: [Int64]
    }

    static let cases = [
        Case(stretches: [(100, 200)], unobserved: [100, 0]),
        Case(stretches: [(100, 200), (200, 300)], unobserved: [200, 0]),
        Case(stretches: [(100, 200), (150, 180)], unobserved: [100, 0]),
        Case(stretches: [(100, 200), (150, 250)], unobserved: [150, 0]),
        // Another input was dark since earlier.
        Case(stretches: [(100, 200), (50, 150)], unobserved: [150, 0]),
        Case(stretches: [(100, 200), (50, 250)], unobserved: [200, 0]),
        Case(stretches: [(200, 100), (300, 300)], unobserved: [0, 0]),
        // Known before the boundary, and reaching beyond it.
        Case(stretches: [(900, 1300)], unobserved: [100, 300]),
        Case(stretches: [(-50, 30)], unobserved: [30, 0]),
        Case(stretches: [(0, 5000)], unobserved: [1000, 1000]),
    ]

    @Test("Each moment counts once", arguments: cases)
    func eachMomentCountsOnce(_ row: Case) {
        var time = UnobservedTime(from: at(0))
        for (begin, end) in row.stretches { time.mark(since: at(begin), until: at(end)) }
        let closed = [time.close(at: at(1000)), time.close(at: at(2000))]
        #expect(closed == row.unobserved.map { TimeSpan.milliseconds($0) })
    }
}
