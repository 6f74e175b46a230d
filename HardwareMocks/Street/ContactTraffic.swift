public import SensorCore

/// How a mechanical contact bounces: bursts of random edges after each closing and opening.
///
/// Ganssle's survey ("A Guide to Debouncing", 2008): 16 of 18 switches bounced 1557 µs on average and 6200 µs at most.
public struct ContactBounce: Hashable, Sendable {
    public var mean: TimeSpan
    public var longest: TimeSpan
    /// Most pairs of extra edges in one burst.
    public var pairs: Int

    public init(mean: TimeSpan, longest: TimeSpan, pairs: Int) {
        self.mean = mean
        self.longest = longest
        self.pairs = pairs
    }

    public static let ganssle = ContactBounce(mean: .microseconds(1557), longest: .microseconds(6200), pairs: 12)
    public static let none = ContactBounce(mean: .zero, longest: .zero, pairs: 0)
}

/// Things that pass a contact at random, and the edges the contact makes of them. Lazy: holds one burst at a time.
///
/// Arrivals are a Poisson process whose gaps never fall below what a contact needs to open again. The true count is
/// kept: it is what a node is to be measured by.
public struct ContactTraffic: Sendable {
    /// What passes.
    public struct Demand: Hashable, Sendable {
        /// Closures per hour, on average; at least 0.
        public var closuresPerHour: Double
        /// The contact stays closed for this long.
        public var hold: ClosedRange<TimeSpan>
        /// At least this long open between two closures.
        public var shortestOpening: TimeSpan
        /// Electromagnetic spikes of 1 to 200 µs while the contact is open, per hour.
        public var spikesPerHour: Double
        public var bounce: ContactBounce

        public init(
            closuresPerHour: Double, hold: ClosedRange<TimeSpan> = .milliseconds(40) ... .milliseconds(120),
            shortestOpening: TimeSpan = .milliseconds(60), spikesPerHour: Double = 0, bounce: ContactBounce = .ganssle
        ) {
            self.closuresPerHour = closuresPerHour
            self.hold = hold
            self.shortestOpening = shortestOpening
            self.spikesPerHour = spikesPerHour
            self.bounce = bounce
        }
    }

    private let demand: Demand
    private let end: MonotonicInstant
    private var random: SeededGenerator
    private var clockTime: MonotonicInstant
    private var nextClosure: MonotonicInstant
    private var nextSpike: MonotonicInstant
    /// Edges of the present burst, oldest first, not yet taken.
    private var pending: [EdgeEvent] = []
    private var taken = 0
    private var sequence: UInt32 = 0
    private var levelTaken = false

    /// Closures made so far.
    public private(set) var closures: UInt64 = 0
    /// Spikes made so far.
    public private(set) var spikes: UInt64 = 0

    /// No closure begins within the last second before `end`, so that each is decided by then.
    public init(_ demand: Demand, from start: MonotonicInstant, until end: MonotonicInstant, seed: UInt64) {
        self.demand = demand
        self.end = end - .seconds(1)
        random = SeededGenerator(seed: seed)
        clockTime = start + demand.shortestOpening
        nextClosure = .distantFuture
        nextSpike = .distantFuture
        nextClosure = clockTime + gap(perHour: demand.closuresPerHour)
        nextSpike = clockTime + gap(perHour: demand.spikesPerHour)
    }

    /// When the next edge comes; nil when the street is empty from now on.
    public mutating func nextInstant() -> MonotonicInstant? {
        while taken == pending.count {
            guard makeBurst() else { return nil }
        }
        return pending[taken].instant
    }

    /// The next edge.
    public mutating func next() -> EdgeEvent? {
        guard nextInstant() != nil else { return nil }
        let edge = pending[taken]
        taken += 1
        levelTaken = edge.level
        return edge
    }

    /// The level of the input at `instant`, which must not lie before the edges already taken.
    public mutating func level(at instant: MonotonicInstant) -> Bool {
        _ = nextInstant()
        return pending[taken...].last { $0.instant <= instant }?.level ?? levelTaken
    }

    private mutating func makeBurst() -> Bool {
        pending.removeAll(keepingCapacity: true)
        taken = 0
        if nextSpike < nextClosure && nextSpike < end {
            let width = TimeSpan.microseconds(Int64.random(in: 1...200, using: &random))
            append(nextSpike, true)
            append(nextSpike + width, false)
            spikes += 1
            clockTime = nextSpike + width
            nextSpike = clockTime + .milliseconds(50) + gap(perHour: demand.spikesPerHour)
            if nextClosure < clockTime + .milliseconds(50) { nextClosure = clockTime + .milliseconds(50) }
            return true
        }
        guard nextClosure < end else { return false }
        let hold = TimeSpan(
            nanoseconds: Int64.random(
                in: demand.hold.lowerBound.nanoseconds...demand.hold.upperBound.nanoseconds, using: &random))
        let opening = max(bounce(to: true, from: nextClosure), nextClosure + hold)
        let opened = bounce(to: false, from: opening)
        closures += 1
        clockTime = opened
        nextClosure = max(nextClosure + gap(perHour: demand.closuresPerHour), opened + demand.shortestOpening)
        if nextSpike < opened + demand.shortestOpening { nextSpike = opened + demand.shortestOpening }
        return true
    }

    /// A burst that ends on `level`; gives the instant of its last edge.
    private mutating func bounce(to level: Bool, from start: MonotonicInstant) -> MonotonicInstant {
        append(start, level)
        guard demand.bounce.pairs > 0, demand.bounce.longest > .microseconds(10) else { return start }
        let length = min(gap(mean: demand.bounce.mean), demand.bounce.longest)
        let pairs = Int.random(in: 0...demand.bounce.pairs, using: &random)
        guard length > .microseconds(10), pairs > 0 else { return start }
        var offsets = (0..<2 * pairs).map { _ in Int64.random(in: 1...length.nanoseconds, using: &random) }
        offsets.sort()
        var last = start
        for (index, offset) in offsets.enumerated() {
            let instant = max(start + TimeSpan(nanoseconds: offset), last + .nanoseconds(500))
            append(instant, index % 2 == 0 ? !level : level)
            last = instant
        }
        return last
    }

    private mutating func append(_ instant: MonotonicInstant, _ level: Bool) {
        sequence &+= 1
        pending.append(EdgeEvent(instant: instant, input: 0, level: level, lineSequence: sequence))
    }

    private mutating func gap(perHour: Double) -> TimeSpan {
        // Less than once a year is never: an exponential gap can be 37 times its mean and has to fit.
        guard perHour > 1e-4 else { return TimeSpan(nanoseconds: .max / 4) }
        return gap(mean: TimeSpan(nanoseconds: Int64(3.6e12 / perHour)))
    }

    /// Exponentially distributed with the given mean.
    private mutating func gap(mean: TimeSpan) -> TimeSpan {
        let uniform = Double.random(in: 0..<1, using: &random)
        return TimeSpan(nanoseconds: Int64(-Double(mean.nanoseconds) * naturalLogarithm(1 - uniform)))
    }
}
