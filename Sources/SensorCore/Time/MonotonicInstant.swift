/// A length of time in whole nanoseconds; negative where an earlier instant is measured from a later one.
///
/// Range ±292 years, resolution 1 ns. Used instead of `Swift.Duration`, whose 128-bit arithmetic costs
/// several times more on the counting path.
public struct TimeSpan: BitwiseCopyable, Hashable, Comparable, Sendable {
    public var nanoseconds: Int64

    @inlinable
    public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    @inlinable
    public static func nanoseconds(_ count: Int64) -> TimeSpan { TimeSpan(nanoseconds: count) }
    @inlinable
    public static func microseconds(_ count: Int64) -> TimeSpan { TimeSpan(nanoseconds: count * 1_000) }
    @inlinable
    public static func milliseconds(_ count: Int64) -> TimeSpan { TimeSpan(nanoseconds: count * 1_000_000) }
    @inlinable
    public static func seconds(_ count: Int64) -> TimeSpan { TimeSpan(nanoseconds: count * 1_000_000_000) }

    @inlinable
    public static var zero: TimeSpan { TimeSpan(nanoseconds: 0) }

    /// The span in seconds, exact to 1 ns up to 104 days (2^53 ns).
    @inlinable
    public var seconds: Double { Double(nanoseconds) / 1e9 }

    @inlinable
    public static func < (a: TimeSpan, b: TimeSpan) -> Bool { a.nanoseconds < b.nanoseconds }
    @inlinable
    public static func + (a: TimeSpan, b: TimeSpan) -> TimeSpan { TimeSpan(nanoseconds: a.nanoseconds + b.nanoseconds) }
    @inlinable
    public static func - (a: TimeSpan, b: TimeSpan) -> TimeSpan { TimeSpan(nanoseconds: a.nanoseconds - b.nanoseconds) }
    @inlinable
    public static func * (a: TimeSpan, factor: Int64) -> TimeSpan { TimeSpan(nanoseconds: a.nanoseconds * factor) }
    @inlinable
    public static func += (a: inout TimeSpan, b: TimeSpan) { a.nanoseconds += b.nanoseconds }
    @inlinable
    public static func -= (a: inout TimeSpan, b: TimeSpan) { a.nanoseconds -= b.nanoseconds }
}

/// A point on CLOCK_MONOTONIC: nanoseconds since this boot, the clock of the kernel's edge timestamps.
///
/// Only comparable within one boot; what leaves the node therefore carries a `BootID` beside it.
public struct MonotonicInstant: BitwiseCopyable, Hashable, Comparable, Sendable {
    public var nanoseconds: Int64

    @inlinable
    public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    /// Later than every instant a clock can show: "no deadline".
    @inlinable
    public static var distantFuture: MonotonicInstant { MonotonicInstant(nanoseconds: .max) }

    @inlinable
    public static func < (a: MonotonicInstant, b: MonotonicInstant) -> Bool { a.nanoseconds < b.nanoseconds }
    /// Saturates at `distantFuture`, so that adding to "no deadline" stays "no deadline".
    @inlinable
    public static func + (a: MonotonicInstant, span: TimeSpan) -> MonotonicInstant {
        let (sum, overflow) = a.nanoseconds.addingReportingOverflow(span.nanoseconds)
        return overflow ? .distantFuture : MonotonicInstant(nanoseconds: sum)
    }
    @inlinable
    public static func - (a: MonotonicInstant, span: TimeSpan) -> MonotonicInstant {
        MonotonicInstant(nanoseconds: a.nanoseconds - span.nanoseconds)
    }
    @inlinable
    public static func - (a: MonotonicInstant, b: MonotonicInstant) -> TimeSpan {
        TimeSpan(nanoseconds: a.nanoseconds - b.nanoseconds)
    }
}
