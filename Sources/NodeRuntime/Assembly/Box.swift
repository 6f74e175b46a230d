import HostFiles
package import LinuxHardware
package import NodeConfiguration
package import SensorCore
import ServiceManager

/// The machine a node runs on: its clock, lines, buses, threads and service manager.
package final class Box {
    private static let busTimeout = TimeSpan.milliseconds(100)
    /// A broker that is there takes what is left within this time; what it does not take stays in the journal.
    private static let drainTime = TimeSpan.seconds(3)

    package let clock: SystemClock
    package let edges: GPIOEdgeSource
    private let threads: SystemThreads
    private let privileges: Privileges
    private let nodeWake: WakeEvent
    private let log: any EventLog

    /// Locks memory; to be made before any thread is started.
    ///
    /// - Parameter trustsClock: take the system's clock for synchronised as it is.
    package init(_ configuration: NodeConfiguration, trustsClock: Bool, log: any EventLog) throws(HostError) {
        privileges = Privileges.claim(log)
        clock = try SystemClock(assumeSynchronised: trustsClock)
        nodeWake = try Self.wakeEvent()
        let edgeWake = try Self.wakeEvent()
        edges = GPIOEdgeSource(
            chipLabel: configuration.board.chipLabel, channels: configuration.channels.map(GPIOChannelRequest.init), wake: edgeWake)
        threads = SystemThreads(nodeWake: nodeWake, edgeWake: edgeWake, privileges: privileges, log: log)
        self.log = log
    }

    private static func wakeEvent() throws(HostError) -> WakeEvent {
        do throws(WakeEventUnavailable) {
            return try WakeEvent()
        } catch {
            throw HostError(
                operation: "create an event descriptor", code: error.code,
                advice: "the process has too many open files; raise LimitNOFILE")
        }
    }

    /// Opens the journal; see `RunningNode`.
    package func node(_ setup: NodeSetup) throws -> RunningNode {
        let (threads, privileges, edges) = (threads, privileges, edges)
        let host = NodeHost(clock: clock, threads: threads, log: log, manager: ServiceManager()) {
            (privileges.locksMemory, threads.countsInRealTime)
        }
        return try RunningNode(setup, on: host) { _ in
            NodeInputs(edges: edges, buses: setup.plan.buses.map { I2CDevBus(path: $0.device, timeout: Self.busTimeout) })
        }
    }

    /// Runs the node until a signal ends it, cleanly.
    package func run(_ node: RunningNode, until signals: TerminationSignals) throws {
        try node.start()
        repeat {
            clock.refreshSynchronisation()
        } while try signals.wait(until: node.tick(), wake: nodeWake) == nil
        log.log(.info, "stopping")
        node.finishMeasuring()
        node.finish(drainUntil: clock.now() + Self.drainTime)
    }
}
