/// What a node is and has: all that a format may tell of it. Made once, from the configuration.
public struct NodeDescription: Hashable, Sendable {
    /// Unique in the city: "main-street-2".
    public var id: String
    /// Of the program.
    public var version: String
    public var site: SiteDescription?
    /// Of the records as they are measured.
    public var interval: TimeSpan
    /// Longer intervals that traffic is summed to as well.
    public var sums: [TimeSpan]
    public var channels: [ChannelDescription]
    public var sensors: [SensorDescription]

    public init(
        id: String, version: String = "", site: SiteDescription? = nil, interval: TimeSpan = .seconds(60), sums: [TimeSpan] = [],
        channels: [ChannelDescription] = [], sensors: [SensorDescription] = []
    ) {
        self.id = id
        self.version = version
        self.site = site
        self.interval = interval
        self.sums = sums
        self.channels = channels
        self.sensors = sensors
    }

    public func channel(_ name: String) -> ChannelDescription? { channels.first { $0.name == name } }
    public func sensor(_ name: String) -> SensorDescription? { sensors.first { $0.name == name } }
}

/// Where a node stands.
public struct SiteDescription: Hashable, Sendable {
    /// As people call it: "Ritterstraße, north side".
    public var name: String?
    /// WGS 84, degrees, north positive; nil with `longitude` nil.
    public var latitude: Double?
    /// WGS 84, degrees, east positive.
    public var longitude: Double?
    /// Above sea level, metres.
    public var heightMetres: Double?

    public init(name: String? = nil, latitude: Double? = nil, longitude: Double? = nil, heightMetres: Double? = nil) {
        self.name = name
        self.latitude = latitude
        self.longitude = longitude
        self.heightMetres = heightMetres
    }
}

/// One counting channel.
public struct ChannelDescription: Hashable, Sendable {
    public var name: String
    public var detector: DetectorKind
    /// Names of the two directions, forward first; nil for a detector that tells none.
    public var directions: [String]?
    /// Pins or lines, in the detector's order: "J8-11".
    public var inputs: [String]
    /// What the detector's settings say of its place, by the configuration's own keys, in metres and degrees: "spacing" 0.5.
    public var geometry: [GeometryFact]

    public init(
        name: String, detector: DetectorKind, directions: [String]? = nil, inputs: [String] = [], geometry: [GeometryFact] = []
    ) {
        self.name = name
        self.detector = detector
        self.directions = directions
        self.inputs = inputs
        self.geometry = geometry
    }
}

/// One measure of a detector's place.
public struct GeometryFact: Hashable, Sendable {
    /// The configuration's key: "spacing".
    public var name: String
    public var value: Double
    /// "m" or "deg".
    public var unit: String

    public init(name: String, value: Double, unit: String) {
        self.name = name
        self.value = value
        self.unit = unit
    }
}

/// One climate sensor.
public struct SensorDescription: Hashable, Sendable {
    public var name: String
    /// The part with its quantities, ranges and accuracies; nil for a part that is not known here.
    public var part: PartDescription?
    /// The part's name in the configuration: "bme280".
    public var partName: String
    /// How often it is read.
    public var period: TimeSpan
    /// What it gives, derived quantities included, in their order.
    public var quantities: [Quantity]

    public init(name: String, part: PartDescription?, partName: String, period: TimeSpan, quantities: [Quantity]) {
        self.name = name
        self.part = part
        self.partName = partName
        self.period = period
        self.quantities = quantities
    }
}
