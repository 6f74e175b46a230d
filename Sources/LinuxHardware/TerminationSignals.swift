public import HostFiles
import CLinuxHost
import Glibc
public import SensorCore

/// SIGTERM and SIGINT as something to wait for, instead of something that interrupts.
///
/// Make it first of all, on the main thread: threads started later inherit that the signals are blocked. SIGPIPE is
/// ignored from then on, so that a broken connection is an error of a write.
public final class TerminationSignals: Sendable {
    /// For poll: readable when a signal came. Owned by this object.
    public let descriptor: Int32

    public init() throws(HostError) {
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGTERM)
        sigaddset(&signals, SIGINT)
        let blocked = pthread_sigmask(SIG_BLOCK, &signals, nil)
        guard blocked == 0 else {
            throw HostError(operation: "block SIGTERM and SIGINT", code: blocked, advice: Sentence(verbatim: systemText(blocked)))
        }
        descriptor = signalfd(-1, &signals, Int32(SFD_CLOEXEC | SFD_NONBLOCK))
        guard descriptor >= 0 else {
            throw HostError(
                operation: "create a signal descriptor", code: errno,
                advice: "the process has too many open files; raise LimitNOFILE")
        }
        signal(SIGPIPE, SIG_IGN)
    }

    deinit { close(descriptor) }

    /// SIGTERM or SIGINT if one came; nil otherwise. Does not block.
    public func take() -> Int32? {
        var info = signalfd_siginfo()
        let size = MemoryLayout<signalfd_siginfo>.size
        guard Glibc.read(descriptor, &info, size) == size else { return nil }
        return Int32(info.ssi_signo)
    }

    /// Blocks until a signal came, `wake` was signalled (and drains it) or `deadline` has passed. Returns the signal.
    public func wait(until deadline: MonotonicInstant, wake: WakeEvent) throws(HostError) -> Int32? {
        let pollSet = PollSet(count: 2)
        pollSet.watch(descriptor, at: 0)
        pollSet.watch(wake.descriptor, at: 1)
        let failure = pollSet.wait(until: deadline)
        guard failure == 0 else {
            throw HostError(operation: "wait for signals", code: failure, advice: Sentence(verbatim: systemText(failure)))
        }
        if pollSet.isReadable(1) { wake.clear() }
        return take()
    }
}
