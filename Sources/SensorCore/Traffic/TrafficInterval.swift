/// How a channel turns edges into counts.
public enum DetectorKind: String, Hashable, Sendable, CaseIterable {
    /// One input; each accepted activation is one count.
    case contact
    /// One input that is active while somebody is there; activations close together are one passage.
    case presence
    /// Two light beams a known way apart: direction, speed, length, class.
    case beamPair = "beam_pair"
    /// Two pneumatic tubes a known way apart: axles grouped to vehicles, direction, speed, class.
    case axlePair = "axle_pair"
    /// One pulse train of a Doppler radar: speed, class, and a direction that is inferred.
    case doppler
    /// Two pulse trains in quadrature: speed, class, direction.
    case dopplerIQ = "doppler_iq"

    /// How many inputs it has.
    public var inputs: Int {
        switch self {
        case .contact, .presence, .doppler: 1
        case .beamPair, .axlePair, .dopplerIQ: 2
        }
    }

    /// The direction comes from how a pass unfolds, not from a measurement of its own.
    public var infersDirection: Bool { self == .doppler }

    public var isRadar: Bool { self == .doppler || self == .dopplerIQ }
}

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

/// Counts of one direction and class. A `contact` gives neither: it has exactly one flow with both nil.
public struct TrafficFlow: Hashable, Sendable {
    public var direction: String?
    public var vehicleClass: String?
    public var count: UInt64
    /// nil when no speed was measured.
    public var speeds: SpeedStatistics?

    public init(direction: String? = nil, vehicleClass: String? = nil, count: UInt64, speeds: SpeedStatistics? = nil) {
        self.direction = direction
        self.vehicleClass = vehicleClass
        self.count = count
        self.speeds = speeds
    }
}

/// What a receiver needs to judge a count.
public struct CountQuality: Hashable, Sendable {
    /// Edges taken from the kernel.
    public var edges: UInt64
    /// Edges known to be lost: gaps in the sequence numbers, equal edges in a row, a level that disagrees.
    public var lostEdges: UInt64
    /// Times the kernel's event buffer was found full where edges have no numbers, so that pairs of edges may be missing
    /// unseen. Where they have, what was dropped is in `lostEdges`.
    public var overflows: UInt64
    /// Excursions from the accepted level that were too short to count.
    public var rejectedGlitches: UInt64
    /// The filter that really worked: "stable rise 8 ms, fall 8 ms".
    public var filter: String
    /// Passages whose signal also fits another reading: they overlapped with another, or a part was missing.
    public var uncertain: UInt64
    /// What looked like a passage and was not: echoes, turn-backs, activations without partner.
    public var rejectedPassages: UInt64
    /// Share of the interval's edges that is accounted for, `edges / (edges + lost + 2 × overflows)`, times the share of its
    /// passages that are certain; 0 to 1, 1 for a quiet line; nil when nothing was observed. Each overflow counts as a lost
    /// pair, since that is the least that passes unseen.
    public var confidence: Double?

    public init(
        edges: UInt64, lostEdges: UInt64, overflows: UInt64, rejectedGlitches: UInt64, filter: String,
        uncertain: UInt64 = 0, rejectedPassages: UInt64 = 0, confidence: Double?
    ) {
        self.edges = edges
        self.lostEdges = lostEdges
        self.overflows = overflows
        self.rejectedGlitches = rejectedGlitches
        self.filter = filter
        self.uncertain = uncertain
        self.rejectedPassages = rejectedPassages
        self.confidence = confidence
    }

    /// See `confidence`.
    public static func confidence(
        edges: UInt64, lost: UInt64, overflows: UInt64, uncertain: UInt64, passages: UInt64
    ) -> Double {
        let missing = lost + 2 * overflows
        let share = missing == 0 ? 1 : Double(edges) / Double(edges + missing)
        return uncertain == 0 ? share : share * (1 - Double(uncertain) / Double(max(passages, uncertain)))
    }
}
