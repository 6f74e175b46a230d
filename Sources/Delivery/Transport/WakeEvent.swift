import Glibc

/// Wakes a thread that waits in poll(2), from any other thread.
public final class WakeEvent: Sendable {
    public let descriptor: Int32

    public init() throws(DestinationUnavailable) {
        descriptor = eventfd(0, Int32(EFD_NONBLOCK) | Int32(EFD_CLOEXEC))
        guard descriptor >= 0 else {
            throw DestinationUnavailable(description: "no eventfd for the thread of a destination (errno \(errno))")
        }
    }

    deinit { close(descriptor) }

    /// EAGAIN means that the counter is full, so the thread is about to wake anyway.
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

/// The system has no room for another destination.
public struct DestinationUnavailable: Error, Hashable, Sendable, CustomStringConvertible {
    public let description: String
}
