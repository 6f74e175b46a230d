public import SensorCore

/// What truly happened at a simulated sensor.
public struct TruePassage: Hashable, Sendable {
    /// The first change it makes on any input.
    public var instant: MonotonicInstant
    public var direction: PassageDirection
    public var roadUser: RoadUserClass
    public var speed: Double
    /// From front to rear as the beams see it, or from the first axle to the last, in m.
    public var length: Double
    /// Nobody else was at the sensor at the same time.
    public var isIsolated: Bool

    public init(
        instant: MonotonicInstant, direction: PassageDirection, roadUser: RoadUserClass, speed: Double, length: Double,
        isIsolated: Bool
    ) {
        self.instant = instant
        self.direction = direction
        self.roadUser = roadUser
        self.speed = speed
        self.length = length
        self.isIsolated = isIsolated
    }
}

/// A street with a sensor, the edges it makes and the truth behind them. The same seed gives the same street.
public struct SimulatedStreet: Sendable {
    /// What stands at the street.
    public enum Sensor: Hashable, Sendable {
        /// Two light beams at wheel height, this far apart in m.
        case beams(spacing: Double)
        /// Two tubes over both lanes, this far apart in m.
        case tubes(spacing: Double)
        /// One output that is active while somebody is within its reach in m, and for this many seconds after.
        case presence(reach: Double, hold: Double)
    }

    /// Of all inputs, by time; numbered per input.
    public let edges: [EdgeEvent]
    /// By instant.
    public let truth: [TruePassage]
    /// Turn-backs, which are no passages.
    public let turnBacks: Int

    public init(
        _ sensor: Sensor, demand: StreetDemand, physics: SensorPhysics, from start: MonotonicInstant, duration: TimeSpan,
        seed: UInt64
    ) {
        var random = SeededGenerator(seed: seed)
        // Whoever comes is through before the end.
        let last = duration.seconds - 15
        let users = StreetArrivals(demand, reach: sensor.reach).make(duration: max(0, last), &random)
        var inputs = [Activations(), Activations()]
        var spans: [(user: RoadUser, from: Double, to: Double)] = []
        for user in users {
            let span = sensor.pass(user, physics, &inputs, &random)
            if let span { spans.append((user, span.lowerBound, span.upperBound)) }
        }
        truth = Self.truth(of: spans.filter { !$0.user.turnsBack }, among: spans, from: start)
        turnBacks = spans.count { $0.user.turnsBack }
        var all = inputs[0].edges(input: 0, physics: physics, duration: max(0, last), &random)
        if sensor.inputs > 1 { all += inputs[1].edges(input: 1, physics: physics, duration: max(0, last), &random) }
        all.sort { $0.time < $1.time }
        var numbers: [UInt32] = [0, 0]
        edges = all.map { edge in
            numbers[Int(edge.input)] += 1
            return EdgeEvent(
                instant: start + TimeSpan(nanoseconds: Int64(edge.time * 1e9)), input: edge.input, level: edge.level,
                lineSequence: numbers[Int(edge.input)])
        }
    }

    private static func truth(
        of passed: [(user: RoadUser, from: Double, to: Double)], among all: [(user: RoadUser, from: Double, to: Double)],
        from start: MonotonicInstant
    ) -> [TruePassage] {
        let sorted = all.sorted { $0.from < $1.from }
        // The latest end of all that began before: one pass tells who overlaps whom.
        var isAlone = [Double: Bool]()
        var latest = -Double.infinity
        for (index, span) in sorted.enumerated() {
            let next = index + 1 < sorted.count ? sorted[index + 1].from : .infinity
            isAlone[span.from] = span.from > latest + 0.05 && next > span.to + 0.05
            latest = max(latest, span.to)
        }
        return passed.map { span in
            TruePassage(
                instant: start + TimeSpan(nanoseconds: Int64(span.from * 1e9)), direction: span.user.direction,
                roadUser: span.user.roadUser, speed: span.user.speed,
                length: span.user.axles.isEmpty ? span.user.length : max(span.user.length, 0),
                isIsolated: isAlone[span.from] ?? false)
        }.sorted { $0.instant < $1.instant }
    }
}

