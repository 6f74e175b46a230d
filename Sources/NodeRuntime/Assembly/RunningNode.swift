import ControlSocket
package import SensorCore
package import ServiceManager

/// What a node is to do, and where it keeps what it has.
package struct NodeSetup {
    package enum Control {
        case none
        /// A socket that cannot be had stops no counting.
        case wanted(path: String)
        case required(path: String)
    }

    package var plan: NodePlan
    package var journal: JournalPlace
    /// Empty when nothing is published.
    package var destinations: [DestinationPlan]
    /// nil for a node that goes by its configuration alone.
    package var calibrations: CalibrationFolder?
    /// Where it is asked for status and recordings.
    package var control: Control

    package init(
        plan: NodePlan, journal: JournalPlace, destinations: [DestinationPlan], calibrations: CalibrationFolder?,
        control: Control = .none
    ) {
        self.plan = plan
        self.journal = journal
        self.destinations = destinations
        self.calibrations = calibrations
        self.control = control
    }
}

/// What a node runs on: a box, or a simulation of one.
package struct NodeHost {
    package var clock: any NodeClock
    package var threads: any ServiceThreads
    package var log: any EventLog
    /// nil where nobody watches over the process.
    package var manager: ServiceManager?
    /// Whether memory is locked and the counting thread runs in real time; nil where it was not asked for.
    package var privileges: () -> (isMemoryLocked: Bool?, countsInRealTime: Bool?)

    package init(
        clock: any NodeClock, threads: any ServiceThreads, log: any EventLog, manager: ServiceManager? = nil,
        privileges: @escaping () -> (isMemoryLocked: Bool?, countsInRealTime: Bool?) = { (nil, nil) }
    ) {
        self.clock = clock
        self.threads = threads
        self.log = log
        self.manager = manager
        self.privileges = privileges
    }
}

/// What a node counts and measures.
package struct NodeInputs {
    package var edges: any EdgeSource
    /// One per `plan.buses`, in that order.
    package var buses: [any I2CBus]

    package init(edges: any EdgeSource, buses: [any I2CBus]) {
        self.edges = edges
        self.buses = buses
    }
}

/// A node, wired: the one place where journal, inputs, threads, control socket and service manager meet, whatever it runs on.
///
/// Belongs to the thread that makes it. The order of calls: `start`, `tick` at least once a second, `finishMeasuring`, `finish`.
package final class RunningNode {
    private let setup: NodeSetup
    private let host: NodeHost
    private let loop: NodeLoop
    private var reports: ServiceReports?
    private var control: NodeControl?
    /// The journal with its destinations.
    package let store: RecordStore

    /// Opens the journal. Throws `JournalError` for what only a person can settle.
    ///
    /// - Parameter inputs: asked once the journal is open, which may take long, with the moment from which on the node counts.
    package init(_ setup: NodeSetup, on host: NodeHost, inputs: (MonotonicInstant) -> NodeInputs) throws {
        self.setup = setup
        self.host = host
        let work = LongWork(host.manager, clock: host.clock, log: host.log)
        store = try RecordStore(
            place: setup.journal, clock: host.clock, log: host.log, destinations: setup.destinations, stillBusy: work.goesOn)
        let inputs = inputs(host.clock.now())
        loop = NodeLoop(
            plan: setup.plan, clock: host.clock, edges: inputs.edges, buses: inputs.buses, store: store, threads: host.threads,
            log: host.log, calibrations: setup.calibrations.map { CalibrationsInForce(folder: $0, plan: setup.plan, log: host.log) })
        reports = host.manager.map { ServiceReports(to: $0, interval: setup.plan.interval, log: host.log) }
    }

    /// Called with each record once it is committed, for a person who watches.
    package var onCommit: ((Record) -> Void)? {
        get { loop.onCommit }
        set { loop.onCommit = newValue }
    }

    /// Starts the threads, then listens. Throws `ThreadError`, `HostError`, and `ControlSocketError` where a socket is required.
    package func start() throws {
        try loop.start()
        switch setup.control {
        case .none: break
        case .required(let path): control = try listen(at: path)
        case .wanted(let path):
            do {
                control = try listen(at: path)
            } catch let error as ControlSocketError {
                host.log.log(.error, "\(error). Counting goes on; status and recordings cannot be asked for")
            }
        }
    }

    /// One turn of the node loop. Gives the moment of the next, unless a thread wakes it before.
    package func tick() -> MonotonicInstant {
        let next = loop.tick()
        reports?.report(loop, at: host.clock.now())
        if let control { control.update(status) }
        return next
    }

    /// Everything a person or a program may ask, as of now.
    package var status: StatusReport {
        var status = loop.status
        (status.isMemoryLocked, status.countsInRealTime) = host.privileges()
        return status
    }

    /// Asks the measuring threads to end, and does not wait for them.
    package func stopMeasuring() { loop.stopMeasuring() }

    /// Ends counting and measuring; the last intervals are closed as partial and committed.
    package func finishMeasuring() {
        reports?.stopping()
        loop.finishMeasuring()
    }

    /// Ends the destinations, which go on sending until `drainDeadline`, a moment of the system's clock; then the journal and
    /// the control socket.
    package func finish(drainUntil drainDeadline: MonotonicInstant) {
        loop.finish(drainUntil: drainDeadline)
        control?.stop()
        control = nil
    }

    deinit { control?.stop() }

    private func listen(at path: String) throws -> NodeControl {
        try NodeControl(path: path, plan: setup.plan, loop: loop, status: status, calibrations: setup.calibrations, clock: host.clock)
    }
}
