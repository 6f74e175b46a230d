import SensorCore
import Glibc

/// The operating system refused something the node needs.
public struct HostError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was tried: "lock memory".
    public var operation: String
    /// `errno`, or 0 where there is none.
    public var code: Int32
    /// What the person at the box can do about it.
    public var advice: String

    public init(operation: String, code: Int32, advice: String) {
        self.operation = operation
        self.code = code
        self.advice = advice
    }

    public var description: String {
        "\(operation) failed\(code == 0 ? "" : " (errno \(code), \(systemText(code)))"): \(advice)"
    }
}
