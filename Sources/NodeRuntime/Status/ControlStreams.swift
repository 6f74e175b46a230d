import ControlSocket
import NodeConfiguration
import PulsePipeline
import SensorCore
import Synchronization

/// A tap serves one listener at a time.
final class Place: Sendable {
    private let isTaken = Atomic<Bool>(false)

    func take(_ what: String) throws(ControlRefusal) {
        guard !isTaken.exchange(true, ordering: .acquiringAndReleasing) else {
            throw ControlRefusal("another client is being given \(what); try again when it has ended")
        }
    }

    func leave() { isTaken.store(false, ordering: .releasing) }
}

/// At most so many lines at each turn of the control thread: 80 000 a second.
private let linesPerTurn = 4096

final class EdgeStream: ControlStream {
    private let tap: ChannelTap<TappedEdge>
    private let place: Place
    private var header: [String]

    init(_ tap: ChannelTap<TappedEdge>, channel: Int, _ configuration: ChannelConfiguration, place: Place) {
        self.tap = tap
        self.place = place
        header = configuration.inputs.enumerated().map { index, input in
            "input \(index) \(input.role) \(input.pinName ?? "-") \(input.isActiveLow ? "active-low" : "active-high")"
        }
        tap.open(channel: channel)
    }

    func take() -> ControlLines {
        let (edges, lost) = tap.take(atMost: linesPerTurn)
        defer { header = [] }
        return ControlLines(lines: header + edges.map(Self.line), lost: lost)
    }

    func close() {
        tap.close()
        place.leave()
    }

    private static func line(_ tapped: TappedEdge) -> String {
        let edge = tapped.edge
        let level = edge.level ? 1 : 0
        if tapped.isStart { return "start \(edge.instant.nanoseconds) \(edge.input) \(level)" }
        return "\(edge.instant.nanoseconds) \(edge.input) \(level) \(edge.lineSequence)"
    }
}

final class PassageStream: ControlStream {
    private let tap: ChannelTap<Passage>
    private let place: Place

    init(_ tap: ChannelTap<Passage>, channel: Int, place: Place) {
        self.tap = tap
        self.place = place
        tap.open(channel: channel)
    }

    func take() -> ControlLines {
        let (passages, lost) = tap.take(atMost: linesPerTurn)
        return ControlLines(lines: passages.map(passageLine), lost: lost)
    }

    func close() {
        tap.close()
        place.leave()
    }
}

/// `monotonic_ns direction class speed length`, `-` for what the detector does not tell.
func passageLine(_ passage: Passage) -> String {
    let direction = passage.direction.map { $0 == .forward ? "forward" : "backward" } ?? "-"
    let numbers = [passage.speed, passage.length].map { $0.map { "\($0.rounded(toPlaces: 3))" } ?? "-" }
    return "\(passage.instant.nanoseconds) \(direction) \(passage.roadUser?.name ?? "-") \(numbers[0]) \(numbers[1])"
}

/// Readings or transfers of a sensor.
final class SensorStream: ControlStream {
    private let watch: SensorWatch
    private let lines: ThreadMailbox<String>
    private var header: [String]

    init(_ watch: SensorWatch, _ lines: ThreadMailbox<String>, header: [String] = []) {
        self.watch = watch
        self.lines = lines
        self.header = header
    }

    func take() -> ControlLines {
        let (elements, lost) = lines.takeAll()
        defer { header = [] }
        return ControlLines(lines: header + elements, lost: lost)
    }

    func close() { watch.leave(lines) }
}
