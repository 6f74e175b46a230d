import SensorCore

/// What a sensor makes of a body besides the truth.
public struct SensorPhysics: Hashable, Sendable {
    public var bounce: ContactBounce
    /// Standard deviation of the moment at which the sensor switches, in s.
    public var jitter: Double
    /// Standard deviation of where on the body it switches, in m.
    public var sway: Double
    /// Electromagnetic spikes of 1 to 200 µs per hour and input.
    public var spikesPerHour: Double
    /// Share of the presses of a tube that come back from its end, after 10 to 60 ms.
    public var echoShare: Double

    public init(
        bounce: ContactBounce = .none, jitter: Double = 0, sway: Double = 0, spikesPerHour: Double = 0, echoShare: Double = 0
    ) {
        self.bounce = bounce
        self.jitter = jitter
        self.sway = sway
        self.spikesPerHour = spikesPerHour
        self.echoShare = echoShare
    }

    /// A light barrier with a transistor output.
    public static let lightBarrier = SensorPhysics(
        bounce: ContactBounce(mean: .microseconds(200), longest: .microseconds(900), pairs: 3), jitter: 0.0001, sway: 0.0008,
        spikesPerHour: 120)
    /// An air switch at the end of a tube, with the bounce of Ganssle's switches.
    public static let airSwitch = SensorPhysics(
        bounce: .ganssle, jitter: 0.0002, spikesPerHour: 120, echoShare: 0.3)
}

/// When an input is active: spans of s since the street's start, in any order.
struct Activations {
    private(set) var spans: [ClosedRange<Double>] = []

    mutating func add(_ from: Double, _ to: Double) { spans.append(from...max(from, to)) }

    /// Ascending and apart: a line has one level.
    func merged() -> [ClosedRange<Double>] {
        var result: [ClosedRange<Double>] = []
        for span in spans.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let last = result.last, span.lowerBound <= last.upperBound + 1e-5 {
                result[result.count - 1] = last.lowerBound...max(last.upperBound, span.upperBound)
            } else {
                result.append(span)
            }
        }
        return result
    }

    /// The input's edges with bounce and spikes, numbered, in s since the street's start.
    func edges(
        input: UInt8, physics: SensorPhysics, duration: Double, _ random: inout SeededGenerator
    ) -> [(time: Double, level: Bool, input: UInt8)] {
        // Each toggle turns the level over, so that a spike on an active line is a gap.
        var toggles: [Double] = []
        for span in merged() {
            toggles += burst(at: span.lowerBound, physics.bounce, &random)
            toggles += burst(at: span.upperBound, physics.bounce, &random)
        }
        if physics.spikesPerHour > 0 {
            var time = random.exponential(3600 / physics.spikesPerHour)
            while time < duration {
                toggles += [time, time + random.uniform(1e-6, 2e-4)]
                time += 0.001 + random.exponential(3600 / physics.spikesPerHour)
            }
        }
        toggles.sort()
        var last = -1.0
        var level = false
        return toggles.map { toggle in
            last = max(toggle, last + 5e-7)
            level.toggle()
            return (last, level, input)
        }
    }

    /// A change and the pairs of changes after it.
    private func burst(at start: Double, _ bounce: ContactBounce, _ random: inout SeededGenerator) -> [Double] {
        guard bounce.pairs > 0 else { return [start] }
        let length = min(random.exponential(bounce.mean.seconds), bounce.longest.seconds)
        let pairs = Int.random(in: 0...bounce.pairs, using: &random)
        return [start] + (0..<2 * pairs).map { _ in start + random.uniform(0, length) }
    }
}
