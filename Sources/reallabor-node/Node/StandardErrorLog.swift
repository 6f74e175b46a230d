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
        writeStandardError(front + message + "\n")
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

/// One `write` per call, so that lines of several threads do not mix.
func writeStandardError(_ text: String) { write(Array(text.utf8)[...], to: STDERR_FILENO) }
func writeStandardOutput(_ text: String) { writeStandardOutput(Array(text.utf8)[...]) }
func writeStandardOutput(_ bytes: ArraySlice<UInt8>) { write(bytes, to: STDOUT_FILENO) }

private func write(_ bytes: ArraySlice<UInt8>, to descriptor: Int32) {
    var rest = bytes
    while !rest.isEmpty {
        let written = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
        // Nobody reads any more (a closed pipe, a full disk): there is nowhere left to say so.
        if written <= 0 && errno != EINTR { return }
        rest = rest.dropFirst(max(0, written))
    }
}
