import ControlSocket
import LinuxHardware
import NodeConfiguration
import PulsePipeline
import SensorCore
import Synchronization

/// The node's side of the control socket: its verbs, its thread, and the status the node loop leaves for it.
final class NodeControl {
    private static let stack = 512 * 1024
    private static let patience = TimeSpan.seconds(4)

    private let board: StatusBoard
    private let server: ControlServer
    private let thread: NodeThread

    /// - Parameter calibrations: nil for a node that keeps none.
    init(
        path: String, plan: NodePlan, loop: NodeLoop, status: StatusReport, calibrations: CalibrationFolder?, clock: any NodeClock
    ) throws {
        let board = StatusBoard(status)
        let verbs =
            controlVerbs(plan: plan, loop: loop, board: board)
            + (calibrations.map { CalibrationVerbs(folder: $0, plan: plan, clock: clock).all } ?? [])
        let server = try ControlServer(path: path, verbs: verbs, now: { clock.now() })
        self.board = board
        self.server = server
        thread = try NodeThread(name: "control", stackSize: Self.stack) { server.run() }
    }

    /// To be called after each tick of the node loop.
    func update(_ status: StatusReport) { board.put(status) }

    func stop() {
        server.stop()
        _ = thread.join(timeout: Self.patience)
    }
}

/// The newest status: put by the node loop, read by the control thread.
final class StatusBoard: Sendable {
    private let status: Mutex<StatusReport>
    init(_ first: StatusReport) { status = Mutex(first) }
    func put(_ next: StatusReport) { status.withLock { $0 = next } }
    var newest: StatusReport { status.withLock { $0 } }
}

func controlVerbs(plan: NodePlan, loop: NodeLoop, board: StatusBoard) -> [ControlVerb] {
    let (edgeTap, watch) = (loop.edgeTap, loop.sensorWatch)
    let inputs = plan.inputs
    let passageTaps = inputs.indices.map { loop.passageTap(of: $0) }
    let sensors = plan.buses.flatMap(\.sensors)
    let edgesTaken = Place()
    let passagesTaken = Place()
    return [
        ControlVerb(name: "status", usage: "text|json|sentences", argumentCount: 1) { request throws(ControlRefusal) in
            switch request.arguments[0] {
            case "text": .body(Array(board.newest.text.utf8))
            case "json": .body(board.newest.json)
            case "sentences": .body(Array((board.newest.sentence.json + "\n").utf8))
            default:
                throw ControlRefusal("wrong_form", ["known": .text("text, json, sentences")], "status is given as text, json or sentences")
            }
        },
        ControlVerb(name: "edges", usage: "CHANNEL", argumentCount: 1) { request throws(ControlRefusal) in
            let index = try channel(request.arguments[0], among: inputs)
            try edgesTaken.take {
                ControlRefusal("edges_taken", "another client is being given the edges of a channel; try again when it has ended")
            }
            return .stream(EdgeStream(edgeTap, channel: index, inputs[index], place: edgesTaken))
        },
        ControlVerb(name: "passages", usage: "CHANNEL", argumentCount: 1) { request throws(ControlRefusal) in
            let index = try channel(request.arguments[0], among: inputs)
            try passagesTaken.take {
                ControlRefusal("passages_taken", "another client is being given the passages of a channel; try again when it has ended")
            }
            return .stream(PassageStream(passageTaps[index], channel: index, inputs[index].settings.directions, place: passagesTaken))
        },
        ControlVerb(name: "readings", usage: "SENSOR", argumentCount: 1) { request throws(ControlRefusal) in
            let sensor = try sensor(request.arguments[0], among: sensors)
            return .stream(SensorStream(watch, watch.listen(to: sensor.name)))
        },
        ControlVerb(name: "transfers", usage: "SENSOR", argumentCount: 1) { request throws(ControlRefusal) in
            let sensor = try sensor(request.arguments[0], among: sensors)
            return .stream(
                SensorStream(
                    watch, watch.record(sensor.name), header: [TransferLine.part(name: sensor.part, address: "\(sensor.address)").text]))
        },
    ]
}

private func channel(_ name: String, among inputs: [ChannelConfiguration]) throws(ControlRefusal) -> Int {
    guard let index = inputs.firstIndex(where: { $0.name == name }) else {
        let names = inputs.map(\.name)
        throw ControlRefusal(
            "no_channel", ["channel": .text(name), "known": .text(names)],
            "no channel '\(name)'; \(suggestion(for: name, among: names, called: "channels"))")
    }
    return index
}

private func sensor(_ name: String, among sensors: [SensorPlan]) throws(ControlRefusal) -> SensorPlan {
    guard let sensor = sensors.first(where: { $0.name == name }) else {
        throw noSensor(name, among: sensors.map(\.name))
    }
    return sensor
}

func noSensor(_ name: String, among names: [String]) -> ControlRefusal {
    ControlRefusal(
        "no_sensor", ["sensor": .text(name), "known": .text(names)],
        "no sensor '\(name)'; \(suggestion(for: name, among: names, called: "sensors"))")
}
