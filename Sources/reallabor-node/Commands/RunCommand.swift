import ArgumentParser
import Diagnosis
import LinuxHardware
import NodeRuntime
import SensorCore
import TransportProcess

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

    @Option(
        help: ArgumentHelp(
            "Speak with brokers through the service behind this socket; as REALLABOR_TRANSPORT says unless given, else through processes of "
                + "its own.", valueName: "path"))
    var transport: String?

    @Flag(help: "Trust the system's clock as it is: for networks without a time server.")
    var trustClock = false

    func run() throws {
        let log = StandardErrorLog()
        // Before any thread is started, so that all of them leave the signals to the node loop.
        let signals = try TerminationSignals()
        let configuration = try loadConfiguration(config)
        for doubt in configuration.doubts { log.log(.warning, doubt.description) }
        let box = try Box(configuration, trustsClock: trustClock, log: log)
        let plan = try nodePlan(configuration, file: config)
        let socket = transportPath(transport)
        // Behind a socket another user reads it.
        if socket == nil, let fault = configuration.destinations.lazy.compactMap(\.unreadablePassword).first { throw fault }
        let hardware = HardwareCheck(plan, edges: box.edges)
        for finding in hardware.findings { log.log(.error, finding.text.description) }
        if hardware.hasNothing {
            throw CommandFailure(
                .unavailable,
                "no input and no bus of \(config) is there: nothing to count or measure. 'reallabor-node simulate' needs no hardware")
        }
        let node = try box.node(
            NodeSetup(
                plan: plan, journal: JournalPlace(configuration.journal),
                destinations: DestinationPlan.plans(
                    configuration.destinations, node: plan.nodeDescription,
                    transport: socket.map { TransportSocket(path: $0).maker } ?? SpawnedTransport().maker, clock: box.clock, log: log),
                calibrations: CalibrationFolder(journal: configuration.journal.path),
                control: controlPath(control).map { .wanted(path: $0) } ?? .none))
        try box.run(node, until: signals)
    }
}
