import ArgumentParser
import ClimateDrivers
import ControlSocket
import Glibc
import LinuxHardware
import NodeConfiguration
import NodeRuntime
import SensorCore
import ServiceManager

struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Count, measure, keep and publish until told to stop.",
        discussion: """
            SIGTERM or SIGINT ends it cleanly: the last interval is closed as partial, the journal is flushed, the broker is told.
            Under systemd (Type=notify) it says when its inputs are armed and how it fares, and feeds the watchdog while every
            thread moves.

            Example:
              reallabor-node run --config /etc/reallabor-node/node.yaml
            """)

    @Option(help: ArgumentHelp("The node's configuration.", valueName: "file"))
    var config: String

    @Option(
        help: ArgumentHelp(
            "Listen here for status and recordings; under systemd control.sock in its runtime directory.", valueName: "path"))
    var control: String?

    @Flag(help: "Trust the system's clock as it is: for networks without a time server.")
    var trustClock = false

    /// A broker that is there takes what is left within this time; what it does not take stays in the journal.
    private static let drainTime = TimeSpan.seconds(3)
    private static let busTimeout = TimeSpan.milliseconds(100)

    func run() throws {
        let log = StandardErrorLog()
        // Before any thread is started, so that all of them leave the signals to the node loop.
        let signals = try TerminationSignals()
        let configuration = try loadConfiguration(config)
        let privileges = Privileges.claim(log)
        let clock = try SystemClock(assumeSynchronised: trustClock)
        let nodeWake = try WakeSignal()
        let edgeWake = try WakeSignal()
        let edges = GPIOEdgeSource(
            chipLabel: configuration.board.chipLabel,
            channels: configuration.channels.map(GPIOChannelRequest.init), wake: edgeWake)
        let plan = try nodePlan(configuration, file: config)
        let buses = plan.buses.map { I2CDevBus(path: $0.device, timeout: Self.busTimeout) }
        try checkHardware(edges, plan, log)
        let manager = ServiceManager()
        let work = LongWork(manager, clock: clock, log: log)
        let store = try RecordStore(
            place: JournalPlace(configuration.journal), clock: clock, log: log,
            destinations: DestinationPlan.plans(configuration.destinations, node: plan.nodeDescription, clock: clock, log: log),
            stillBusy: work.goesOn)
        let calibrations = CalibrationFolder(journal: configuration.journal.path)
        let threads = SystemThreads(nodeWake: nodeWake, edgeWake: edgeWake, privileges: privileges, log: log)
        let services = NodeServices(
            plan: plan, clock: clock, edges: edges, buses: buses, store: store,
            threads: threads, log: log,
            calibrations: CalibrationsInForce(folder: calibrations, plan: plan, parts: ClimateParts.all, log: log))
        var reports = manager.map { ServiceReports(to: $0, interval: plan.interval, log: log) }
        try services.start()
        let control = try openControl(plan, services, calibrations, clock, log)
        defer { control?.stop() }
        while true {
            clock.refreshSynchronisation()
            let next = services.tick()
            reports?.report(services, at: clock.now())
            var status = services.status
            status.isMemoryLocked = privileges.locksMemory
            status.countsInRealTime = threads.countsInRealTime
            control?.update(status)
            if try signals.wait(until: next, wake: nodeWake) != nil { break }
        }
        log.log(.info, "stopping")
        reports?.stopping()
        services.finishMeasuring()
        services.finish(drainUntil: clock.now() + Self.drainTime)
    }

    /// A socket that cannot be had stops no counting.
    private func openControl(
        _ plan: NodePlan, _ services: NodeServices, _ calibrations: CalibrationFolder, _ clock: any NodeClock,
        _ log: any EventLog
    ) throws -> NodeControl? {
        guard let path = controlPath(control) else { return nil }
        do {
            return try NodeControl(path: path, plan: plan, services: services, calibrations: calibrations, clock: clock)
        } catch let error as ControlSocketError {
            log.log(.error, "\(error). Counting goes on; status and recordings cannot be asked for")
            return nil
        }
    }

    /// Says what is missing; ends the command when nothing at all is there.
    private func checkHardware(_ edges: GPIOEdgeSource, _ plan: NodePlan, _ log: any EventLog) throws {
        for case let fault? in edges.faults { log.log(.error, "\(fault)") }
        let hasInputs = edges.faults.contains { $0 == nil }
        var hasBus = false
        for bus in plan.buses {
            if access(bus.device, R_OK | W_OK) == 0 {
                hasBus = true
            } else {
                log.log(
                    .error,
                    "bus \(bus.name): \(bus.device): \(String(cString: strerror(errno))); switch I2C on "
                        + "(raspi-config, or dtparam=i2c_arm=on) and let the user into group i2c")
            }
        }
        guard !hasInputs && !hasBus else { return }
        throw CommandFailure(.unavailable, "no input and no bus of \(config) is there: nothing to count or measure")
    }
}
