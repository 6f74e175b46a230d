import CSystemd
import Glibc
public import SensorCore

/// What the service manager is told of the node (sd_notify(3)).
public enum ServiceMessage: Hashable, Sendable {
    /// Started: the service does its work from now on. `status` as below.
    case ready(status: String)
    /// How the service fares, for `systemctl status`.
    case status(String)
    /// Alive; restarts the watchdog's time.
    case watchdog
    /// Alive, and at work that is not done within the usual time, be it the start's or the watchdog's. Holds for so long.
    case busy(TimeSpan)
    /// About to end by itself.
    case stopping

    /// As sd_notify wants it: one assignment a line. A status is one line, and cut to 512 characters.
    var text: String {
        switch self {
        case .ready(let status): "READY=1\n" + ServiceMessage.status(status).text
        case .status(let status):
            "STATUS=" + String(status.map { $0.isNewline || $0 == "\0" ? " " : $0 }.prefix(512))
        case .watchdog: "WATCHDOG=1"
        case .busy(let time): "WATCHDOG=1\nEXTEND_TIMEOUT_USEC=\(max(0, time.nanoseconds / 1000))"
        case .stopping: "STOPPING=1"
        }
    }
}

/// The service manager took no message.
public struct NotificationFault: Error, Hashable, Sendable, SentenceConvertible {
    /// `errno`.
    public var code: Int32

    public var sentence: Sentence {
        """
        the service manager could not be told how the node fares (errno \(code)): $NOTIFY_SOCKET must be a socket of systemd's; without \
        it the watchdog ends the node
        """
    }
}

/// The service manager that started this process, usually systemd, and waits to hear from it.
///
/// Holds nothing: each message is a datagram of its own, that neither waits for an answer.
public struct ServiceManager: Sendable {
    /// How long it lets the process be silent; nil when it does not watch.
    public let watchdogTimeout: TimeSpan?

    /// nil for a process that nobody waits for: `$NOTIFY_SOCKET` is not set.
    public init?() {
        guard let socket = getenv("NOTIFY_SOCKET"), socket.pointee != 0 else { return nil }
        var microseconds: UInt64 = 0
        let isWatched = sd_watchdog_enabled(0, &microseconds) > 0
        watchdogTimeout = isWatched ? .microseconds(Int64(clamping: microseconds)) : nil
    }

    /// From any thread. Blocks only while the manager's queue of datagrams is full.
    public func tell(_ message: ServiceMessage) throws(NotificationFault) {
        let result = sd_notify(0, message.text)
        if result < 0 { throw NotificationFault(code: -result) }
    }
}
