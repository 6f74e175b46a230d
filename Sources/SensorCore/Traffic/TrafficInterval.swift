/// What one counting channel saw in one interval.
public struct TrafficInterval: Hashable, Sendable {
    public var span: IntervalSpan
    /// The channel's name from the configuration.
    public var channel: String
    public var detector: DetectorKind
    /// How long all inputs of the channel were really watched. 0 s observed is "unknown", not "nobody came".
    public var observed: TimeSpan
    /// Counts by direction and class; nil when nothing was observed. A counted zero is a flow with `count` 0.
    public var flows: [TrafficFlow]?
    /// One per lane with at least one headway; nil where the detector tells none, or where a part of the interval was not
    /// observed, so that a headway may hide a passage.
    public var headways: [HeadwaySum]?
    /// How long the first input was active while observed; nil where the detector tells none.
    public var occupied: TimeSpan?
    /// Counts of the channel since its journal began; never falls.
    public var total: UInt64
    public var quality: CountQuality
    /// Why the channel could not be observed, if so: "line 17 of pinctrl-bcm2711 is in use by …".
    public var fault: String?
    /// The same as data; nil in records of before there were codes.
    public var faultMessage: CodedMessage?
    /// What the counts measure; nil where they are only counts, and where nothing was observed.
    public var measured: CountedAmount?
    /// The length it sums intervals to; nil for what was counted itself.
    public var summedOver: TimeSpan?

    public init(
        span: IntervalSpan, channel: String, detector: DetectorKind, observed: TimeSpan, flows: [TrafficFlow]?,
        headways: [HeadwaySum]? = nil, occupied: TimeSpan? = nil, total: UInt64, quality: CountQuality, fault: String? = nil
    ) {
        self.span = span
        self.channel = channel
        self.detector = detector
        self.observed = observed
        self.flows = flows
        self.headways = headways
        self.occupied = occupied
        self.total = total
        self.quality = quality
        self.fault = fault
    }
}

/// A count and its speeds, without saying of whom.
public struct FlowFigures: Hashable, Sendable {
    public var count: UInt64
    /// nil when no speed was measured.
    public var speeds: SpeedStatistics?

    public init(count: UInt64 = 0, speeds: SpeedStatistics? = nil) {
        self.count = count
        self.speeds = speeds
    }

    public static func += (sum: inout FlowFigures, more: FlowFigures) {
        sum.count.addSaturating(more.count)
        guard let speeds = more.speeds else { return }
        if sum.speeds != nil { sum.speeds? += speeds } else { sum.speeds = speeds }
    }
}

/// Counts of one direction and class. A `contact` gives neither: it has exactly one flow with both nil.
public struct TrafficFlow: Hashable, Sendable {
    public var direction: String?
    public var vehicleClass: String?
    public var figures: FlowFigures

    public init(direction: String? = nil, vehicleClass: String? = nil, _ figures: FlowFigures) {
        self.direction = direction
        self.vehicleClass = vehicleClass
        self.figures = figures
    }

    public init(direction: String? = nil, vehicleClass: String? = nil, count: UInt64, speeds: SpeedStatistics? = nil) {
        self.init(direction: direction, vehicleClass: vehicleClass, FlowFigures(count: count, speeds: speeds))
    }

    public var count: UInt64 { figures.count }
    public var speeds: SpeedStatistics? { figures.speeds }
}

/// What a receiver needs to judge a count. Has the counters' properties.
@dynamicMemberLookup
public struct CountQuality: Hashable, Sendable {
    public var counters: EdgeCounters
    /// The filter that really worked: "stable rise 8 ms, fall 8 ms".
    public var filter: String
    /// See `EdgeCounters.confidence`; nil when nothing was observed.
    public var confidence: Double?

    public init(counters: EdgeCounters, filter: String, confidence: Double?) {
        self.counters = counters
        self.filter = filter
        self.confidence = confidence
    }

    public subscript(dynamicMember counter: KeyPath<EdgeCounters, UInt64>) -> UInt64 { counters[keyPath: counter] }
}
