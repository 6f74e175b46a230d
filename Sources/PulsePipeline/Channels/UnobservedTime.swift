import SensorCore

/// Adds up the time in which a channel's inputs were not seen: stretches may touch and overlap, each moment counts once.
struct UnobservedTime: Sendable {
    private(set) var sum = TimeSpan.zero
    private var intervalStart: MonotonicInstant
    /// The latest stretch; it may reach beyond the open interval.
    private var begin: MonotonicInstant
    private var end: MonotonicInstant

    init(from instant: MonotonicInstant) {
        intervalStart = instant
        begin = instant
        end = instant
    }

    mutating func mark(since from: MonotonicInstant, until to: MonotonicInstant) {
        let from = max(from, intervalStart)
        guard to > from else { return }
        if from > end {
            sum += to - from
            begin = from
            end = to
            return
        }
        if from < begin {
            sum += begin - from
            begin = from
        }
        if to > end {
            sum += to - end
            end = to
        }
    }

    /// The time not observed until `boundary`; what lies beyond it counts for the next interval.
    mutating func close(at boundary: MonotonicInstant) -> TimeSpan {
        var closed = sum
        sum = .zero
        let beyond = end - max(boundary, intervalStart)
        if beyond > .zero {
            sum = beyond
            closed -= beyond
        }
        closed = max(.zero, min(closed, boundary - intervalStart))
        intervalStart = boundary
        begin = max(begin, boundary)
        end = max(end, boundary)
        return closed
    }
}
