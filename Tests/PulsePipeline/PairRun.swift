import PulsePipeline
import SensorCore

/// What a detector makes of activations given in ms: input, from, to.
struct PairRun {
    var passages: [Passage] = []
    var tally = ChannelTally()

    init(_ settings: ChannelSettings, _ marks: [(Int, Double, Double)], until end: Double = 60_000) {
        var edges: [EdgeEvent] = []
        for (input, from, to) in Self.merged(marks) {
            edges.append(EdgeEvent(instant: at(from), input: UInt8(input), level: true))
            edges.append(EdgeEvent(instant: at(to), input: UInt8(input), level: false))
        }
        edges.sort { $0.instant < $1.instant }
        let channel = settings.makeChannel(levels: 0, at: at(0))
        var buffer = PassageBuffer(capacity: 512)
        for edge in edges {
            while let deadline = channel.deadline, deadline < edge.instant {
                channel.advance(to: deadline, boundary: at(end), passages: &buffer)
            }
            withUnsafePointer(to: edge) {
                _ = channel.ingest(UnsafeBufferPointer(start: $0, count: 1), boundary: at(end), passages: &buffer)
            }
        }
        channel.advance(to: at(end), boundary: at(end), passages: &buffer)
        for index in 0..<buffer.count { passages.append(buffer[index]) }
        passages.sort { $0.instant < $1.instant }
        tally = channel.closeInterval(at: at(end))
    }

    /// A line has one level.
    private static func merged(_ marks: [(Int, Double, Double)]) -> [(Int, Double, Double)] {
        var merged: [(Int, Double, Double)] = []
        for mark in marks.sorted(by: { ($0.0, $0.1) < ($1.0, $1.1) }) {
            if let last = merged.last, last.0 == mark.0, mark.1 <= last.2 + 0.01 {
                merged[merged.count - 1].2 = max(last.2, mark.2)
            } else {
                merged.append(mark)
            }
        }
        return merged
    }

    /// "forward bike 18.0 km/h 1.60 m", one per passage.
    var texts: [String] {
        passages.map { passage in
            let speed = passage.speed.map { "\(($0 * 36).rounded() / 10) km/h" } ?? "no speed"
            let length = passage.length.map { " \(($0 * 100).rounded() / 100) m" } ?? ""
            return "\(passage.direction.map { "\($0)" } ?? "-") \(passage.roadUser?.name ?? "-") \(speed)\(length)"
        }
    }
}
