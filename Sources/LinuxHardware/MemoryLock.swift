import SensorCore
import CLinuxHost
import Glibc

/// Keeps the process in memory, so that reading edges never waits for the disk.
public enum MemoryLock {
    /// Locks everything mapped now and later, each page once it is used (MCL_ONFAULT: plain mlockall would make whole
    /// thread stacks resident, 68 MB instead of 13).
    ///
    /// Call before threads are started: it also limits the C library to one heap. By default each thread that
    /// allocates gets a heap of its own, and what is freed there stays locked and is not used by others.
    ///
    /// What only the start needed (options, configuration, relocation) is let go before: of the program's code that is a third.
    ///
    /// It needs CAP_IPC_LOCK or no limit on locked memory, and does nothing without: a lock that succeeds under a limit
    /// makes allocations fail later, when the limit is reached.
    public static func lock() throws(HostError) {
        var limit = rlimit()
        host_get_memlock_limit(&limit)
        if limit.rlim_cur != rlim_t.max && host_may_lock_without_limit() == 0 {
            let granted = limit.rlim_cur
            limit = rlimit(rlim_cur: rlim_t.max, rlim_max: rlim_t.max)
            guard host_set_memlock_limit(&limit) == 0 else {
                throw HostError(
                    operation: "lock memory", code: errno,
                    advice: """
                        only \(granted / 1024) KB may be locked (RLIMIT_MEMLOCK), and a limit that is reached later would stop the node; \
                        set LimitMEMLOCK=infinity (ulimit -l unlimited)
                        """)
            }
        }
        releaseCode()
        guard mlockall(Int32(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT)) == 0 else {
            throw HostError(
                operation: "lock memory", code: errno,
                advice: errno == ENOMEM || errno == EPERM
                    ? "locking is not allowed here; set LimitMEMLOCK=infinity" : Sentence(verbatim: systemText(errno)))
        }
        mallopt(M_ARENA_MAX, 1)
    }

    /// Lets the pages of program code go; what runs on comes back with its next use. Of no effect on what is locked.
    @discardableResult
    static func releaseCode() -> Int { Int(host_release_code()) }

    /// Touches the next `bytes` of the calling thread's stack, so that no page of it is missing later.
    /// Returns the bytes touched: fewer when the stack has less room.
    @discardableResult
    public static func prefaultStack(bytes: Int) -> Int { host_prefault_stack(bytes) }
}
