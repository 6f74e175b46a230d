import HardwareMocks
import PulsePipeline
import SensorCore
import Testing

/// One of two inputs does not move any more: nobody is counted, and nobody may take that for an empty street.
@Suite struct InputSilenceTests {
    private static let pairs: [ChannelSettings.Detector] = [.beamPair(BeamGeometry(spacing: 0.5)), .axlePair(AxleGeometry(spacing: 1))]

    /// So many visits of one input, one every 5 s, each 50 ms.
    private static func visits(_ input: Int, _ count: Int, from begin: Double = 1000) -> [(Int, Double, Double)] {
        (0..<count).map { number in
            let from: Double = begin + 5000 * Double(number)
            return (input, from, from + 50)
        }
    }

    private static func run(_ detector: ChannelSettings.Detector, _ marks: [(Int, Double, Double)], until end: Double) -> ChannelTally {
        PairRun(ChannelSettings(detector: detector, filter: .none), marks, until: end).tally
    }

    @Test("What a dead input hides is not observed", arguments: pairs, [0, 1])
    func whatADeadInputHidesIsNotObserved(_ detector: ChannelSettings.Detector, mover: Int) {
        let tally = Self.run(detector, Self.visits(mover, 40), until: 200_000)
        #expect(tally.passages == 0)
        // From the first visit on.
        #expect(tally.unobserved == .seconds(199))
        #expect(tally.silentInputs == (mover == 0 ? 2 : 1))
    }

    @Test("It is seen again when the input moves", arguments: pairs)
    func itIsSeenAgainWhenTheInputMoves(_ detector: ChannelSettings.Detector) {
        var marks = Self.visits(0, 20)
        marks.append((1, 100_000, 100_050))
        marks += Self.visits(0, 3, from: 101_000)
        let tally = Self.run(detector, marks, until: 150_000)
        #expect(tally.unobserved == .seconds(99))
        #expect(tally.silentInputs == 2)
    }

    /// A few who turn back, and a bicycle whose spokes break the first beam many times.
    @Test("Some who turn back are no dead input", arguments: pairs)
    func someWhoTurnBackAreNoDeadInput(_ detector: ChannelSettings.Detector) {
        var marks = Self.visits(0, 8)
        for spoke in 0..<30 {
            let begin: Double = 60_000 + 10 * Double(spoke)
            marks.append((0, begin, begin + 4))
        }
        marks.append((1, 70_000, 70_050))
        let tally = Self.run(detector, marks, until: 80_000)
        #expect(tally.unobserved == .zero)
        #expect(tally.silentInputs == 0)
    }

    @Test("A gap forgets", arguments: pairs)
    func aGapForgets(_ detector: ChannelSettings.Detector) {
        let channel = ChannelSettings(detector: detector, filter: .none).makeChannel(levels: 0, at: at(0))
        var passages = PassageBuffer(capacity: 64)
        func visit(_ numbers: Range<Int>) {
            for number in numbers {
                for (offset, level) in [(0.0, true), (50, false)] {
                    let edge = EdgeEvent(instant: at(1000 + 5000 * Double(number) + offset), input: 0, level: level)
                    withUnsafePointer(to: edge) {
                        _ = channel.ingest(UnsafeBufferPointer(start: $0, count: 1), boundary: .distantFuture, passages: &passages)
                    }
                }
            }
        }
        visit(0..<9)
        channel.noteOverflow()
        channel.resynchronise(levels: 0, at: at(42_000), passages: &passages)
        visit(9..<18)
        let tally = channel.closeInterval(at: at(95_000))
        #expect(tally.silentInputs == 0)
        #expect(tally.unobserved < .seconds(2))
    }
}
