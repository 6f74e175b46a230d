package import SensorCore

/// The most counts per second over 3 s, by interval: of a cup anemometer the gust (WMO-No. 8, volume I, chapter 5).
///
/// A window ends at each count and belongs to the interval it ends in. A turn that the window's beginning cuts counts by its
/// share, so that slow wind is not rounded to whole turns. Windows that reach into time that nobody observed are left out.
/// Allocates once, when it is made. Belongs to one thread.
package final class GustMeter {
    package static let window = TimeSpan.seconds(3)
    /// Of counts in one window: 340 per second, ten times what the strongest wind gives.
    private static let capacity = 1024

    private let instants = UnsafeMutablePointer<Int64>.allocate(capacity: GustMeter.capacity)
    private var first = 0
    private var count = 0
    /// The line is observed since, in ns of the monotonic clock.
    private var base: Int64
    private var peak: Double?
    private var nextPeak: Double?
    private var hasWindow = false
    private var isTooFast = false

    /// - Parameter instant: the line is observed since.
    package init(from instant: MonotonicInstant) { base = instant.nanoseconds }

    deinit { instants.deallocate() }

    /// - Parameter isNext: the count belongs to the interval after the open one.
    package func take(_ instant: MonotonicInstant, isNext: Bool) {
        let now = instant.nanoseconds
        guard count == 0 || now > self[count - 1] else { return }
        if count == Self.capacity {
            isTooFast = true
            return
        }
        instants[(first + count) % Self.capacity] = now
        count += 1
        let begin = now &- Self.window.nanoseconds
        while count > 2, self[1] <= begin { removeFirst() }
        guard let turns = turns(since: begin) else { return }
        let rate = turns / Self.window.seconds
        hasWindow = true
        if isNext {
            nextPeak = max(nextPeak ?? 0, rate)
        } else {
            peak = max(peak ?? 0, rate)
        }
    }

    /// Ends the interval.
    /// - Parameter wasObserved: throughout, and no edge was lost. If not, nothing is said, and no later window reaches back.
    /// - Returns: in counts per second; nil when not known.
    package func close(at end: MonotonicInstant, wasObserved: Bool) -> Double? {
        defer {
            peak = nextPeak
            nextPeak = nil
            isTooFast = false
        }
        guard wasObserved, !isTooFast else {
            restart(at: end.nanoseconds)
            return nil
        }
        guard end.nanoseconds &- base >= Self.window.nanoseconds else { return nil }
        // The line's first window ended in this interval or before.
        defer { hasWindow = true }
        return peak ?? (hasWindow ? 0 : Double(countsInFirstWindow) / Self.window.seconds)
    }

    private subscript(place: Int) -> Int64 { instants[(first + place) % Self.capacity] }

    private func removeFirst() {
        first = (first + 1) % Self.capacity
        count -= 1
    }

    /// nil when it is not known.
    private func turns(since begin: Int64) -> Double? {
        if self[0] <= begin, count > 1 {
            return Double(count - 2) + Double(self[1] &- begin) / Double(self[1] &- self[0])
        }
        // Of the turn before the first count nobody knows when it began.
        return base <= begin ? Double(count - 1) : nil
    }

    /// When all counts came in the first seconds, no window ends with one.
    private var countsInFirstWindow: Int {
        (0..<count).count { self[$0] <= base &+ Self.window.nanoseconds }
    }

    private func restart(at instant: Int64) {
        while count > 0, self[0] < instant { removeFirst() }
        base = instant
        nextPeak = nil
        hasWindow = false
    }
}
