import PulsePipeline
public import SensorCore

/// How many activations of one input each of many filter times would accept, found in one pass over its edges.
///
/// `stable`: a level is accepted once it was held for the time; see `StableDebouncer`. `lockout`: see `LockoutDebouncer`.
public struct FilterSweep: Sendable {
    /// 10 µs to 1 s, eleven to the decade, round figures.
    public static let times: [TimeSpan] =
        (0..<5).flatMap { power in
            let unit = (0..<power).reduce(Int64(100)) { value, _ in value * 10 }
            return ([10, 12, 15, 20, 25, 30, 40, 50, 60, 70, 80] as [Int64]).map { TimeSpan.nanoseconds($0 * unit * 10) }
        } + [.seconds(1)]

    /// Accepted activations by each of `times`.
    public private(set) var stable = [UInt64](repeating: 0, count: FilterSweep.times.count)
    public private(set) var lockout = [UInt64](repeating: 0, count: FilterSweep.times.count)
    /// Activations without any filter.
    public private(set) var pulses: UInt64 = 0
    /// The shortest time between two edges; nil before there are two.
    public private(set) var shortest: TimeSpan?

    private var accepted: [Bool]
    private var lockouts: [LockoutDebouncer]
    private var level: Bool
    private var since: MonotonicInstant?

    /// - Parameter level: of the input before its first edge.
    public init(level: Bool) {
        self.level = level
        accepted = Self.times.map { _ in level }
        let start = MonotonicInstant(nanoseconds: 0)
        lockouts = Self.times.map { LockoutDebouncer(lockout: $0, level: level, at: start) }
    }

    public mutating func take(_ edge: EdgeEvent) {
        settle(at: edge.instant)
        if let since { shortest = min(shortest ?? (edge.instant - since), edge.instant - since) }
        if edge.level, !level { pulses += 1 }
        level = edge.level
        since = edge.instant
        for place in lockouts.indices {
            settleLockout(place, at: edge.instant)
            lockouts[place].change(to: edge.level, at: edge.instant)
            settleLockout(place, at: edge.instant)
        }
    }

    /// The line stays as the last edge left it.
    public mutating func finish() {
        settle(at: .distantFuture)
        for place in lockouts.indices { settleLockout(place, at: .distantFuture) }
    }

    /// The level since the last edge has lasted until `now`: every time up to that accepts it.
    private mutating func settle(at now: MonotonicInstant) {
        guard let since else { return }
        let held = now - since
        for place in Self.times.indices {
            if Self.times[place] > held { return }
            if accepted[place] != level {
                accepted[place] = level
                if level { stable[place] += 1 }
            }
        }
    }

    private mutating func settleLockout(_ place: Int, at now: MonotonicInstant) {
        while let outcome = lockouts[place].settle(at: now) {
            if case .transition(let change) = outcome, change.level { lockout[place] += 1 }
        }
    }

    /// Both inputs' counts together.
    public static func + (one: FilterSweep, other: FilterSweep) -> FilterSweep {
        var sum = one
        for place in times.indices {
            sum.stable[place] += other.stable[place]
            sum.lockout[place] += other.lockout[place]
        }
        sum.pulses += other.pulses
        sum.shortest = [one.shortest, other.shortest].compactMap { $0 }.min()
        return sum
    }
}
