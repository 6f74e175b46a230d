import ControlSocket
import NodeConfiguration
import PulsePipeline
import SensorCore
import Synchronization

/// A tap serves one listener at a time.
final class Place: Sendable {
    private let isTaken = Atomic<Bool>(false)

    func take(_ refusal: () -> ControlRefusal) throws(ControlRefusal) {
        guard !isTaken.exchange(true, ordering: .acquiringAndReleasing) else { throw refusal() }
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
            EdgeLine.input(index: index, role: input.role, pin: input.pinName, isActiveLow: input.isActiveLow).text
        }
        tap.open(channel: channel)
    }

    func take() -> ControlLines {
        let (edges, lost) = tap.take(atMost: linesPerTurn)
        defer { header = [] }
        return ControlLines(lines: header + edges.map { Self.line($0).text }, lost: lost)
    }

    func close() {
        tap.close()
        place.leave()
    }

    private static func line(_ tapped: TappedEdge) -> EdgeLine {
        let edge = tapped.edge
        let (time, input) = (edge.instant.nanoseconds, Int(edge.input))
        if tapped.isStart { return .start(time: time, input: input, isActive: edge.level) }
        return .edge(time: time, input: input, isActive: edge.level, sequence: UInt64(edge.lineSequence))
    }
}

final class PassageStream: ControlStream {
    private let tap: ChannelTap<Passage>
    private let directions: DirectionNames
    private let place: Place

    init(_ tap: ChannelTap<Passage>, channel: Int, _ directions: DirectionNames, place: Place) {
        self.directions = directions
        self.tap = tap
        self.place = place
        tap.open(channel: channel)
    }

    func take() -> ControlLines {
        let (passages, lost) = tap.take(atMost: linesPerTurn)
        return ControlLines(lines: passages.map { PassageLine($0, directions).text }, lost: lost)
    }

    func close() {
        tap.close()
        place.leave()
    }
}

extension PassageLine {
    /// As the records call the directions; a line's words are parted by blanks, so a name has none.
    init(_ passage: Passage, _ directions: DirectionNames) {
        let direction = passage.direction.map { String(directions.name(of: $0).map { $0.isWhitespace ? "_" : $0 }) }
        self = .passage(
            time: passage.instant.nanoseconds, direction: direction,
            roadUser: passage.roadUser?.name, speed: passage.speed?.rounded(toPlaces: 3), length: passage.length?.rounded(toPlaces: 3))
    }
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
