public import SensorCore

/// What a channel's edges go through.
public struct ChannelSettings: Hashable, Sendable {
    public enum Detector: Hashable, Sendable {
        case contact
        case presence(hold: TimeSpan, stallLimit: TimeSpan)
        case beamPair(BeamGeometry)
        case axlePair(AxleGeometry)
    }

    public var detector: Detector
    public var filter: PulseFilter
    /// The fastest 3 s of each interval are wanted: see `GustMeter`.
    public var measuresGust: Bool
    /// More counts than this per second over 10 s are not believed: see `PlausibleRate`. nil believes everything.
    public var mostPerSecond: Double?

    public init(detector: Detector, filter: PulseFilter, measuresGust: Bool = false, mostPerSecond: Double? = nil) {
        self.detector = detector
        self.filter = filter
        self.measuresGust = measuresGust
        self.mostPerSecond = mostPerSecond
    }

    public static func contact(_ filter: PulseFilter) -> ChannelSettings { ChannelSettings(detector: .contact, filter: filter) }

    /// Whether its passages are more than a number. A contact's are not, and there may be thousands of them in a second.
    public var givesDetails: Bool { detector != .contact }

    /// How many inputs the detector has.
    public var inputs: Int {
        switch detector {
        case .contact, .presence: 1
        case .beamPair, .axlePair: 2
        }
    }
}
