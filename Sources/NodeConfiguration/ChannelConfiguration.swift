public import SensorCore

/// One counting channel.
public struct ChannelConfiguration: Hashable, Sendable {
    /// 1 to 63 of a-z, 0-9 and '-'.
    public let name: String
    public let detector: DetectorConfiguration
    /// One per role of the detector, in the detector's order; the index is `EdgeEvent.input`.
    public let inputs: [InputConfiguration]
    public let debounce: DebounceConfiguration
    public let directions: DirectionNames
    /// More counts than this per second over 10 s are not believed; nil believes everything.
    public let mostPerSecond: Double?
}

public struct InputConfiguration: Hashable, Sendable {
    /// What the input is to the detector: "input" where there is one, else "first" and "second".
    public let role: String
    /// The header pin: "J8-11", also where the file says GPIO17.
    public let pinName: String
    /// The line's number within the board's chip.
    public let lineOffset: UInt32
    public let bias: InputBias
    /// A low level is "active".
    public let isActiveLow: Bool
}

public enum InputBias: String, Hashable, Sendable, CaseIterable {
    case pullUp = "pull-up"
    case pullDown = "pull-down"
    /// Both resistors off.
    case none
    /// As the system left it.
    case asIs = "as-is"
}

public struct DebounceConfiguration: Hashable, Sendable {
    public enum Kind: Hashable, Sendable {
        /// Every edge counts.
        case none
        /// A level is accepted after it was stable for this long; 1 µs to 10 s.
        case stable(rise: TimeSpan, fall: TimeSpan)
        /// A change is accepted at once, then the line is not looked at for this long; 1 µs to 10 s.
        case lockout(TimeSpan)
        /// The kernel filters with this period; 1 µs to 10 s. Only where the edge source can.
        case kernel(TimeSpan)
    }

    public let kind: Kind
    /// Pulses shorter than this are taken out before; 1 µs to 1 s, nil for none.
    public let glitch: TimeSpan?

    public init(_ kind: Kind, glitch: TimeSpan? = nil) {
        self.kind = kind
        self.glitch = glitch
    }
}
