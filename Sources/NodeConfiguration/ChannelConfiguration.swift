public import PulsePipeline
public import SensorCore

/// One counting channel.
public struct ChannelConfiguration: Hashable, Sendable {
    /// 1 to 63 of a-z, 0-9 and '-'.
    public let name: String
    public let settings: ChannelSettings
    /// One per role of the detector, in the detector's order; the index is `EdgeEvent.input`.
    public let inputs: [InputConfiguration]

    public init(name: String, settings: ChannelSettings, inputs: [InputConfiguration]) {
        self.name = name
        self.settings = settings
        self.inputs = inputs
    }
}

public struct InputConfiguration: Hashable, Sendable {
    /// What the input is to the detector: "input" where there is one, else "first" and "second".
    public let role: String
    /// The header pin: "J8-11", also where the file says GPIO17; nil for a line that has none, which is simulated.
    public let pinName: String?
    /// The line's own name: "GPIO17"; nil where the board has none for it.
    public let lineName: String?
    /// The line's number within the board's chip.
    public let lineOffset: UInt32
    public let bias: InputBias
    /// A low level is "active".
    public let isActiveLow: Bool

    public init(
        role: String, pinName: String?, lineName: String? = nil, lineOffset: UInt32, bias: InputBias = .asIs, isActiveLow: Bool = false
    ) {
        self.role = role
        self.pinName = pinName
        self.lineName = lineName
        self.lineOffset = lineOffset
        self.bias = bias
        self.isActiveLow = isActiveLow
    }

    /// What a person knows it by.
    public var label: String { pinName ?? role }
}
