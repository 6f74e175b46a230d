public import SensorCore

/// Capped exponential back-off with full jitter: each wait is drawn evenly from zero to a bound that doubles with every
/// failure in a row (Brooker, "Exponential Backoff And Jitter", AWS 2015), so that a city's nodes don't return in step.
public struct BackOff: Hashable, Sendable {
    public let first: TimeSpan
    public let longest: TimeSpan
    public private(set) var failures = 0

    public init(first: TimeSpan, longest: TimeSpan) {
        precondition(first > .zero && first <= longest, "a back-off needs 0 < first <= longest")
        self.first = first
        self.longest = longest
    }

    /// The upper bound of the next wait: `first` × 2^failures, at most `longest`.
    public var bound: TimeSpan {
        var bound = first
        // 63 doublings are more than any time.
        for _ in 0..<min(failures, 63) {
            if bound.nanoseconds > longest.nanoseconds / 2 { return longest }
            bound = bound * 2
        }
        return bound
    }

    /// Counts a failure and draws the wait after it.
    public mutating func nextWait(using generator: inout some RandomNumberGenerator) -> TimeSpan {
        let wait = Int64.random(in: 0...bound.nanoseconds, using: &generator)
        failures += 1
        return TimeSpan(nanoseconds: wait)
    }

    public mutating func reset() { failures = 0 }

    /// With other bounds, after as many failures.
    func bounded(first: TimeSpan, longest: TimeSpan) -> BackOff {
        var other = BackOff(first: min(first, longest), longest: longest)
        other.failures = failures
        return other
    }
}

/// SplitMix64 (Steele, Lea and Flood, OOPSLA 2014): a small generator whose whole state is its seed. Not for secrets.
/// Seed 0 begins with 0xE220A8397B1DCDAF.
public struct SplitMix64: RandomNumberGenerator, Hashable, Sendable {
    private var state: UInt64

    public init(seed: UInt64) { state = seed }

    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
