import Glibc
import SensorCore

/// Lines on standard error: with syslog's number in front under systemd, so that the journal knows how urgent each
/// is; in words for a person otherwise.
final class StandardErrorLog: EventLog {
    private let threshold: LogSeverity
    private let isUnderSystemd: Bool

    init(threshold: LogSeverity = .info) {
        self.threshold = threshold
        isUnderSystemd = getenv("JOURNAL_STREAM") != nil
    }

    func log(_ severity: LogSeverity, _ message: String) {
        guard severity <= threshold else { return }
        let front = isUnderSystemd ? "<\(severity.rawValue)>" : severity.word
        // Systemd takes each line for a message of its own.
        let lines = message.split(separator: "\n", omittingEmptySubsequences: true).map { String($0).withoutControls(keeping: "\t") }
        writeStandardError(front + lines.joined(separator: isUnderSystemd ? "; " : "\n") + "\n")
    }
}

extension LogSeverity {
    fileprivate var word: String {
        switch self {
        case .error: "error: "
        case .warning: "warning: "
        case .notice, .info: ""
        case .debug: "debug: "
        }
    }
}
