import HardwareMocks
import Testing

/// The bicycles of the hard street against wheels' geometry.
@Suite struct BicycleTests {
    /// When the beam is darkened by at least this share, in s.
    private func marks(_ bicycle: Bicycle, height: Double, from: Double, to: Double) -> [ClosedRange<Double>] {
        var marks: [ClosedRange<Double>] = []
        var begin: Double?
        for time in stride(from: from, to: to, by: 0.00002) {
            let isDark = bicycle.cover(of: 0, at: time, height: height, width: 0.003) > 0.4
            if isDark, begin == nil { begin = time }
            if !isDark, let entered = begin {
                marks.append(entered...time)
                begin = nil
            }
        }
        return marks
    }

    @Test("Spokes at hub height follow each other as the wheel turns", arguments: 1...5 as ClosedRange<UInt64>)
    func spokesAtHubHeightFollowEachOtherAsTheWheelTurns(seed: UInt64) {
        let speed = 5.0
        let bicycle = Bicycle(speed: speed, seed: seed)
        let wheel = bicycle.wheels[0]
        // Behind the rim and before the hub.
        let spokes = marks(
            bicycle, height: wheel.radius, from: (wheel.behind - wheel.radius + 0.09) / speed, to: (wheel.behind - 0.06) / speed)
        let expected = 2 * Double.pi * wheel.radius / (Double(wheel.spokes) * speed)
        #expect(spokes.count >= 2, "seed \(seed)")
        for (one, next) in zip(spokes, spokes.dropFirst()) {
            let gap = (next.lowerBound + next.upperBound - one.lowerBound - one.upperBound) / 2
            #expect((gap / expected - 1).magnitude < 0.05, "seed \(seed): \(gap) s, a wheel of \(wheel.spokes) spokes has \(expected)")
        }
        // 2 mm at what they sink there are a few milliseconds at most.
        #expect(spokes.allSatisfy { $0.upperBound - $0.lowerBound < 0.008 }, "seed \(seed)")
    }

    @Test("A rim cut at hub height is as deep as tyre and rim") func aRimCutAtHubHeightIsAsDeepAsTyreAndRim() throws {
        let bicycle = Bicycle(speed: 4, seed: 2)
        let wheel = bicycle.wheels[0]
        let first = try #require(marks(bicycle, height: wheel.radius, from: -0.01, to: 0.05).first)
        let depth = (first.upperBound - first.lowerBound) * 4
        #expect((0.045...0.08).contains(depth), "\(depth)")
    }

    @Test("Its length is from the first dark to the last") func itsLengthIsFromTheFirstDarkToTheLast() throws {
        let bicycle = Bicycle(speed: 4, seed: 2)
        let all = marks(bicycle, height: bicycle.wheels[0].radius, from: -0.05, to: 1)
        let first = try #require(all.first)
        let last = try #require(all.last)
        #expect(((last.upperBound - first.lowerBound) * 4 - bicycle.length).magnitude < 0.01)
        #expect((1.6...1.95).contains(bicycle.length))
    }
}
