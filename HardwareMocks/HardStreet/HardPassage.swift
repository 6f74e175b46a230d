public import SensorCore

/// What truly happened at a sensor of a hard street.
public struct HardPassage: Hashable, Sendable {
    /// The first change it makes on any input; before a radar, when its front is abreast.
    public var instant: MonotonicInstant
    /// nil where the sensor has no direction.
    public var direction: PassageDirection?
    /// nil where the sensor tells none.
    public var roadUser: RoadUserClass?
    /// In m/s, when its middle is in the middle between the sensors, or abreast; nil where it stood or none is told.
    public var speed: Double?
    /// The situation it is a part of.
    public var tag: String
    /// The signal can't tell it: neither rewarded when counted nor punished when not.
    public var isAmbiguous = false
    /// Nobody else was at the sensor.
    public var isLone = true

    package init(
        instant: MonotonicInstant, direction: PassageDirection? = nil, roadUser: RoadUserClass? = nil, speed: Double? = nil, tag: String,
        isAmbiguous: Bool = false, isLone: Bool = true
    ) {
        self.instant = instant
        self.direction = direction
        self.roadUser = roadUser
        self.speed = speed
        self.tag = tag
        self.isAmbiguous = isAmbiguous
        self.isLone = isLone
    }
}

/// A stretch of time in which something happens, alone in its own time.
public struct HardSituation: Hashable, Sendable {
    public var tag: String
    public var from: MonotonicInstant
    public var to: MonotonicInstant
}

/// What a technician would write down of a site.
public struct HardSetup: Hashable, Sendable {
    /// Between two beams or tubes, in m.
    public var spacing = 0.0
    /// Of a radar, in Hz; its lanes' middles and height in m, its axis against the road in degrees.
    public var carrier = 0.0
    public var lanes: [Double] = []
    public var height = 0.0
    public var azimuth = 0.0
    /// The second output runs ahead for those who come.
    public var secondLeads = false
}
