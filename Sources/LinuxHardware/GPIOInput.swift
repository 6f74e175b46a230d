public import SensorCore

/// One input of a channel as the line is to be set up.
public struct GPIOInput: Hashable, Sendable {
    /// The line's number on its chip.
    public var lineOffset: UInt32
    public var bias: InputBias
    /// Active is low: a contact to ground with a pull-up.
    public var isActiveLow: Bool
    /// The kernel lets a level pass only after it was stable for this long, 1 µs to 71 min; nil for no filter.
    /// Only where `EdgeCapabilities.hasKernelDebounce`.
    public var kernelDebounce: TimeSpan?

    public init(lineOffset: UInt32, bias: InputBias, isActiveLow: Bool, kernelDebounce: TimeSpan? = nil) {
        self.lineOffset = lineOffset
        self.bias = bias
        self.isActiveLow = isActiveLow
        self.kernelDebounce = kernelDebounce
    }
}

/// The lines of one counting channel; they are requested together, or not at all.
public struct GPIOChannelRequest: Hashable, Sendable {
    /// For messages.
    public var name: String
    /// 1 to 64 inputs, in the order of `EdgeEvent.input`.
    public var inputs: [GPIOInput]

    public init(name: String, inputs: [GPIOInput]) {
        self.name = name
        self.inputs = inputs
    }
}
