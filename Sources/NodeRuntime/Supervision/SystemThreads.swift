package import HostFiles
import LinuxHardware
package import SensorCore

/// Threads that live by the system's clock.
package final class SystemThreads: ServiceThreads {
    /// Enough for the pipeline and a clock reading; prefaulted, so that no page of it is missing later.
    private static let countingStack = 128 * 1024
    /// Name resolution and TLS need room.
    private static let ordinaryStack = 512 * 1024
    /// Above the kernel's threaded interrupts at 50 nothing of ours belongs.
    private static let countingPriority: Int32 = 40
    /// A climate part may hold its bus for its deadline; the rest ends within a second.
    private static let measuringPatience = TimeSpan.seconds(4)
    private static let sendingTimeout = TimeSpan.seconds(10)

    package let wakeNodeLoop: @Sendable () -> Void
    private let log: any EventLog
    private let privileges: Privileges
    private var measuring: [NodeThread] = []

    private let edgeWake: WakeEvent
    /// Whether the counting thread runs in real time; nil before it was started.
    package private(set) var countsInRealTime: Bool?

    /// - Parameters:
    ///   - nodeWake: what the node loop waits for.
    ///   - edgeWake: what the source of edges waits for besides edges.
    ///   - privileges: what to ask the system for.
    package init(nodeWake: WakeEvent, edgeWake: WakeEvent, privileges: Privileges, log: any EventLog) {
        wakeNodeLoop = { nodeWake.signal() }
        self.edgeWake = edgeWake
        self.privileges = privileges
        self.log = log
    }

    package func start(_ role: ServiceRole, _ body: @escaping @Sendable () -> Void) throws(ThreadError) {
        do throws(HostError) {
            switch role {
            case .counting:
                let isLocked = privileges.locksMemory
                let work: @Sendable () -> Void = {
                    if isLocked { MemoryLock.prefaultStack(bytes: Self.countingStack / 2) }
                    body()
                }
                let thread = try NodeThread(
                    name: "counting", stackSize: Self.countingStack,
                    scheduling: privileges.realTime ? .realTime(priority: Self.countingPriority) : .ordinary, body: work)
                if let fault = thread.schedulingFault { log.log(.warning, "\(fault)") }
                countsInRealTime = privileges.realTime && thread.schedulingFault == nil
                measuring.append(thread)
            case .climate, .tracking:
                measuring.append(
                    try NodeThread(
                        name: role == .climate ? "climate" : "tracking", stackSize: Self.ordinaryStack, body: body))
            }
        } catch {
            throw ThreadError(error)
        }
    }

    package func wakeMeasuring() { edgeWake.signal() }

    package func joinMeasuring() -> Bool {
        var hasEnded = true
        for thread in measuring where !thread.join(timeout: Self.measuringPatience) { hasEnded = false }
        return hasEnded
    }

    package func startSending(to name: String, _ body: @escaping @Sendable () -> Void) throws(ThreadError) -> any ServiceThread {
        try SendingThread(to: name, stackSize: Self.ordinaryStack, timeout: Self.sendingTimeout, body)
    }
}

/// A thread of the system's that sends to one destination.
package final class SendingThread: ServiceThread {
    private let thread: NodeThread
    private let timeout: TimeSpan

    /// - Parameter timeout: for `join`.
    package init(
        to name: String, stackSize: Int, timeout: TimeSpan, _ body: @escaping @Sendable () -> Void
    ) throws(ThreadError) {
        self.timeout = timeout
        do throws(HostError) {
            thread = try NodeThread(name: name == "mqtt" ? "publisher" : "to \(name)", stackSize: stackSize, body: body)
        } catch {
            throw ThreadError(error)
        }
    }

    package func join() -> Bool { thread.join(timeout: timeout) }
}

/// What the counting thread has over other programs, so that edges are read in time under load.
package struct Privileges {
    package var realTime: Bool
    /// Already locked; see `claim`.
    package var locksMemory: Bool

    package static let none = Privileges(realTime: false, locksMemory: false)

    /// Locks the process's memory, before any thread is started. What is not allowed is said and done without.
    package static func claim(_ log: any EventLog) -> Privileges {
        do throws(HostError) {
            try MemoryLock.lock()
            return Privileges(realTime: true, locksMemory: true)
        } catch {
            log.log(.warning, "\(error)")
            return Privileges(realTime: true, locksMemory: false)
        }
    }
}
