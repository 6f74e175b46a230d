import CLinuxHost
import Glibc
import SensorCore

/// The time left as ppoll wants it; nil, "for ever", for `distantFuture`.
func pollTimeout(until deadline: MonotonicInstant, now: MonotonicInstant) -> timespec? {
    if deadline == .distantFuture { return nil }
    guard deadline > now else { return timespec() }
    let (left, overflow) = deadline.nanoseconds.subtractingReportingOverflow(now.nanoseconds)
    if overflow { return nil }
    return timespec(tv_sec: Int(left / 1_000_000_000), tv_nsec: Int(left % 1_000_000_000))
}

/// Descriptors to wait for, with the kernel's answer. Allocates only when it is made.
struct PollSet: ~Copyable {
    private let entries: UnsafeMutableBufferPointer<pollfd>

    /// `count` places, all unused.
    init(count: Int) {
        entries = .allocate(capacity: count)
        entries.initialize(repeating: pollfd(fd: -1, events: Int16(POLLIN), revents: 0))
    }

    deinit { entries.deallocate() }

    /// Watches `descriptor` at `place`; -1 leaves the place unused.
    func watch(_ descriptor: Int32, at place: Int) {
        entries[place] = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    }

    func isReadable(_ place: Int) -> Bool { entries[place].revents & Int16(POLLIN) != 0 }

    /// The descriptor's other end is gone, or it is no descriptor any more.
    func hasFailed(_ place: Int) -> Bool { entries[place].revents & Int16(POLLERR | POLLHUP | POLLNVAL) != 0 }

    /// Blocks until a descriptor has something to say or `deadline` has passed. Returns 0 or an `errno`.
    func wait(until deadline: MonotonicInstant) -> Int32 {
        while true {
            let ready: Int32
            if var timeout = pollTimeout(until: deadline, now: monotonicNow()) {
                ready = ppoll(entries.baseAddress, nfds_t(entries.count), &timeout, nil)
            } else {
                ready = ppoll(entries.baseAddress, nfds_t(entries.count), nil, nil)
            }
            if ready >= 0 { return 0 }
            if errno != EINTR {
                let code = errno
                // What an earlier call found must not be taken for this one's answer.
                for place in entries.indices { entries[place].revents = 0 }
                return code
            }
        }
    }
}
