import Glibc
import HardwareMocks
import JSONText
import LinuxHardware
import NodeConfiguration
import NodeRuntime
package import SensorCore
import Synchronization
package import TransportProcess

/// Many nodes in one process, each with a name, a street, a journal and destinations of its own: `NAME-1` to `NAME-N`.
///
/// In simulated time as many run at once as the machine has processors, each on a clock of its own; in real time all of them.
package struct Fleet {
    /// Threads and files of a process are not endless.
    package static let most = 1000

    private let scenario: Scenario
    private let node: SimulatedNode
    private let count: Int
    private let journal: String?
    private let transport: TransportMaker
    private let log: any EventLog

    /// - Parameters:
    ///   - count: 1 to `most`.
    ///   - journal: as for one node; the numbers are put before its extension. nil uses temporary ones.
    ///   - transport: speaks with the nodes' brokers.
    package init(
        scenario: ChosenScenario, node: SimulatedNode, count: Int, journal: String?, transport: @escaping TransportMaker, log: any EventLog
    ) {
        self.transport = transport
        self.scenario = scenario.scenario
        self.node = node
        self.count = count
        self.journal = journal
        self.log = log
    }

    /// Ends early at SIGTERM or SIGINT. Throws what the host refuses to all of them; what one of them can't do is in the report.
    package func run(inSimulatedTime: Bool) throws -> FleetReport {
        let signals = try TerminationSignals()
        let state = FleetState()
        let workers = inSimulatedTime ? min(count, max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))) : count
        var threads: [NodeThread] = []
        for _ in 0..<workers {
            let (fleet, total) = (UncheckedFleet(fleet: self), count)
            threads.append(
                try NodeThread(name: "simulated node", stackSize: 512 * 1024) {
                    while let number = state.next(of: total) { state.note(number, fleet.fleet.run(number, inSimulatedTime, state)) }
                })
        }
        for thread in threads {
            while !thread.join(timeout: .milliseconds(100)) { if signals.take() != nil { state.stop() } }
        }
        return FleetReport(nodes: state.results)
    }

    private func run(_ number: Int, _ inSimulatedTime: Bool, _ state: FleetState) -> FleetReport.Node {
        let one = node.numbered(number)
        var street = scenario
        street.seed &+= UInt64(number)
        let simulation = Simulation(
            scenario: ChosenScenario(street), node: one, journal: journal.map { Self.path($0, number) },
            transport: transport, log: NamedLog(one.plan.node, log))
        do {
            let clock = try SystemClock(assumeSynchronised: true)
            let report = try simulation.run(
                inSimulatedTime: inSimulatedTime,
                stopping: Simulation.Stopping(
                    wait: { next, wake in
                        // A wake that came meanwhile is seen a little later.
                        clock.sleep(until: min(next, clock.now() + .milliseconds(20)))
                        wake.clear()
                        return !state.isStopped
                    }, isAsked: { state.isStopped }))
            return FleetReport.Node(name: one.plan.node, outcome: .success(report))
        } catch {
            return FleetReport.Node(name: one.plan.node, outcome: .failure(SimulationError(Sentence(of: error))))
        }
    }

    /// "fleet.sqlite" becomes "fleet-3.sqlite".
    static func path(_ journal: String, _ number: Int) -> String {
        let name = journal[(journal.lastIndex(of: "/").map(journal.index(after:)) ?? journal.startIndex)...]
        guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return "\(journal)-\(number)" }
        return "\(journal[..<dot])-\(number)\(journal[dot...])"
    }
}

/// A fleet only holds values and a log, which may be used from any thread; `SimulatedNode` holds values only.
private struct UncheckedFleet: @unchecked Sendable {
    let fleet: Fleet
}

/// What the threads of a fleet share.
private final class FleetState: Sendable {
    private let shared = Mutex((next: 1, results: [Int: FleetReport.Node]()))
    private let stopped = Atomic<Bool>(false)

    var isStopped: Bool { stopped.load(ordering: .relaxed) }
    func stop() { stopped.store(true, ordering: .relaxed) }

    /// The next node's number; nil when all are taken, or the fleet is to end.
    func next(of count: Int) -> Int? {
        shared.withLock { shared in
            guard shared.next <= count, !isStopped else { return nil }
            defer { shared.next += 1 }
            return shared.next
        }
    }

    func note(_ number: Int, _ result: FleetReport.Node) { shared.withLock { $0.results[number] = result } }

    var results: [FleetReport.Node] { shared.withLock { $0.results.sorted { $0.key < $1.key }.map(\.value) } }
}

/// What a fleet found out, node by node.
package struct FleetReport: Sendable {
    struct Node: Sendable {
        var name: String
        var outcome: Result<SimulationReport, SimulationError>
    }

    var nodes: [Node]

    /// Nodes that could not be simulated, with the reason.
    package var failures: [String] {
        nodes.compactMap { node in
            if case .failure(let error) = node.outcome { "\(node.name): \(error)" } else { nil }
        }
    }
    package var isExact: Bool { reports.allSatisfy(\.isExact) }
    package var isDelivered: Bool { reports.allSatisfy(\.isDelivered) }
    private var reports: [SimulationReport] {
        nodes.compactMap { if case .success(let report) = $0.outcome { report } else { nil } }
    }

    package var text: String {
        nodes.map { node in
            switch node.outcome {
            case .success(let report): "\(node.name)\n" + report.text.split(separator: "\n").map { "  \($0)\n" }.joined()
            case .failure(let error): "\(node.name)\n  could not be simulated: \(error)\n"
            }
        }.joined()
    }

    package var json: String {
        let bytes = JSONWriter.object { json in
            json.arrayField("nodes") { list in
                for node in nodes {
                    list.objectElement { json in
                        json.field("node", node.name)
                        switch node.outcome {
                        case .success(let report): report.write(to: &json)
                        case .failure(let error): json.field("fault", error.description)
                        }
                    }
                }
            }
        }
        return String(decoding: bytes, as: UTF8.self) + "\n"
    }
}

extension SimulatedNode {
    /// The same node under a name of its own, and with destinations that are no other's.
    func numbered(_ number: Int) -> SimulatedNode {
        var node = self
        node.plan.node = "\(plan.node)-\(number)"
        node.destinations = destinations.map { $0.numbered(number) }
        return node
    }
}

/// Puts a node's name before its lines.
private final class NamedLog: EventLog {
    private let name: String
    private let log: any EventLog

    init(_ name: String, _ log: any EventLog) {
        self.name = name
        self.log = log
    }

    func log(_ severity: LogSeverity, _ message: String) { log.log(severity, "\(name): \(message)") }
}
