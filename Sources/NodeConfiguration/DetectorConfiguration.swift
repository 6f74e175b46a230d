public import SensorCore

/// A detector with what the place it stands at tells it. Lengths are in m.
public enum DetectorConfiguration: Hashable, Sendable {
    /// `meaning`: of one count, where it is rain or wind.
    case contact(meaning: CountMeaning?)
    /// Activations closer than `hold` are one passage; one that lasts for `stall` is the sensor, not a road user.
    case presence(hold: TimeSpan, stall: TimeSpan)
    /// `detectionLength`: how much longer than it is a beam sees a body. A beam broken for `stall` is blocked.
    case beamPair(spacing: Double, detectionLength: Double, stall: TimeSpan)
    case axlePair(spacing: Double, limits: WheelbaseClasses)
    /// A Doppler radar; with two inputs in quadrature where `leads` is given.
    case doppler(RadarPlace, leads: ApproachLead?)

    /// What a count stands for, where it is no road user.
    public var meaning: CountMeaning? {
        if case .contact(let meaning) = self { meaning } else { nil }
    }

    /// In counts per second over 10 s, where nobody says otherwise: rain of 60 mm a minute, and twice the strongest wind.
    var plausibleRate: Double? {
        switch meaning {
        case .rain: 5
        case .wind: 200
        case nil: nil
        }
    }

    public var isRadar: Bool {
        if case .doppler = self { true } else { false }
    }

    public var kind: DetectorKind {
        switch self {
        case .contact: .contact
        case .presence: .presence
        case .beamPair: .beamPair
        case .axlePair: .axlePair
        case .doppler(_, nil): .doppler
        case .doppler: .dopplerIQ
        }
    }
}

/// Where a Doppler radar stands and what it sends.
public struct RadarPlace: Hashable, Sendable {
    /// In Hz.
    public var carrier: Double
    /// Of the middle of each lane from the module, along the ground and square to the road, in m; 1 to 4.
    public var lanes: [Double]
    /// Of the module above what reflects, in m.
    public var height: Double
    /// Of the beam's axis against the road, in degrees, 0 to 90.
    public var azimuth: Double

    public init(carrier: Double, lanes: [Double], height: Double, azimuth: Double) {
        self.carrier = carrier
        self.lanes = lanes
        self.height = height
        self.azimuth = azimuth
    }
}

/// Which of two outputs in quadrature runs ahead while somebody comes nearer.
public enum ApproachLead: String, Hashable, Sendable, CaseIterable {
    case first
    case second
}

/// The longest wheelbase of each class in m, rising; above `van` it is a lorry.
///
/// The defaults are the spacings of FHWA's Scheme F (Traffic Monitoring Guide, appendix on vehicle types): 6 ft, 10.1 ft
/// and 13 ft.
public struct WheelbaseClasses: Hashable, Sendable {
    public var bike = 1.83
    public var car = 3.08
    public var van = 3.96

    public init(bike: Double = 1.83, car: Double = 3.08, van: Double = 3.96) {
        self.bike = bike
        self.car = car
        self.van = van
    }
}

/// What the two directions of a channel are called in what is published.
public struct DirectionNames: Hashable, Sendable {
    /// From the first input to the second; towards a radar.
    public var forward = "forward"
    public var backward = "backward"

    public init(forward: String = "forward", backward: String = "backward") {
        self.forward = forward
        self.backward = backward
    }

    public func name(of direction: PassageDirection) -> String {
        switch direction {
        case .forward: forward
        case .backward: backward
        }
    }
}
