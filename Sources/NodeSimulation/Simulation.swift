import HostFiles
package import Delivery
import Glibc
import HardwareMocks
import LinuxHardware
import NodeConfiguration
import NodeRuntime
import PulsePipeline
package import SensorCore
package import TransportProcess

/// A node on a simulated street: the same services as in a box, on simulated inputs and buses.
package struct Simulation {
    /// What a node needs to arm its inputs, on a busy machine too: what passes before is not its to count.
    private static let lead = TimeSpan.seconds(1)
    /// What a node needs to settle its last closure and close its last interval.
    private static let tail = TimeSpan.seconds(2)
    /// A broker that takes nothing for so long is given up.
    private static let deliveryPatience = TimeSpan.seconds(20)
    /// One that cannot be reached, sooner: there is nothing to wait for.
    private static let connectionPatience = TimeSpan.seconds(5)
    private static let journalBudget: Int64 = 64_000_000

    let scenario: Scenario
    let node: SimulatedNode
    /// nil uses a temporary journal.
    let journal: String?
    /// Is told each interval when it is committed, as a line; nil for nobody.
    let tell: ((String) -> Void)?
    /// Ask for real-time priority and locked memory, as in a box. Only in real time.
    let isPrivileged: Bool
    /// Where to listen for status and recordings; nil for nowhere. Only in real time.
    var control: String?
    /// Speaks with the node's brokers.
    let transport: TransportMaker
    /// How long it waits for them.
    package var timing = DeliveryTiming()
    let log: any EventLog

    package init(
        scenario: ChosenScenario, node: SimulatedNode, journal: String?, tell: ((String) -> Void)? = nil, isPrivileged: Bool = false,
        control: String? = nil, transport: @escaping TransportMaker, log: any EventLog
    ) {
        self.transport = transport
        self.scenario = scenario.scenario
        self.node = node
        self.journal = journal
        self.tell = tell
        self.isPrivileged = isPrivileged
        self.control = control
        self.log = log
    }

    /// Who ends a simulation early.
    struct Stopping {
        /// Blocks until a moment, or until the wake is signalled; false when the simulation is to end.
        var wait: (MonotonicInstant, WakeEvent) throws -> Bool
        var isAsked: () -> Bool
    }

    /// Ends early at SIGTERM or SIGINT. Throws what the host, the journal or the control socket refuses, and `SimulationError`.
    package func run(inSimulatedTime: Bool) throws -> SimulationReport {
        let signals = try TerminationSignals()
        return try run(
            inSimulatedTime: inSimulatedTime,
            stopping: Stopping(
                wait: { next, wake in try signals.wait(until: next, wake: wake) == nil }, isAsked: { signals.take() != nil }))
    }

    func run(inSimulatedTime: Bool, stopping: Stopping) throws -> SimulationReport {
        let systemClock = try SystemClock(assumeSynchronised: true)
        let nodeWake = try WakeEvent()
        let edgeWake = try WakeEvent()
        var random = SystemRandomNumberGenerator()
        let boot = BootID("simulated-\(String(random.next(), radix: 16))")
        let privileges = isPrivileged && !inSimulatedTime ? Privileges.claim(log) : .none
        let realTime = RenamedClock(systemClock, bootID: boot)
        guard inSimulatedTime else {
            let threads = SystemThreads(nodeWake: nodeWake, edgeWake: edgeWake, privileges: privileges, log: log)
            return try run(clock: realTime, brokerClock: realTime, threads: threads, isAskedToStop: stopping.isAsked) { next in
                try stopping.wait(next, nodeWake)
            }
        }
        // Taking part: the node loop, the counting thread, one for all radars and one per bus.
        let clock = ManualClock(
            start: MonotonicInstant(nanoseconds: 1_000_000_000), utc: scenario.start, bootID: boot,
            expected: 2 + (node.plan.inputs.contains { $0.settings.isRadar } ? 1 : 0) + node.plan.buses.count)
        return try run(
            clock: clock, brokerClock: realTime, threads: ManualThreads(clock: clock), isAskedToStop: stopping.isAsked
        ) { next in
            clock.sleep(until: next)
            return !stopping.isAsked()
        }
    }

    /// `wait` blocks until a moment, or until there is something to do; false ends the simulation early.
    private func run(
        clock: any NodeClock, brokerClock: any NodeClock, threads: any ServiceThreads, isAskedToStop: () -> Bool,
        wait: (MonotonicInstant) throws -> Bool
    ) throws -> SimulationReport {
        let place = try JournalPlace(path: journal ?? temporaryJournal(), budgetBytes: Self.journalBudget)
        defer { if journal == nil { removeTemporary(place.path) } }
        var start = MonotonicInstant(nanoseconds: 0)
        var street: SimulatedEdgeSource?
        let running = try RunningNode(
            NodeSetup(
                plan: node.plan, journal: place,
                destinations: DestinationPlan.plans(
                    node.destinations, node: node.plan.nodeDescription, transport: transport, timing: timing, clock: brokerClock, log: log),
                // A temporary journal keeps no calibrations.
                calibrations: journal.map { CalibrationFolder(journal: $0) },
                control: control.map { .required(path: $0) } ?? .none),
            on: NodeHost(clock: clock, threads: threads, log: log)
        ) { now in
            start = now
            let edges = self.street(clock: clock, start: start, end: start + scenario.duration)
            street = edges
            return NodeInputs(edges: edges, buses: buses(clock: clock, start: start))
        }
        let end = start + scenario.duration
        let observer = SimulationObserver(tell: tell)
        running.onCommit = { observer.see($0) }
        announcePlantedFaults()
        try running.start()
        var wasStopped = false
        while clock.now() < end + Self.tail {
            let next = min(running.tick(), end + Self.tail)
            if try !wait(next) {
                wasStopped = true
                break
            }
        }
        running.finishMeasuring()
        if !node.destinations.isEmpty, running.store.standings.contains(where: { ($0.backlog ?? 0) > 0 && !$0.status.isConnected }) {
            log.log(.notice, "nothing more is simulated; the broker has some seconds to take what is left")
        }
        let isDelivered = node.destinations.isEmpty || waitForDelivery(running.store, brokerClock, unless: isAskedToStop)
        running.finish(drainUntil: brokerClock.now() + .seconds(2))
        return SimulationReport(
            channels: node.plan.inputs.enumerated().map { index, input in
                .init(
                    name: input.name, stimulus: input.settings.stimulus, counted: observer.counted[input.name, default: 0],
                    passed: street?.trueCount(channel: index) ?? 0, glitches: observer.glitches[input.name, default: 0],
                    flows: observer.flows[input.name, default: []])
            },
            records: observer.records, published: running.store.standings.compactMap(\.acknowledgedThrough).min(),
            publishes: !node.destinations.isEmpty,
            isDelivered: isDelivered, wasStopped: wasStopped)
    }

    private func street(clock: any NodeClock, start: MonotonicInstant, end: MonotonicInstant) -> SimulatedEdgeSource {
        var seeds = SeededGenerator(seed: scenario.seed)
        return SimulatedEdgeSource(
            traffic: node.plan.inputs.map { traffic(of: $0, from: start + Self.lead, until: end, seed: seeds.next()) },
            clock: clock)
    }

    private func traffic(
        of input: ChannelConfiguration, from start: MonotonicInstant, until end: MonotonicInstant, seed: UInt64
    ) -> SimulatedTraffic {
        let sensor: SimulatedStreet.Sensor
        var physics = SensorPhysics.lightBarrier
        switch input.settings.stimulus {
        case .closures:
            return .contact(ContactTraffic(scenario.demand(for: input.name), from: start, until: end, seed: seed))
        case .presence(let hold): sensor = .presence(reach: 3, hold: hold.seconds)
        case .beams(let spacing): sensor = .beams(spacing: spacing)
        case .radar(let setup):
            return .radar(radarStreet(setup, scenario.street(for: input.name).demand, from: start, until: end, seed: seed))
        case .tubes(let spacing):
            sensor = .tubes(spacing: spacing)
            physics = .airSwitch
        }
        var street = scenario.street(for: input.name)
        // Light barriers stand at paths, and people on foot do not switch tubes.
        if case .tubes = sensor { street.demand = street.demand.onWheels } else { street.demand = street.demand.onPaths }
        physics.spikesPerHour = street.spikesPerHour
        return .street(
            StreetTraffic(sensor, demand: street.demand, physics: physics, from: start, until: end, seed: seed))
    }

    private func radarStreet(
        _ setup: RadarSetup, _ demand: StreetDemand, from start: MonotonicInstant, until end: MonotonicInstant, seed: UInt64
    ) -> RadarStreet {
        var physics = RadarPhysics()
        physics.carrier = setup.carrier
        physics.lanes = setup.lanes
        physics.height = setup.height
        physics.azimuth = setup.azimuth
        physics.hasQuadrature = setup.quadrature != nil
        physics.secondLeads = setup.quadrature == .secondLeads
        return RadarStreet(physics, demand: demand, from: start, duration: end - start, seed: seed)
    }

    private func buses(clock: any NodeClock, start: MonotonicInstant) -> [any I2CBus] {
        node.plan.buses.map { bus in
            WeatheredI2CBus(
                name: bus.name,
                sensors: bus.sensors.map { EmulatedSensor(name: $0.name, part: $0.part, address: $0.address, multiplexer: $0.multiplexer) },
                scenario: scenario, clock: clock, start: start)
        }
    }

    /// Waits while a destination goes on taking records; true when they have them all. A signal ends the waiting.
    private func waitForDelivery(_ store: RecordStore, _ clock: any NodeClock, unless isAskedToStop: () -> Bool) -> Bool {
        func backlog() -> UInt64 { store.standings.reduce(0) { $0 + ($1.backlog ?? 0) } }
        var least = backlog()
        var since = clock.now()
        while backlog() > 0 {
            if backlog() < least {
                least = backlog()
                since = clock.now()
            }
            let isReached = store.standings.contains { $0.status.isConnected || $0.status.lastError == nil }
            if clock.now() - since >= (isReached ? Self.deliveryPatience : Self.connectionPatience) || isAskedToStop() {
                return false
            }
            clock.sleep(for: .milliseconds(20))
        }
        return true
    }

    /// Nobody is to take what a scenario breaks for a fault of the program.
    private func announcePlantedFaults() {
        let sensors = Set(node.plan.buses.flatMap(\.sensors).map(\.name))
        for fault in scenario.unpluggings where sensors.contains(fault.sensor) && fault.from < scenario.duration {
            log.log(
                .notice,
                "planted by the scenario: \(fault.sensor) is unplugged from \(Int(fault.from.seconds)) s to \(Int(fault.to.seconds)) s")
        }
    }

    private func temporaryJournal() throws -> String {
        let folder = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        LeftSimulations.remove(in: folder)
        var template = Array("\(folder)/reallabor-simulation-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw SimulationError("no temporary folder in \(folder): \(systemText(errno))")
        }
        let path = template.dropLast().map { UInt8(bitPattern: $0) }
        return String(decoding: path, as: UTF8.self) + "/journal.sqlite"
    }

    private func removeTemporary(_ journal: String) {
        for suffix in ["", "-wal", "-shm", ".lock", ".readers", ".mark"] { unlink(journal + suffix) }
        rmdir(String(journal.dropLast("/journal.sqlite".count)))
    }
}

/// A simulation that could not be set up.
package struct SimulationError: Error, SentenceConvertible {
    package let sentence: Sentence

    init(_ sentence: Sentence) { self.sentence = sentence }
}

/// The system's clock under another boot id, so that nobody takes simulated records for measured ones.
final class RenamedClock: NodeClock {
    private let clock: any NodeClock
    let bootID: BootID

    init(_ clock: any NodeClock, bootID: BootID) {
        self.clock = clock
        self.bootID = bootID
    }

    func now() -> MonotonicInstant { clock.now() }
    func reading() -> ClockReading { clock.reading() }
    func sleep(until deadline: MonotonicInstant) { clock.sleep(until: deadline) }
}
