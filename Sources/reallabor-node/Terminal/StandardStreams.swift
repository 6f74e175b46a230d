import Glibc
import SensorCore
import Synchronization

/// One `write` per call, so that lines of several threads do not mix.
func writeStandardError(_ text: String) {
    // Where it takes nothing there is nowhere left to say so.
    _ = write(Array(text.withoutControls(keeping: "\n\t").utf8)[...], to: STDERR_FILENO)
}

/// What can't be written is remembered: the command then ends with `ExitReason.inputOutput`, whatever else it found.
func writeStandardOutput(_ text: String) {
    // A person's terminal obeys control characters, and names and texts may come from anybody; a file gets what there is.
    writeStandardOutput(Array((StandardOutput.isTerminal ? text.withoutControls(keeping: "\n\t") : text).utf8)[...])
}

func writeStandardOutput(_ bytes: ArraySlice<UInt8>) {
    guard StandardOutput.fault == nil, let code = write(bytes, to: STDOUT_FILENO) else { return }
    // Whoever reads has seen enough; most are ended by SIGPIPE before they come here.
    if code == EPIPE { Glibc.exit(ExitReason.closedPipe.rawValue) }
    StandardOutput.note(code)
}

enum StandardOutput {
    static let isTerminal = isatty(STDOUT_FILENO) == 1
    private static let firstFault = Mutex<Int32?>(nil)

    /// The `errno` of the first write that failed. A command that would go on for long looks at it.
    static var fault: Int32? { firstFault.withLock { $0 } }

    fileprivate static func note(_ code: Int32) { firstFault.withLock { $0 = $0 ?? code } }

    /// nil when all of it was written.
    static var failure: CommandFailure? {
        fault.map { CommandFailure(.inputOutput, "cannot write to standard output: \(systemText($0))") }
    }
}

/// nil, or the `errno` of what could not be written.
private func write(_ bytes: ArraySlice<UInt8>, to descriptor: Int32) -> Int32? {
    var rest = bytes
    while !rest.isEmpty {
        let written = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
        if written < 0 {
            switch errno {
            case EINTR: continue
            case EAGAIN:
                var polled = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                _ = poll(&polled, 1, -1)
                continue
            case let code: return code
            }
        }
        rest = rest.dropFirst(written)
    }
    return nil
}
