import CHostFiles
import Glibc

/// Wakes a thread that waits in poll(2), from any other thread: a descriptor that is readable once `signal` was called.
///
/// Signals are not counted: any number of them before a `clear` is one.
public final class WakeEvent: Sendable {
    /// For poll(2). Owned by this object.
    public let descriptor: Int32

    public init() throws(WakeEventUnavailable) {
        descriptor = eventfd(0, Int32(EFD_NONBLOCK) | Int32(EFD_CLOEXEC))
        guard descriptor >= 0 else { throw WakeEventUnavailable(code: errno) }
    }

    deinit { close(descriptor) }

    /// From any thread; never blocks nor allocates. EAGAIN means that the counter is full, so the thread is about to wake anyway.
    public func signal() {
        var one: UInt64 = 1
        _ = write(descriptor, &one, MemoryLayout<UInt64>.size)
    }

    /// EAGAIN means that there was nothing to clear.
    public func clear() {
        var count: UInt64 = 0
        _ = read(descriptor, &count, MemoryLayout<UInt64>.size)
    }
}

/// The process has too many open files.
public struct WakeEventUnavailable: Error, Hashable, Sendable {
    /// `errno` of eventfd(2).
    public var code: Int32
}
