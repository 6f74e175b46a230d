import CLinuxHost
import Glibc

/// Ends another thread's wait: a descriptor that becomes readable when `signal` was called.
///
/// Signals are not counted: any number of them before a `drain` is one.
public final class WakeSignal: Sendable {
    /// For poll: readable while signalled. Owned by this object.
    public let descriptor: Int32

    public init() throws(HostError) {
        descriptor = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        guard descriptor >= 0 else {
            throw HostError(
                operation: "create an event descriptor", code: errno,
                advice: "the process has too many open files; raise LimitNOFILE")
        }
    }

    deinit { close(descriptor) }

    /// From any thread; never blocks nor allocates.
    public func signal() {
        // Fails only when the counter is full (EAGAIN), and then it is signalled.
        _ = eventfd_write(descriptor, 1)
    }

    /// Takes the signal back. True if there was one. Never blocks nor allocates.
    @discardableResult
    public func drain() -> Bool {
        var count: eventfd_t = 0
        return eventfd_read(descriptor, &count) == 0
    }
}
