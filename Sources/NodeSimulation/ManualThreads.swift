package import HardwareMocks
import LinuxHardware
package import NodeRuntime
import SensorCore

/// Threads that take part in a manual clock: one runs at a time, and time passes only when all wait. Where several are
/// due at once the node loop goes first, then the others as they were started: the same on every run.
///
/// Destinations do not take part: their brokers are real, and so is their time.
package final class ManualThreads: ServiceThreads {
    private static let stack = 512 * 1024
    private static let patience = TimeSpan.seconds(60)

    package let wakeNodeLoop: @Sendable () -> Void = {}
    private let clock: ManualClock
    private var measuring: [NodeThread] = []

    package init(clock: ManualClock) { self.clock = clock }

    package func start(_ role: ServiceRole, _ body: @escaping @Sendable () -> Void) throws(ThreadError) {
        do throws(HostError) {
            switch role {
            case .counting, .climate, .tracking:
                let clock = clock
                let rank = measuring.count + 1
                let work: @Sendable () -> Void = {
                    clock.enter(rank: rank)
                    body()
                    clock.leave()
                }
                measuring.append(try NodeThread(name: "simulated", stackSize: Self.stack, body: work))
            }
        } catch {
            throw ThreadError(error)
        }
    }

    /// In simulated time nobody waits for long.
    package func wakeMeasuring() {}

    /// Also takes the calling thread out of the simulated time: it waits in real time from here on.
    package func joinMeasuring() -> Bool {
        clock.leave()
        var hasEnded = true
        for thread in measuring where !thread.join(timeout: Self.patience) { hasEnded = false }
        return hasEnded
    }

    package func startSending(to name: String, _ body: @escaping @Sendable () -> Void) throws(ThreadError) -> any ServiceThread {
        try SendingThread(to: name, stackSize: Self.stack, timeout: Self.patience, body)
    }
}
