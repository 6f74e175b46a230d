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
        "\(operation) failed\(code == 0 ? "" : " (errno \(code), \(errorText(code)))"): \(advice)"
    }
}

/// The C library's text for an `errno`: "Permission denied".
func errorText(_ code: Int32) -> String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 128) { text in
        // The XSI form; texts are far below 128 bytes.
        guard let start = text.baseAddress, strerror_r(code, start, text.count) == 0 else { return "unknown error" }
        return String(cString: start)
    }
}
