/// How a channel turns edges into counts. The raw value is its name in configurations and in what is published.
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

    /// The one list of what the program knows of each kind.
    public var traits: DetectorTraits {
        switch self {
        case .contact: DetectorTraits(code: 1, inputs: 1, tells: [])
        case .presence: DetectorTraits(code: 2, inputs: 1, tells: [.passages, .occupancy])
        case .beamPair: DetectorTraits(code: 3, inputs: 2, tells: [.passages, .occupancy, .direction, .speed, .roadUser])
        case .axlePair: DetectorTraits(code: 4, inputs: 2, tells: [.passages, .occupancy, .direction, .speed, .roadUser])
        case .doppler:
            DetectorTraits(code: 5, inputs: 1, tells: [.passages, .direction, .inferredDirection, .speed, .roadUser], isRadar: true)
        case .dopplerIQ: DetectorTraits(code: 6, inputs: 2, tells: [.passages, .direction, .speed, .roadUser], isRadar: true)
        }
    }

    public var inputs: Int { traits.inputs }
    /// What the inputs are called, in the order of `EdgeEvent.input`.
    public var inputRoles: [String] { inputs == 1 ? ["input"] : ["first", "second"] }
    public var isRadar: Bool { traits.isRadar }
    public var infersDirection: Bool { traits.tells.contains(.inferredDirection) }
}

/// What a kind of detector has and tells.
public struct DetectorTraits: Hashable, Sendable {
    public struct Tells: OptionSet, Hashable, Sendable {
        public var rawValue: UInt8

        public init(rawValue: UInt8) { self.rawValue = rawValue }

        /// Each passage with its moment, so that headways can be given. Without it a passage is no more than its number, and there may
        /// be thousands of them in a second.
        public static let passages = Tells(rawValue: 1)
        /// How long the first input was active, which is how long somebody was there.
        public static let occupancy = Tells(rawValue: 2)
        public static let direction = Tells(rawValue: 4)
        /// The direction comes from how a pass unfolds, not from a measurement of its own.
        package static let inferredDirection = Tells(rawValue: 8)
        public static let speed = Tells(rawValue: 16)
        public static let roadUser = Tells(rawValue: 32)
    }

    /// Stands for the kind in the journal: never changed, never given to another.
    public let code: UInt64
    /// How many inputs it has: 1 or 2.
    public let inputs: Int
    public let tells: Tells
    /// Measures the phase of each pulse, so that nothing may filter them. Its passages are found on another thread.
    public let isRadar: Bool

    init(code: UInt64, inputs: Int, tells: Tells, isRadar: Bool = false) {
        self.code = code
        self.inputs = inputs
        self.tells = tells
        self.isRadar = isRadar
    }

    /// Measures times between its two inputs.
    public var comparesInputs: Bool { tells.contains(.speed) && inputs == 2 && !isRadar }
}
