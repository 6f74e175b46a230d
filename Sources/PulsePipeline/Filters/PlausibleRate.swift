import SensorCore

/// Tells counts that nobody can have made: a relay that hums, a cable that swings, a gauge that rains 100 mm a minute.
///
/// States: *plausible*; *exceeded* from the first count beyond the limit of a window of 10 s until a window has no more than the
/// limit, or none at all. A window begins with a count. What is counted while exceeded is no count, and its windows are not observed.
struct PlausibleRate: BitwiseCopyable, Sendable {
    static let window = TimeSpan.seconds(10)

    private let most: Int
    private var windowStart: MonotonicInstant
    private var count = 0
    private(set) var isExceeded = false

    /// - Parameter mostPerSecond: over a window; above 0.
    init(mostPerSecond: Double, from instant: MonotonicInstant) {
        most = max(1, Int((mostPerSecond * Self.window.seconds).rounded(.up)))
        windowStart = instant - Self.window
    }

    /// Takes the next count. Returns whether it is believed.
    mutating func admits(_ instant: MonotonicInstant) -> Bool {
        if instant - windowStart >= Self.window {
            let hasRested = instant - windowStart >= Self.window * 2
            if count <= most || hasRested { isExceeded = false }
            windowStart = instant
            count = 0
        }
        count += 1
        if count > most { isExceeded = true }
        return !isExceeded
    }

    var windowEnd: MonotonicInstant { windowStart + Self.window }
}
