import CHostFiles
import Glibc
public import SensorCore

/// Wakes a thread that waits in poll(2), from any other thread: a descriptor that is readable once `signal` was called.
///
/// Signals are not counted: any number of them before a `clear` is one.
public final class WakeEvent: Sendable {
    /// For poll(2). Owned by this object.
    public let descriptor: Int32
    /// Somebody else's descriptor: only waited for.
    private let isForeign: Bool

    public init() throws(WakeEventUnavailable) {
        isForeign = false
        descriptor = eventfd(0, Int32(EFD_NONBLOCK) | Int32(EFD_CLOEXEC))
        guard descriptor >= 0 else { throw WakeEventUnavailable(code: errno) }
    }

    /// Wakes whenever there is something to read from `descriptor`, which stays its owner's: `signal` and `clear` do nothing.
    public init(watching descriptor: Int32) {
        isForeign = true
        self.descriptor = descriptor
    }

    deinit { if !isForeign { close(descriptor) } }

    /// From any thread; never blocks nor allocates. EAGAIN means that the counter is full, so the thread is about to wake anyway.
    public func signal() {
        if isForeign { return }
        var one: UInt64 = 1
        _ = write(descriptor, &one, MemoryLayout<UInt64>.size)
    }

    /// Takes the signal back. True if there was one: EAGAIN means that there was none. Never blocks nor allocates.
    @discardableResult
    public func clear() -> Bool {
        if isForeign { return false }
        var count: UInt64 = 0
        return read(descriptor, &count, MemoryLayout<UInt64>.size) > 0
    }
}

/// The process has too many open files.
public struct WakeEventUnavailable: Error, Hashable, Sendable, SentenceConvertible {
    /// `errno` of eventfd(2).
    public var code: Int32

    public var sentence: Sentence {
        """
        there is no event descriptor to be had (errno \(code), \(systemText(code))): the process has too many open files; raise \
        LimitNOFILE
        """
    }
}
