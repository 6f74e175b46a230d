import HardwareMocks
import SensorCore
import Testing

@testable import PulsePipeline

/// Whatever a broken wire can do: nothing traps, nothing hangs, and what is counted is possible.
@Suite struct PairFuzzTests {
    static let detectors: [ChannelSettings.Detector] = [
        .beamPair(BeamGeometry(spacing: 0.5)), .beamPair(BeamGeometry(spacing: 0.02, detectionLength: 0.3, stallLimit: 1)),
        .axlePair(AxleGeometry(spacing: 1)), .axlePair(AxleGeometry(spacing: 20)),
        .presence(hold: .milliseconds(50), stallLimit: .seconds(1)),
    ]

    /// The seed is the argument.
    @Test("Any edges at all", arguments: detectors.indices, [1, 2, 3, 4, 5, 6] as [UInt64])
    func anyEdgesAtAll(_ detector: Int, seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let filters = [
            PulseFilter(.none), .stable(rise: .milliseconds(1), fall: .milliseconds(3)), PulseFilter(.lockout(.milliseconds(5))),
        ]
        let settings = ChannelSettings(detector: Self.detectors[detector], filter: filters[Int(seed) % filters.count])
        let channel = settings.makeChannel(levels: UInt8(seed & 3), at: at(0))
        var buffer = PassageBuffer(capacity: 4096)
        var now = 0.0
        var numbers: [UInt32] = [0, 0]
        var levels = [seed & 1 != 0, seed & 2 != 0]
        var counted: UInt64 = 0
        var start = 0.0
        // From a wire that chatters to one that hardly moves.
        let pace = [0.3, 3, 12, 60, 300, 2000][Int(seed) % 6]
        for _ in 0..<500 {
            now += Double.random(in: 0...2 * pace, using: &random)
            let input = Int.random(in: 0..<settings.inputs, using: &random)
            if Double.random(in: 0..<1, using: &random) < 0.97 { levels[input].toggle() }
            numbers[input] += Double.random(in: 0..<1, using: &random) < 0.99 ? 1 : 3
            let edge = EdgeEvent(
                instant: at(now), input: UInt8(input), level: levels[input], lineSequence: numbers[input])
            if let deadline = channel.deadline, deadline < edge.instant {
                channel.advance(to: edge.instant, boundary: at(start + 60_000), passages: &buffer)
            }
            var tries = 0
            while withUnsafePointer(
                to: edge,
                {
                    channel.ingest(UnsafeBufferPointer(start: $0, count: 1), boundary: at(start + 60_000), passages: &buffer)
                }) == 0
            {
                start += 60_000
                let tally = channel.closeInterval(at: at(start))
                counted += tally.passages
                #expect(tally.unobserved <= .seconds(60), "seed \(seed)")
                #expect((0...1).contains(tally.confidence), "seed \(seed)")
                tries += 1
                guard tries < 1000 else {
                    Issue.record("seed \(seed): an edge is never taken")
                    return
                }
            }
            switch Int.random(in: 0..<400, using: &random) {
            case 0: channel.noteOverflow()
            case 1:
                let both: UInt8 = (levels[0] ? 1 : 0) | (levels[1] ? 2 : 0)
                channel.resynchronise(levels: both, at: at(now), passages: &buffer)
            default: break
            }
        }
        channel.resynchronise(levels: 0, at: at(now), passages: &buffer)
        for second in 1...120 { channel.advance(to: at(now + 1000 * Double(second)), boundary: .distantFuture, passages: &buffer) }
        counted += channel.closeInterval(at: at(now + 120_000)).passages
        #expect(channel.deadline == nil, "seed \(seed): a line at rest has nothing to decide")
        #expect(counted == UInt64(buffer.count) + buffer.overflow, "seed \(seed)")
        for index in 0..<buffer.count {
            let passage = buffer[index]
            #expect(passage.instant <= at(now) && passage.instant >= at(0), "seed \(seed)")
            if let speed = passage.speed { #expect(speed > 0 && speed < 60, "seed \(seed)") }
            if let length = passage.length { #expect(length >= 0 && length < 200, "seed \(seed)") }
        }
    }
}
