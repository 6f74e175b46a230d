import Glibc
public import SensorCore

/// Time that moves only when everybody waits.
///
/// The threads of a simulated node take part in it: one runs at a time, and when it sleeps the clock jumps to the
/// earliest deadline and that thread runs. So a day passes in seconds, in the same order on every run.
///
/// A thread takes part from its first `sleep` or `enter` until it calls `leave`; the clock stands still until
/// `expected` threads have come. A thread that blocks on anything but this clock must leave first.
public final class ManualClock: NodeClock, @unchecked Sendable {
    // All state is guarded by `mutex`; that makes `@unchecked Sendable` true.
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private var participants: [Participant] = []
    private var missing: Int
    private var current: MonotonicInstant
    private var wallOffset: TimeSpan?

    public let bootID: BootID

    private struct Participant {
        let thread: pthread_t
        let condition: UnsafeMutablePointer<pthread_cond_t>
        let rank: Int
        /// nil while it runs.
        var deadline: MonotonicInstant?
    }

    /// - Parameters:
    ///   - start: monotonic time to begin with.
    ///   - utc: wall-clock time at `start`; nil for a node that does not know the time.
    ///   - expected: how many threads must have come before time moves.
    public init(
        start: MonotonicInstant, utc: WallClockTime?, bootID: BootID = BootID("simulated-boot"), expected: Int = 1
    ) {
        current = start
        wallOffset = utc.map { TimeSpan(nanoseconds: $0.nanoseconds - start.nanoseconds) }
        self.bootID = bootID
        missing = expected
        mutex = .allocate(capacity: 1)
        pthread_mutex_init(mutex, nil)
    }

    deinit {
        for participant in participants { participant.condition.dispose() }
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    public func now() -> MonotonicInstant {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return current
    }

    public func reading() -> ClockReading {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return ClockReading(instant: current, utc: utc(of: current))
    }

    /// The node learns the time (or, with nil, loses it), as from a time server.
    public func synchronise(utc: WallClockTime?) {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        wallOffset = utc.map { TimeSpan(nanoseconds: $0.nanoseconds - current.nanoseconds) }
    }

    /// Moves time on by hand; only for tests of a single thread that never sleeps.
    public func advance(by span: TimeSpan) {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        current = current + span
    }

    /// Takes part without passing time, and waits until the clock lets this thread run.
    ///
    /// `rank` settles who runs first of those with equal deadlines, the lowest first. Threads of equal rank go in the
    /// order in which they came, which is the same on every run only if each was started by another that takes part.
    public func enter(rank: Int = 0) {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        wait(until: MonotonicInstant(nanoseconds: .min), participant: ownIndex() ?? join(rank: rank))
    }

    /// This thread no longer takes part. Time moves on without it.
    public func leave() {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        guard let index = ownIndex() else { return }
        participants.remove(at: index).condition.dispose()
        runNext()
    }

    public func sleep(until deadline: MonotonicInstant) {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        wait(until: deadline, participant: ownIndex() ?? join(rank: 0))
    }

    private func wait(until deadline: MonotonicInstant, participant: Int) {
        var index = participant
        let condition = participants[index].condition
        participants[index].deadline = deadline
        runNext()
        while participants[index].deadline != nil {
            pthread_cond_wait(condition, mutex)
            // Others may have left meanwhile.
            guard let found = ownIndex() else { return }
            index = found
        }
    }

    private func utc(of instant: MonotonicInstant) -> WallClockTime? {
        wallOffset.map { WallClockTime(nanoseconds: instant.nanoseconds + $0.nanoseconds) }
    }

    private func ownIndex() -> Int? {
        let own = pthread_self()
        return participants.firstIndex { pthread_equal($0.thread, own) != 0 }
    }

    private func join(rank: Int) -> Int {
        let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
        pthread_cond_init(condition, nil)
        let newcomer = Participant(
            thread: pthread_self(), condition: condition, rank: rank, deadline: nil)
        // Sorted by rank, then by arrival: the order in which equal deadlines are served.
        let place = participants.firstIndex { $0.rank > rank } ?? participants.count
        participants.insert(newcomer, at: place)
        missing -= 1
        return place
    }

    /// Lets the thread with the earliest deadline run, if nobody runs and nobody is missing. Of equal deadlines the
    /// one of the lowest rank, then the one that joined first.
    private func runNext() {
        guard missing <= 0, !participants.contains(where: { $0.deadline == nil }) else { return }
        var next: (index: Int, deadline: MonotonicInstant)?
        for (index, participant) in participants.enumerated() {
            guard let deadline = participant.deadline else { continue }
            if let best = next, best.deadline <= deadline { continue }
            next = (index, deadline)
        }
        guard let next else { return }
        current = max(current, next.deadline)
        participants[next.index].deadline = nil
        pthread_cond_signal(participants[next.index].condition)
    }
}

extension UnsafeMutablePointer<pthread_cond_t> {
    fileprivate func dispose() {
        pthread_cond_destroy(self)
        deallocate()
    }
}
