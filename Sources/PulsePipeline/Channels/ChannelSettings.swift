public import SensorCore

/// What a channel's edges go through, and what its counts are called.
public struct ChannelSettings: Hashable, Sendable {
    public var detector: Detector
    public var filter: PulseFilter
    /// What a count stands for, where it is no road user. Of wind the fastest 3 s of each interval are wanted, too: see `GustMeter`.
    public var meaning: CountMeaning?
    /// More counts than this per second over 10 s are not believed: see `PlausibleRate`. nil believes everything.
    public var mostPerSecond: Double?
    /// Of a contact: an accepted release is a count like an accepted activation, for what opens or closes it in turn.
    public var countsBothEdges: Bool
    public var directions: DirectionNames

    public init(
        detector: Detector, filter: PulseFilter, meaning: CountMeaning? = nil, mostPerSecond: Double? = nil,
        countsBothEdges: Bool = false, directions: DirectionNames = DirectionNames()
    ) {
        self.detector = detector
        self.filter = filter
        self.meaning = meaning
        self.mostPerSecond = mostPerSecond
        self.countsBothEdges = countsBothEdges
        self.directions = directions
    }

    public static func contact(_ filter: PulseFilter) -> ChannelSettings { ChannelSettings(detector: .contact, filter: filter) }

    public var kind: DetectorKind { detector.kind }

    public var inputs: Int { kind.inputs }

    public var isRadar: Bool { kind.isRadar }

    /// Whether its passages are more than a number.
    public var givesDetails: Bool { kind.traits.tells.contains(.passages) }

    /// Whether it knows how long somebody was there. A radar's line moves also when nobody is.
    package var givesOccupancy: Bool { kind.traits.tells.contains(.occupancy) }

    /// What makes its edges, for whoever simulates it.
    public var stimulus: Stimulus {
        if case .contact = detector { .closures(countsEach: countsBothEdges ? 2 : 1) } else { detector.stimulus }
    }

    package var measuresGust: Bool { if case .wind = meaning { true } else { false } }
}
