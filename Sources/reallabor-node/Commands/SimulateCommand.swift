import ArgumentParser
import HostFiles
import NodeRuntime
import NodeSimulation
import NodeConfiguration
import SensorCore
import TransportProcess
import TransportService

struct SimulateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Run the node on a simulated street and compare what it counts with the truth.",
        discussion: """
            SCENARIO is one of \(ChosenScenario.builtInNames.joined(separator: ", ")), or a file of your own. With --config it \
            simulates that node, and publishes to its broker under its topic; the records' boot id begins with "simulated-". \
            Without, it simulates a small node that publishes nothing, with what belongs there: contacts at \
            school-gate and quiet-night, light barriers and tubes at cycle-path, a contact and tubes at main-road and storm; for a radar give --config \
            with a channel of detector doppler. The journal is a temporary one unless --journal names it.

            Ends with 1 when a count is wrong, 69 when the broker did not take everything.

            Examples:
              reallabor-node simulate school-gate --speed max
              reallabor-node simulate school-gate --config node.yaml --live
              reallabor-node simulate main-road --config node.yaml --nodes 20 --speed max
            """)

    enum Speed: String, ExpressibleByArgument, CaseIterable {
        case real
        case max
    }

    @Argument(help: ArgumentHelp("A scenario's name or file.", valueName: "scenario"))
    var scenario: String

    @Option(help: ArgumentHelp("The node to simulate.", valueName: "file"))
    var config: String?

    @Option(help: "real: as time passes; max: in simulated time, as fast as it goes.")
    var speed: Speed = .real

    @Option(name: .customLong("for"), help: ArgumentHelp("How long: 90, 30s, 10m or 2h.", valueName: "time"))
    var length: SimulatedTime?

    @Option(help: ArgumentHelp("Keep the journal in this file.", valueName: "file"))
    var journal: String?

    @Option(
        help: ArgumentHelp("So many nodes in one process, each with a name, street, journal and topics of its own.", valueName: "count"))
    var nodes = 1

    @Option(help: ArgumentHelp("Listen here for status and recordings; in real time only.", valueName: "path"))
    var control: String?

    /// For tests of delivery, in which thousands of connections fail. Receivers then have 5 s to confirm, not ten minutes.
    @Option(help: .hidden)
    var longestWait: Double?

    @Flag(help: "Say what is counted and measured while it happens.")
    var live = false

    @Flag(help: "Ask for real-time priority and locked memory, as in a box.")
    var privileged = false

    @Option(help: "text or json: of the report at the end.")
    var format: OutputFormat = .text

    func validate() throws {
        if let longestWait, !(0.001...60).contains(longestWait) {
            throw ValidationError(saying: "--longest-wait takes 0.001 to 60 seconds")
        }
        if !(1...Fleet.most).contains(nodes) { throw ValidationError(saying: "--nodes takes 1 to \(Fleet.most)") }
        if nodes > 1, control != nil || live || privileged {
            throw ValidationError(saying: "--control, --live and --privileged are for a single node: leave them or --nodes out")
        }
        if control != nil, speed == .max { throw ValidationError(saying: "--control takes part in real time: leave --speed max out") }
    }

    func run() throws {
        var scenario = try loadScenario()
        if let length { scenario.duration = length.span }
        let node: SimulatedNode
        if let config {
            let configuration = try loadConfiguration(config)
            node = SimulatedNode(plan: try nodePlan(configuration, file: config), destinations: configuration.destinations)
        } else {
            node = .small(at: self.scenario)
        }
        if let fault = node.destinations.lazy.compactMap(\.unreadablePassword).first { throw fault }
        if nodes > 1 {
            // Nothing they count is real, and a thousand processes would be too much for any machine.
            return try run(
                Fleet(
                    scenario: scenario, node: node, count: nodes, journal: journal, transport: transportInProcess,
                    log: StandardErrorLog(threshold: .notice)))
        }
        var simulation = Simulation(
            scenario: scenario, node: node, journal: journal, tell: live ? { writeStandardOutput($0) } : nil, isPrivileged: privileged,
            control: control, transport: SpawnedTransport().maker,
            log: StandardErrorLog(threshold: live ? .info : .notice))
        if let longestWait {
            simulation.timing.longestBackOff = TimeSpan(nanoseconds: Int64(longestWait * 1e9))
            simulation.timing.receiptTimeout = .seconds(5)
            simulation.timing.firstBackOff = min(simulation.timing.firstBackOff, simulation.timing.longestBackOff)
        }
        let report = try simulation.run(inSimulatedTime: speed == .max)
        writeStandardOutput(format == .json ? report.json : report.text)
        if !report.isExact { throw CommandFailure(.mismatch) }
        if !report.isDelivered { throw CommandFailure(.unavailable) }
    }

    private func run(_ fleet: Fleet) throws {
        let report = try fleet.run(inSimulatedTime: speed == .max)
        writeStandardOutput(format == .json ? report.json : report.text)
        if let failure = report.failures.first { throw CommandFailure(.unavailable, Sentence(verbatim: failure)) }
        if !report.isExact { throw CommandFailure(.mismatch) }
        if !report.isDelivered { throw CommandFailure(.unavailable) }
    }

    private func loadScenario() throws -> ChosenScenario {
        let text: [UInt8]
        if let builtIn = ChosenScenario.builtInText(scenario) {
            text = builtIn
        } else {
            do throws(FileError) {
                text = try FileReader(scenario, as: .text).readAll(limit: 1 << 20)
            } catch {
                let names = ChosenScenario.builtInNames
                if let near = nearest(to: scenario, among: names) {
                    throw CommandFailure(.noInput, "\(error); did you mean the scenario \(near)?")
                }
                throw CommandFailure(.noInput, "\(error); the built-in scenarios are \(names.joined(separator: ", "))")
            }
        }
        do {
            return try ChosenScenario(json: text)
        } catch {
            throw CommandFailure(.dataError, "\(scenario):\(Sentence(of: error))")
        }
    }
}