extension SimulatedStreet.Sensor {
    var inputs: Int { if case .presence = self { 1 } else { 2 } }

    /// From the first sensor to the last, in m.
    var reach: Double {
        switch self {
        case .beams(let spacing), .tubes(let spacing): spacing
        case .presence(let reach, _): reach
        }
    }

    /// Adds what the road user does to the inputs; gives the span of it, nil when there is nothing to see.
    func pass(
        _ user: RoadUser, _ physics: SensorPhysics, _ inputs: inout [Activations], _ random: inout SeededGenerator
    ) -> ClosedRange<Double>? {
        switch self {
        case .beams(let spacing):
            return user.turnsBack
                ? turnBack(user, spacing, physics, &inputs, &random) : breakBeams(user, spacing, physics, &inputs, &random)
        case .tubes(let spacing):
            return user.axles.isEmpty ? nil : pressTubes(user, spacing, physics, &inputs, &random)
        case .presence(let reach, let hold):
            let end = user.arrival + (reach + user.length) / user.speed + hold
            inputs[0].add(user.arrival, end)
            return user.arrival...end
        }
    }

    private func breakBeams(
        _ user: RoadUser, _ spacing: Double, _ physics: SensorPhysics, _ inputs: inout [Activations],
        _ random: inout SeededGenerator
    ) -> ClosedRange<Double> {
        var span: ClosedRange<Double>?
        for step in 0...1 {
            for piece in user.pieces {
                func moment(_ place: Double) -> Double {
                    let way = Double(step) * spacing + place + random.normal(0, physics.sway)
                    return user.arrival + way / user.speed + random.normal(0, physics.jitter)
                }
                let from = moment(piece.lowerBound)
                let to = max(from + 1e-4, moment(piece.upperBound))
                inputs[user.direction == .forward ? step : 1 - step].add(from, to)
                span = min(span?.lowerBound ?? from, from)...max(span?.upperBound ?? to, to)
            }
        }
        return span ?? user.arrival...user.arrival
    }

    /// Goes in as far as somewhere between before the second beam and within it, waits, and goes out again.
    private func turnBack(
        _ user: RoadUser, _ spacing: Double, _ physics: SensorPhysics, _ inputs: inout [Activations],
        _ random: inout SeededGenerator
    ) -> ClosedRange<Double> {
        let turn = random.uniform(0.1, spacing + 0.8 * user.length)
        let pause = random.uniform(0, 1.5)
        let arrived = user.arrival + turn / user.speed
        let end = arrived + pause + turn / user.speed
        for step in 0...1 {
            for piece in user.pieces {
                let begins = Double(step) * spacing + piece.lowerBound
                let ends = Double(step) * spacing + piece.upperBound
                guard begins < turn else { continue }
                let input = user.direction == .forward ? step : 1 - step
                let into = user.arrival + begins / user.speed
                let out = end - begins / user.speed
                if ends >= turn {
                    inputs[input].add(into, out)
                } else {
                    inputs[input].add(into, user.arrival + ends / user.speed)
                    inputs[input].add(end - ends / user.speed, out)
                }
            }
        }
        return user.arrival...end
    }

    private func pressTubes(
        _ user: RoadUser, _ spacing: Double, _ physics: SensorPhysics, _ inputs: inout [Activations],
        _ random: inout SeededGenerator
    ) -> ClosedRange<Double> {
        var span: ClosedRange<Double>?
        for step in 0...1 {
            let input = user.direction == .forward ? step : 1 - step
            for axle in user.axles {
                let hit = user.arrival + (Double(step) * spacing + axle) / user.speed + random.normal(0, physics.jitter)
                let width = random.uniform(0.007, 0.02)
                inputs[input].add(hit, hit + width)
                if random.uniform(0, 1) < physics.echoShare {
                    let echo = hit + max(width + 0.003, random.uniform(0.01, 0.06))
                    inputs[input].add(echo, echo + random.uniform(0.004, 0.01))
                }
                span = min(span?.lowerBound ?? hit, hit)...max(span?.upperBound ?? hit, hit)
            }
        }
        return span ?? user.arrival...user.arrival
    }
}
