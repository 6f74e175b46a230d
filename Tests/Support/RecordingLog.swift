package import SensorCore
import Synchronization

/// A log that keeps its lines.
package final class RecordingLog: EventLog {
    private let entries = Mutex<[(severity: LogSeverity, message: String)]>([])

    package init() {}

    /// The messages, in order.
    package var messages: [String] { entries.withLock { $0.map(\.message) } }

    /// The messages with their severity before each: `warning: …`.
    package var lines: [String] { entries.withLock { $0.map { "\($0.severity): \($0.message)" } } }

    package func log(_ severity: LogSeverity, _ message: String) { entries.withLock { $0.append((severity, message)) } }
}
