package import Testing
import SensorCore
import Glibc
import Synchronization

/// What a test says of itself when it blocks its thread: it runs on one of a few threads made for that. Swift's own pool has only as
/// many threads as there are processors, and a test that waits for a process there keeps every other test from running.
package struct BlockingTests: SuiteTrait, TestTrait {
    /// Why `make check` leaves the test out.
    fileprivate var leftOut: Comment?
    package var isRecursive: Bool { true }

    package func prepare(for test: Test) async throws {
        guard let leftOut, Tier.isWithoutProcesses else { return }
        try await ConditionTrait.disabled(leftOut).prepare(for: test)
    }
}

extension Trait where Self == BlockingTests {
    /// Waits for other threads, sockets or real time.
    package static var blocksItsThread: Self { BlockingTests(leftOut: nil) }

    /// Starts programs or a broker and waits for them. `make check` leaves such tests out and says so; there a test without this trait
    /// that starts a program fails.
    package static var startsProcesses: Self { BlockingTests(leftOut: "it starts programs, which this run leaves out") }

    /// Calculates for longer than a minute, so `make check` leaves it out too.
    package static var takesLong: Self { BlockingTests(leftOut: "it takes long, and this run is a short one") }
}

enum Tier {
    /// Set by `make check`.
    static let isWithoutProcesses = getenv("TESTS_WITHOUT_PROCESSES") != nil
}

// Swift 6.0, Debian 13's, has no public way to run a test elsewhere: it keeps its threads waiting, which is slower and as right.
#if compiler(>=6.1)
extension BlockingTests: TestScoping {
    package func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        try await withTaskExecutorPreference(WaitingThreads.shared) { try await function() }
    }
}

/// A few threads that may block. Few, since each test on them may start programs that want a processor.
private final class WaitingThreads: TaskExecutor {
    static let shared = WaitingThreads(count: 4)

    private let jobs = Mutex<[UnownedJob]>([])
    // The semaphore lives as long as the process.
    private nonisolated(unsafe) let waiting = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)

    init(count: Int) {
        sem_init(waiting, 0, 0)
        for _ in 0..<count {
            var thread = pthread_t()
            let code = pthread_create(
                &thread, nil,
                { argument in
                    if let argument { Unmanaged<WaitingThreads>.fromOpaque(argument).takeRetainedValue().runJobs() }
                    return nil
                }, Unmanaged.passRetained(self).toOpaque())
            if code == 0 { pthread_detach(thread) } else { Issue.record("no thread for tests that wait: \(systemText(code))") }
        }
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        jobs.withLock { $0.append(job) }
        sem_post(waiting)
    }

    private func runJobs() {
        while true {
            while sem_wait(waiting) != 0 {}
            let job = jobs.withLock { $0.isEmpty ? nil : $0.removeFirst() }
            job?.runSynchronously(on: asUnownedTaskExecutor())
        }
    }
}
#endif
