public import PulsePipeline
public import SensorCore

/// Which filter the bounce measured in a trace asks for, and why.
///
/// A good time lies where the count does not depend on it: longer than any bounce, shorter than anything that is to be
/// counted. So the count is taken for many times at once (`FilterSweep`), and the stretches are sought over which it stands
/// still. The longest bounce that is believed is 20 ms (Ganssle's survey of 18 switches: 1.6 ms on average, 6.2 ms at most of
/// 16 of them): a stretch that begins later is a difference between road users, not the end of bouncing.
public struct FilterAdvice: Hashable, Sendable {
    public enum Finding: Hashable, Sendable {
        /// Fewer activations than anything can be said of.
        case tooFew(pulses: UInt64)
        /// Nothing bounces: the count is the same without a filter and with any up to `to`.
        case quiet(to: TimeSpan)
        /// The count stands still between the two times.
        case plateau(from: TimeSpan, to: TimeSpan)
        /// Bounce is as long as what is to be counted: no time tells them apart.
        case inseparable
    }

    /// A filter with the stretch it lies in.
    public var finding: Finding
    /// What the configured filter may be replaced by; nil when there is nothing better to say.
    public var filter: PulseFilter?
    /// Accepted activations on the stretch; nil without one.
    public var activations: UInt64?
    /// The configured filter lies well inside the stretch.
    public var keepsPresent = false

    public static let fewestPulses: UInt64 = 20
    private static let longestBounce = TimeSpan.milliseconds(20)
    /// The end of a stretch over its beginning, at least.
    private static let leastRatio = 2.5

    private struct Stretch {
        var from: Int
        var to: Int
        var count: UInt64
        var ratio: Double { Double(FilterSweep.times[to].nanoseconds) / Double(FilterSweep.times[from].nanoseconds) }
    }

    public init(_ sweep: FilterSweep, present: PulseFilter) {
        guard sweep.pulses >= Self.fewestPulses else {
            self.init(finding: .tooFew(pulses: sweep.pulses))
            return
        }
        if let stable = Self.choose(sweep.stable) {
            self.init(stable, raw: sweep.pulses, present: present) { .stable(rise: $0, fall: $0) }
        } else if let lockout = Self.choose(sweep.lockout), lockout.count < sweep.pulses {
            self.init(lockout, raw: sweep.pulses, present: present) { .lockout($0) }
        } else {
            self.init(finding: .inseparable)
        }
    }

    private init(finding: Finding) { self.finding = finding }

    private init(_ stretch: Stretch, raw: UInt64, present: PulseFilter, _ make: (TimeSpan) -> PulseFilter) {
        let (from, to) = (FilterSweep.times[stretch.from], FilterSweep.times[stretch.to])
        let isQuiet = stretch.from == 0 && stretch.count == raw
        finding = isQuiet ? .quiet(to: to) : .plateau(from: from, to: to)
        activations = stretch.count
        // Well above the longest bounce seen, since a longer one may come, and well below what is counted.
        let middle = (Double(from.nanoseconds) * Double(to.nanoseconds)).squareRoot()
        let wanted =
            isQuiet
            ? min(Double(to.nanoseconds) / 5, 8e6) : min(middle, 3 * Double(from.nanoseconds))
        let time = FilterSweep.times.last { Double($0.nanoseconds) <= wanted * 1.000_001 } ?? from
        let proposed = make(time)
        filter = proposed
        keepsPresent =
            Self.time(of: present, like: proposed).map { $0 * 2 <= to && (isQuiet || $0.nanoseconds * 2 >= from.nanoseconds * 3) } ?? false
        if keepsPresent { filter = present }
    }

    /// The time of a filter of the same kind with one time; nil for another.
    private static func time(of filter: PulseFilter, like other: PulseFilter) -> TimeSpan? {
        switch (filter.kind, other.kind) {
        case (.stable(let rise, let fall), .stable) where rise == fall: rise
        case (.lockout(let time), .lockout): time
        default: nil
        }
    }

    /// The last stretch that begins within the longest bounce and has activations left.
    private static func choose(_ counts: [UInt64]) -> Stretch? {
        var chosen: Stretch?
        var from = 0
        while from < counts.count {
            var (to, low, high) = (from, counts[from], counts[from])
            while to + 1 < counts.count {
                let (nextLow, nextHigh) = (min(low, counts[to + 1]), max(high, counts[to + 1]))
                // A spike now and then may be longer than the rest of them.
                if nextHigh - nextLow > nextHigh / 200 { break }
                (to, low, high) = (to + 1, nextLow, nextHigh)
            }
            let stretch = Stretch(from: from, to: to, count: counts[(from + to) / 2])
            if stretch.count >= fewestPulses / 2, stretch.ratio >= leastRatio, FilterSweep.times[from] <= longestBounce {
                chosen = stretch
            }
            from = to + 1
        }
        return chosen
    }
}
