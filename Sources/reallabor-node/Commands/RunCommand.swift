import ArgumentParser
import Glibc
import LinuxHardware
import NodeConfiguration
import NodeRuntime
import SensorCore

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

    func run() throws {
        let log = StandardErrorLog()
        // Before any thread is started, so that all of them leave the signals to the node loop.
        let signals = try TerminationSignals()
        let configuration = try loadConfiguration(config)
        let box = try Box(configuration, trustsClock: trustClock, log: log)
        let plan = try nodePlan(configuration, file: config)
        try checkHardware(box.edges, plan, log)
        let node = try box.node(
            NodeSetup(
                plan: plan, journal: JournalPlace(configuration.journal),
                publisher: try publisherFactory(configuration.mqtt, node: configuration.node, clock: box.clock, log: log),
                calibrations: CalibrationFolder(journal: configuration.journal.path),
                control: controlPath(control).map { .wanted(path: $0) } ?? .none))
        try box.run(node, until: signals)
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
