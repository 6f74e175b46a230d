public import SensorCore

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
