/// How urgent a line of the log is, with its syslog number.
public enum LogSeverity: Int, Hashable, Sendable, Comparable {
    case error = 3
    case warning = 4
    case notice = 5
    case info = 6
    case debug = 7

    /// More urgent is smaller, as in syslog.
    public static func < (a: LogSeverity, b: LogSeverity) -> Bool { a.rawValue < b.rawValue }
}

/// Where the node says what happens to it. Called from any thread but the counting one.
public protocol EventLog: AnyObject, Sendable {
    func log(_ severity: LogSeverity, _ message: String)
}
