import CMosquitto
import Glibc

/// Wakes a thread that waits in poll(2), from any other thread.
final class WakeEvent: Sendable {
    let descriptor: Int32

    init() throws(PublisherUnavailable) {
        descriptor = eventfd(0, Int32(EFD_NONBLOCK) | Int32(EFD_CLOEXEC))
        guard descriptor >= 0 else {
            throw PublisherUnavailable(description: "no eventfd for the MQTT thread: \(systemText(errno))")
        }
    }

    deinit { close(descriptor) }

    /// EAGAIN means that the counter is full, so the thread is about to wake anyway.
    func signal() {
        var one: UInt64 = 1
        _ = write(descriptor, &one, MemoryLayout<UInt64>.size)
    }

    /// EAGAIN means that there was nothing to clear.
    func clear() {
        var count: UInt64 = 0
        _ = read(descriptor, &count, MemoryLayout<UInt64>.size)
    }
}

/// The system has no room for another publisher.
public struct PublisherUnavailable: Error, Hashable, Sendable, CustomStringConvertible {
    public let description: String
}
