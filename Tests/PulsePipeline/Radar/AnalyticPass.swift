import PulsePipeline
import SensorCore

/// The pulses of a point that passes at constant speed, straight from the geometry: no noise, no amplifier, no simulated street.
struct AnalyticPass {
    var setup = RadarSetup(lanes: [4], height: 2)
    var speed = 12.0
    /// Square to the road, in m.
    var lane = 4.0
    /// In s.
    var abreast = 5.0
    var isComing = true
    /// Visible from here to there, in m along the road.
    var way = 1.0...30.0

    /// Of both inputs, by time; the first runs ahead while it comes nearer.
    func edges() -> [EdgeEvent] {
        let (from, to) = (way.lowerBound / speed, way.upperBound / speed)
        let span = isComing ? (abreast - to, abreast - from) : (abreast + from, abreast + to)
        let step = 1e-5
        var edges: [EdgeEvent] = []
        var levels = [false, false]
        var time = span.0
        while time < span.1 {
            let x = speed * (time - abreast)
            let range = (x * x + lane * lane + setup.height * setup.height).squareRoot()
            let turns = -range * setup.turnsPerMetre
            for input in 0..<(setup.quadrature == nil ? 1 : 2) {
                // A quarter later on the second input.
                let phase = turns - (input == 0 ? 0 : 0.25)
                let level = phase - phase.rounded(.down) < 0.5
                if level != levels[input] {
                    levels[input] = level
                    edges.append(EdgeEvent(instant: MonotonicInstant(nanoseconds: Int64(time * 1e9)), input: UInt8(input), level: level))
                }
            }
            time += step
        }
        return edges
    }
}

/// A whole channel over edges, as a replay has it.
func passages(of edges: [EdgeEvent], _ setup: RadarSetup, until end: Int64 = 14) -> [Passage] {
    let channel = ChannelSettings(detector: .doppler(setup), filter: .none).makeChannel(levels: 0, at: MonotonicInstant(nanoseconds: 0))
    var buffer = PassageBuffer(capacity: 256)
    edges.withUnsafeBufferPointer { all in
        _ = channel.ingest(all, boundary: .distantFuture, passages: &buffer)
    }
    channel.advance(to: MonotonicInstant(nanoseconds: end * 1_000_000_000), boundary: .distantFuture, passages: &buffer)
    return (0..<buffer.count).map { buffer[$0] }
}
