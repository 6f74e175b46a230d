import CLinuxHost
import Glibc
public import SensorCore

/// A thread of the node: named, with a stack of known size, and real-time where that is allowed.
///
/// Blocking work runs here, never on Swift's cooperative pool. A thread that was never joined is left to end alone.
public final class NodeThread {
    public enum Scheduling: Hashable, Sendable {
        case ordinary
        /// SCHED_FIFO, priority 1 to 99.
        case realTime(priority: Int32)
    }

    /// As `ps -L`, `top -H` and `/proc` show it; at most 15 bytes.
    public let name: String
    /// Why real-time was asked for and not given; the thread then runs as an ordinary one. nil otherwise.
    public let schedulingFault: HostError?
    private let thread: pthread_t
    private var isJoined = false

    private final class Body {
        let run: () -> Void
        init(_ run: @escaping () -> Void) { self.run = run }
    }

    /// Starts a thread that runs `body`, to which everything goes over that `body` captures.
    /// - Parameters:
    ///   - name: cut to 15 bytes, the kernel's limit.
    ///   - stackSize: in bytes, rounded up to pages; at least 16 KB (PTHREAD_STACK_MIN).
    public init(
        name: String, stackSize: Int, scheduling: Scheduling = .ordinary, body: sending @escaping () -> Void
    ) throws(HostError) {
        let pages = (stackSize + 4095) / 4096
        let held = Unmanaged.passRetained(Body(body))
        var refusal: HostError?
        var created = Self.create(held.toOpaque(), stackSize: pages * 4096, scheduling: scheduling)
        if case .realTime(let priority) = scheduling, case .failure(let failure) = created {
            refusal = HostError(
                operation: "make thread \"\(name)\" real-time with priority \(priority)", code: failure.code,
                advice: failure.code == EPERM
                    ? "edges may be read late under load; set LimitRTPRIO=\(priority) (ulimit -r), without RestrictRealtime"
                    : "choose a priority from 1 to 99")
            created = Self.create(held.toOpaque(), stackSize: pages * 4096, scheduling: .ordinary)
        }
        switch created {
        case .success(let thread): self.thread = thread
        case .failure(let failure):
            held.release()
            throw HostError(
                operation: "start thread \"\(name)\" with a stack of \(pages * 4) KB", code: failure.code,
                advice: failure.code == EINVAL ? "the stack is too small" : "out of memory or threads; see TasksMax")
        }
        self.name = String(decoding: name.utf8.prefix(15), as: UTF8.self)
        schedulingFault = refusal
        // Only fails for a name that is too long.
        pthread_setname_np(thread, self.name)
    }

    deinit { if !isJoined { pthread_detach(thread) } }

    /// Waits for the thread to end. False when it still runs after `timeout`.
    public func join(timeout: TimeSpan) -> Bool {
        if isJoined { return true }
        let deadline = (monotonicNow() + timeout).nanoseconds
        var time = timespec(tv_sec: Int(deadline / 1_000_000_000), tv_nsec: Int(deadline % 1_000_000_000))
        isJoined = pthread_clockjoin_np(thread, nil, CLOCK_MONOTONIC, &time) == 0
        return isJoined
    }

    private struct CreateFailure: Error { var code: Int32 }

    private static func create(
        _ body: UnsafeMutableRawPointer, stackSize: Int, scheduling: Scheduling
    ) -> Result<pthread_t, CreateFailure> {
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        var code = pthread_attr_setstacksize(&attributes, stackSize)
        if code == 0, case .realTime(let priority) = scheduling {
            var parameters = sched_param(sched_priority: priority)
            pthread_attr_setinheritsched(&attributes, Int32(PTHREAD_EXPLICIT_SCHED))
            pthread_attr_setschedpolicy(&attributes, SCHED_FIFO)
            code = pthread_attr_setschedparam(&attributes, &parameters)
        }
        var thread = pthread_t()
        if code == 0 {
            code = pthread_create(
                &thread, &attributes,
                { argument in
                    if let argument { Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run() }
                    return nil
                }, body)
        }
        return code == 0 ? .success(thread) : .failure(CreateFailure(code: code))
    }

}
