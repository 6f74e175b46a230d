import Delivery
import Glibc
import HardwareMocks
import SensorCore
import StoreForward
import Synchronization
import TestSupport
import Testing

@testable import NodeRuntime
@testable import NodeSimulation

/// The services of a node in simulated time, on simulated hardware, with a real journal.
struct SimulatedRun {
    var scenario: Scenario
    var plan = SimulatedNode.small.plan
    /// What the clock shows at the start; nil for a node that does not know the time.
    var utc: WallClockTime?
    var boot = "boot-1"
    var destinations: [DestinationPlan] = []
    /// Puts something between the street and the node.
    var wrapEdges: (SimulatedEdgeSource, ManualClock) -> any EdgeSource = { street, _ in street }
    /// The state folder whose calibrations the node goes by; nil for none.
    var state: String?
    /// What happens to the node, at seconds from its start.
    var events: [(at: Double, action: (ManualClock) throws -> Void)] = []

    struct Outcome {
        /// In the order of their commit.
        var records: [Record]
        var truth: [String: UInt64]
        var log: [String]
        var start: MonotonicInstant
    }

    static let start = MonotonicInstant(nanoseconds: 1_000_000_000)

    init(_ scenario: Scenario) {
        self.scenario = scenario
        utc = scenario.start
    }

    func run(journal path: String, budget: Int64 = 64_000_000) throws -> Outcome {
        let clock = ManualClock(
            start: Self.start, utc: utc, bootID: BootID(boot), expected: 2 + plan.buses.count)
        let log = RecordingLog()
        let end = Self.start + scenario.duration
        var seeds = SeededGenerator(seed: scenario.seed)
        let edges = SimulatedEdgeSource(
            traffic: plan.inputs.map {
                .contact(
                    ContactTraffic(scenario.demand(for: $0.name), from: Self.start, until: end, seed: seeds.next()))
            }, clock: clock)
        let buses = plan.buses.map { bus in
            WeatheredI2CBus(
                name: bus.name, sensors: bus.sensors.map { EmulatedSensor(name: $0.name, part: $0.part, address: $0.address) },
                scenario: scenario, clock: clock, start: Self.start)
        }
        let node = try RunningNode(
            NodeSetup(
                plan: plan, journal: JournalPlace(path: path, budgetBytes: budget), destinations: destinations,
                calibrations: state.map { CalibrationFolder(state: $0) }),
            on: NodeHost(clock: clock, threads: ManualThreads(clock: clock), log: log)
        ) { _ in NodeInputs(edges: wrapEdges(edges, clock), buses: buses) }
        var records: [Record] = []
        node.onCommit = { records.append($0) }
        try node.start()
        var rest = events.sorted { $0.at < $1.at }[...]
        while clock.now() < end + .seconds(2) {
            var next = min(node.tick(), end + .seconds(2))
            if let event = rest.first { next = min(next, Self.instant(event.at)) }
            clock.sleep(until: next)
            while let event = rest.first, Self.instant(event.at) <= clock.now() {
                try event.action(clock)
                rest.removeFirst()
            }
        }
        node.finishMeasuring()
        node.finish(drainUntil: MonotonicInstant(nanoseconds: 0))
        var truth: [String: UInt64] = [:]
        for (index, input) in plan.inputs.enumerated() { truth[input.name] = edges.trueCount(channel: index) }
        return Outcome(records: records, truth: truth, log: log.lines, start: Self.start)
    }

    static func instant(_ seconds: Double) -> MonotonicInstant { start + TimeSpan(nanoseconds: Int64(seconds * 1e9)) }
}

extension Scenario {
    /// A street from a few words; `more` are further fields of the scenario's JSON.
    static func street(
        seconds: Int, closuresPerHour: Int = 1500, start: Int = 1_788_241_800, seed: Int = 7, more: String = ""
    ) throws -> Scenario {
        try Scenario(
            json: Array(
                """
                {"seed": \(seed), "start": \(start), "duration_s": \(seconds), "traffic": [{"channel": "*", \
                "closures_per_hour": \(closuresPerHour), "spikes_per_hour": 600}]\(more)}
                """.utf8))
    }
}
