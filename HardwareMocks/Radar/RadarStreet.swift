public import SensorCore

/// A street before a Doppler radar whose comparator drives one line, or two: the edges, however many, and the truth behind
/// them. The same seed gives the same street.
///
/// Edges are made a stretch at a time, so memory stays small.
public struct RadarStreet: Sendable {
    /// What passes, by the moment its front is abreast of the module.
    public let truth: [TruePassage]

    private let physics: RadarPhysics
    private let start: MonotonicInstant
    private let duration: Double
    private var targets: [RadarTarget]
    private var signal: RadarSignal
    private var comparators: [Comparator]
    private var madeUntil = 0.0
    private var edges: [EdgeEvent] = []
    private var taken = 0
    private var levels: UInt8 = 0
    private static let stretch = 1024

    private struct Comparator {
        var isHigh = false
        var last = 0.0
        var number: UInt32 = 0
    }

    public init(_ physics: RadarPhysics, demand: StreetDemand, from start: MonotonicInstant, duration: TimeSpan, seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        self.physics = physics
        self.start = start
        self.duration = duration.seconds
        // Whoever comes is through before the end.
        let last = max(0, duration.seconds - 30)
        // Each kind has its own strip of the street: nobody drives behind somebody on foot.
        var motor = demand.onWheels
        motor.bikes = 0
        var users = StreetArrivals(motor, reach: 30).make(duration: last, &random)
        var bikes = StreetDemand()
        bikes.bikes = demand.bikes
        users += StreetArrivals(bikes, reach: 16).make(duration: last, &random)
        var walkers = StreetDemand()
        walkers.pedestrians = demand.pedestrians
        users += StreetArrivals(walkers, reach: 3).make(duration: last, &random)
        targets = users.map { user in
            var user = user
            // The draw's moment is at the far end of the beam.
            user.arrival += 10
            if user.roadUser != .pedestrian, user.roadUser != .bike, random.uniform(0, 1) < physics.creepingShare {
                user.speed = random.uniform(4, 8)
            }
            let lane = (user.direction == .forward ? physics.lanes.first : physics.lanes.last) ?? 4
            return RadarTarget(user, offset: max(1, lane + random.uniform(-physics.lateralSpread, physics.lateralSpread)), &random)
        }
        truth = Self.isolated(
            targets.map { target in
                TruePassage(
                    instant: start + TimeSpan(nanoseconds: Int64(target.abreast * 1e9)), direction: target.user.direction,
                    roadUser: target.user.axles.isEmpty ? .pedestrian : target.user.roadUser == .bike ? .bike : .motor,
                    speed: target.user.speed, length: target.length, isIsolated: false)
            }.sorted { $0.instant < $1.instant })
        targets.sort { $0.begins < $1.begins }
        // Four samples in the fastest cycle that such modules are built for.
        signal = RadarSignal(physics, rate: 16_384 * physics.carrier / 24.125e9, seed: random.next())
        comparators = [Comparator(), Comparator()]
    }

    /// While it can be told apart from noise, in s before and after its front is abreast: on foot for 10 m, by bicycle for 16 m, with a
    /// motor for 28 m before the module, and for 3 m behind its back.
    public static func beam(_ passage: TruePassage) -> (before: Double, after: Double) {
        let reach = passage.roadUser == .pedestrian ? 10.0 : passage.roadUser == .bike ? 16 : 28
        let (before, after) = passage.direction == .forward ? (reach, 3 + passage.length) : (3, reach + passage.length)
        return (before / passage.speed, after / passage.speed)
    }

    /// Says who has the beam to themselves.
    private static func isolated(_ passages: [TruePassage]) -> [TruePassage] {
        let spans = passages.map { passage in
            let beam = beam(passage)
            let abreast = passage.instant.nanoseconds
            return abreast - Int64(beam.before * 1e9)...abreast + Int64(beam.after * 1e9)
        }
        return passages.indices.map { index in
            var passage = passages[index]
            passage.isIsolated = !spans.indices.contains { $0 != index && spans[$0].overlaps(spans[index]) }
            return passage
        }
    }

    public mutating func nextInstant() -> MonotonicInstant? {
        while taken == edges.count, madeUntil < duration { makeStretch() }
        return taken < edges.count ? edges[taken].instant : nil
    }

    public mutating func next() -> EdgeEvent? {
        guard nextInstant() != nil else { return nil }
        defer { taken += 1 }
        let edge = edges[taken]
        let bit = UInt8(1) << edge.input
        levels = edge.level ? levels | bit : levels & ~bit
        return edge
    }

    /// Of the edges taken.
    public func level(input: Int) -> Bool { levels & (1 << UInt8(input)) != 0 }

    /// Those who are past by now.
    public var passed: UInt64 {
        let now = start + TimeSpan(nanoseconds: Int64(madeUntil * 1e9))
        return UInt64(truth.prefix { $0.instant <= now }.count)
    }

    private mutating func makeStretch() {
        let count = Self.stretch
        let end = madeUntil + Double(count) / signal.rate
        var first = [Double](repeating: 0, count: count)
        var second = [Double](repeating: 0, count: count)
        edges.removeAll(keepingCapacity: true)
        taken = 0
        first.withUnsafeMutableBufferPointer { one in
            second.withUnsafeMutableBufferPointer { other in
                guard let one = one.baseAddress, let other = other.baseAddress else { return }
                for target in targets {
                    if target.begins > end { break }
                    if target.ends > madeUntil { signal.add(target, from: madeUntil, count: count, one, other) }
                }
                signal.finish(count: count, one, other)
                compare(one, count, input: 0)
                if physics.hasQuadrature { compare(other, count, input: 1) }
            }
        }
        if physics.hasQuadrature { edges.sort { ($0.instant, $0.input) < ($1.instant, $1.input) } }
        targets.removeAll { $0.ends <= end }
        madeUntil = end
    }

    private mutating func compare(_ signal: UnsafeMutablePointer<Double>, _ count: Int, input: Int) {
        var comparator = comparators[input]
        for sample in 0..<count {
            let value = signal[sample]
            let threshold = comparator.isHigh ? physics.offset - physics.hysteresis : physics.offset + physics.hysteresis
            if comparator.isHigh ? value < threshold : value > threshold {
                comparator.isHigh.toggle()
                comparator.number &+= 1
                // Where the line between the samples meets the threshold.
                let way = value - comparator.last
                let share = way == 0 ? 1 : min(1, max(0, (threshold - comparator.last) / way))
                let time = max(0, madeUntil + (Double(sample) - 1 + share) / self.signal.rate)
                edges.append(
                    EdgeEvent(
                        instant: start + TimeSpan(nanoseconds: Int64(time * 1e9)), input: UInt8(input), level: comparator.isHigh,
                        lineSequence: comparator.number))
            }
            comparator.last = value
        }
        comparators[input] = comparator
    }
}
