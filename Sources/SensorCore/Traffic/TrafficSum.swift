extension TrafficInterval {
    /// This interval and the one that follows it, as one: counts and sums are exact, what either does not know stays unknown.
    public func joined(with next: TrafficInterval) -> TrafficInterval {
        var sum = next
        sum.span = span.joined(with: next.span)
        sum.observed = observed + next.observed
        sum.flows = Self.joined(flows, next.flows, by: TrafficFlow.join)
        sum.headways = Self.joined(headways, next.headways, by: HeadwaySum.join)
        sum.occupied = Self.isOccupancyUnknown(self) || Self.isOccupancyUnknown(next) ? nil : Self.joined(occupied, next.occupied, by: +)
        if let measured, let later = next.measured {
            sum.measured = CountedAmount.joined(measured, later)
        } else {
            sum.measured = measured ?? next.measured
        }
        sum.quality.counters += quality.counters
        sum.quality.confidence =
            sum.observed > .zero
            ? sum.quality.counters.confidence(passages: sum.flows?.reduce(into: 0) { $0.addSaturating($1.count) } ?? 0) : nil
        if next.fault == nil { (sum.fault, sum.faultMessage) = (fault, faultMessage) }
        return sum
    }

    /// Observed, and yet not known how long the input was active.
    private static func isOccupancyUnknown(_ interval: TrafficInterval) -> Bool {
        interval.occupied == nil && interval.observed > .zero
    }

    private static func joined<Value>(_ one: Value?, _ other: Value?, by join: (Value, Value) -> Value) -> Value? {
        guard let one, let other else { return one ?? other }
        return join(one, other)
    }
}

extension TrafficFlow {
    fileprivate static func join(_ all: [TrafficFlow], _ more: [TrafficFlow]) -> [TrafficFlow] {
        var sum = all
        for flow in more {
            let place = sum.firstIndex { $0.direction == flow.direction && $0.vehicleClass == flow.vehicleClass }
            guard let place else {
                sum.append(flow)
                continue
            }
            sum[place].figures += flow.figures
        }
        // What stands for a counted zero says nothing beside real flows.
        let real = sum.filter { $0.count > 0 }
        return real.isEmpty ? Array(sum.prefix(1)) : real
    }
}

extension HeadwaySum {
    fileprivate static func join(_ all: [HeadwaySum], _ more: [HeadwaySum]) -> [HeadwaySum] {
        var sum = all
        for headway in more {
            if let place = sum.firstIndex(where: { $0.direction == headway.direction }) {
                sum[place].figures += headway.figures
            } else {
                sum.append(headway)
            }
        }
        return sum
    }
}

/// Sums one channel's intervals to longer ones, which begin at whole multiples of their length in UTC (or in monotonic time
/// while UTC is unknown).
///
/// States: empty; or gathering a longer interval, which ends with its last part, or unfinished when a part belongs
/// elsewhere: after a step of the clock, or after parts that are missing.
public struct TrafficSum: Sendable {
    public let length: TimeSpan
    private var gathered: TrafficInterval?

    public init(length: TimeSpan) { self.length = length }

    /// The sums that end with this part; usually none, or one.
    public mutating func take(_ part: TrafficInterval) -> [TrafficInterval] {
        var finished: [TrafficInterval] = []
        if let before = gathered {
            if before.span.startPlace(among: length) == part.span.startPlace(among: length), before.span.end == part.span.start {
                gathered = before.joined(with: part)
            } else {
                finished += [finish()].compactMap(\.self)
                gathered = part
            }
        } else {
            gathered = part
        }
        let end = part.span.utc?.end.nanoseconds ?? part.span.end.nanoseconds
        if end % length.nanoseconds == 0 { finished += [finish()].compactMap(\.self) }
        return finished
    }

    /// What is gathered so far.
    public mutating func finish() -> TrafficInterval? {
        defer { gathered = nil }
        guard var sum = gathered else { return nil }
        sum.summedOver = length
        sum.span.isPartial = !sum.span.isWhole(length)
        return sum
    }
}
