import SensorCore
import Glibc

/// The socket could not be made, reached or read.
public struct ControlSocketError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was tried: "connect to /run/reallabor-node/control.sock".
    public var operation: String
    /// `errno`, or 0 where there is none.
    public var code: Int32
    /// What the person can do about it.
    public var advice: String

    public init(operation: String, code: Int32, advice: String) {
        self.operation = operation
        self.code = code
        self.advice = advice
    }

    public var description: String {
        "cannot \(operation)\(code == 0 ? "" : ": \(systemText(code)) (errno \(code))"): \(advice)"
    }
}
