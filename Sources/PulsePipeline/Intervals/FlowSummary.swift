public import SensorCore

/// A channel's passages of one interval, summed by direction and class: what is published instead of them.
public struct FlowSummary: Sendable {
    public struct Key: Hashable, Sendable {
        public var direction: PassageDirection?
        public var roadUser: RoadUserClass?
    }

    public private(set) var flows: [Key: FlowFigures] = [:]
    /// By lane; nil when some may be wrong.
    public private(set) var headways: [PassageDirection?: HeadwayFigures]? = [:]
    public private(set) var count: UInt64 = 0

    public init() {}

    /// - Parameter previous: the passage before it in the same lane; nil after a time that nobody observed.
    mutating func add(_ passage: Passage, after previous: MonotonicInstant?) {
        count += 1
        let key = Key(direction: passage.direction, roadUser: passage.roadUser)
        flows[key, default: FlowFigures()].count += 1
        if let speed = passage.speed, speed > 0 {
            let kilometresPerHour = speed * 3.6
            if flows[key]?.speeds != nil {
                flows[key]?.speeds?.add(kilometresPerHour)
            } else {
                flows[key]?.speeds = SpeedStatistics(kilometresPerHour)
            }
        }
        if let previous, passage.instant > previous {
            headways?[passage.direction, default: HeadwayFigures()].count += 1
            headways?[passage.direction, default: HeadwayFigures()].sum += passage.instant - previous
        }
    }

    mutating func dropHeadways() { headways = nil }

    static func += (all: inout FlowSummary, more: FlowSummary) {
        all.count += more.count
        for (key, flow) in more.flows {
            all.flows[key, default: FlowFigures()] += flow
        }
        guard let lanes = more.headways else {
            all.headways = nil
            return
        }
        for (lane, more) in lanes {
            all.headways?[lane, default: HeadwayFigures()] += more
        }
    }
}

/// Sums a channel's passages by interval, in memory that does not grow with their number.
///
/// Holds a sum for each interval that is not closed yet: the open one, the one after it, whose first passages may be decided
/// early, and those that wait for a reader that was busy.
public struct IntervalFlows: Sendable {
    private var open: [(number: UInt64, flows: FlowSummary)] = []
    private var newest: [PassageDirection?: MonotonicInstant] = [:]

    public init() {}

    public mutating func take(_ detail: ChannelPassage) {
        let passage = detail.passage
        let previous = newest[passage.direction]
        newest[passage.direction] = max(passage.instant, previous ?? passage.instant)
        if let place = open.firstIndex(where: { $0.number == detail.interval }) {
            open[place].flows.add(passage, after: previous)
        } else {
            var flows = FlowSummary()
            flows.add(passage, after: previous)
            open.append((detail.interval, flows))
        }
    }

    /// Ends the intervals up to `number`, and gives them as one.
    /// - Parameters:
    ///   - count: how many passages there were; if fewer came here, some were lost on the way.
    ///   - wasObserved: throughout. If not, no headway of it, nor the first one after it, is known.
    public mutating func close(
        through number: UInt64, end: MonotonicInstant, count: UInt64, wasObserved: Bool
    ) -> FlowSummary {
        var closed = FlowSummary()
        for place in open.indices where open[place].number <= number { closed += open[place].flows }
        open.removeAll { $0.number <= number }
        if !wasObserved || closed.count < count {
            closed.dropHeadways()
            for place in open.indices { open[place].flows.dropHeadways() }
            newest = newest.filter { $0.value >= end }
        }
        return closed
    }
}

/// A passage on its way from the counting thread to its interval.
public struct ChannelPassage: BitwiseCopyable, Sendable {
    public var channel: Int
    /// The index of the interval in its channel; see `ClosedCount.number`.
    public var interval: UInt64
    public var passage: Passage

    public init(channel: Int, interval: UInt64, passage: Passage) {
        self.channel = channel
        self.interval = interval
        self.passage = passage
    }
}
