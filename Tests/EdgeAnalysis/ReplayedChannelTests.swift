import EdgeAnalysis
import PulsePipeline
import SensorCore
import Testing

@Suite struct ReplayedChannelTests {
    static func instant(_ milliseconds: Double) -> MonotonicInstant {
        MonotonicInstant(nanoseconds: Int64(milliseconds * 1e6))
    }

    struct Case: CustomTestStringConvertible, Sendable {
        var title: String
        /// Milliseconds and level; the first may be the state the recording began with.
        var edges: [(Double, Bool)]
        var hasInitial = false
        var end: Double
        /// Milliseconds.
        var passages: [Double]
        /// Count by interval of one second.
        var counts: [UInt64]
        var glitches: UInt64 = 0
        var testDescription: String { title }
    }

    static let cases = [
        Case(title: "nothing at all", edges: [], end: 0, passages: [], counts: [0]),
        Case(title: "one closure", edges: [(0, true), (100, false)], end: 100, passages: [0], counts: [1]),
        Case(
            title: "closed from the start is no news", edges: [(0, true), (100, false), (200, true)], hasInitial: true,
            end: 200, passages: [200], counts: [1]),
        Case(
            title: "open from the start", edges: [(0, false), (50, true), (90, false)], hasInitial: true, end: 90,
            passages: [50], counts: [1]),
        Case(
            title: "a quiet row first", edges: [(0, false), (50, true), (90, false)], end: 90, passages: [50],
            counts: [1]),
        Case(
            title: "7.9 ms are too short", edges: [(0, true), (7.9, false)], end: 100, passages: [], counts: [0],
            glitches: 1),
        Case(title: "8 ms are enough", edges: [(0, true), (8, false), (20, true)], end: 20, passages: [0, 20], counts: [2]),
        Case(title: "the last edge is decided", edges: [(500, true)], end: 500, passages: [500], counts: [1]),
        Case(
            title: "begun before the boundary", edges: [(995, true), (1100, false)], end: 2000, passages: [995],
            counts: [1, 0]),
        Case(
            title: "on the boundary", edges: [(1000, true), (1100, false)], end: 1500, passages: [1000], counts: [0, 1]
        ),
        Case(
            title: "a long silence", edges: [(10, true), (100, false), (4200, true), (4300, false)], end: 5000,
            passages: [10, 4200], counts: [1, 0, 0, 0, 1]),
        Case(title: "silence after the last edge", edges: [(10, true), (100, false)], end: 3500, passages: [10], counts: [1, 0, 0, 0]),
    ]

    /// The second filter takes the long way, through a glitch filter that has nothing to do.
    static let filters = [
        PulseFilter.stable(rise: .milliseconds(8), fall: .milliseconds(8)),
        PulseFilter(.stable(rise: .milliseconds(8), fall: .milliseconds(8)), glitchTime: .microseconds(100)),
    ]

    @Test("Counts as in the street", arguments: cases, filters)
    func countsAsInTheStreet(_ test: Case, _ filter: PulseFilter) {
        var passages: [MonotonicInstant] = []
        let channel = ReplayedChannel(.contact(filter), interval: .seconds(1)) { decided in
            for index in 0..<decided.count { passages.append(decided[index].instant) }
        }
        var edges = TracedEdges(for: [channel])
        for (index, edge) in test.edges.enumerated() {
            edges.take(level: edge.1, isInitial: test.hasInitial && index == 0, at: Self.instant(edge.0))
        }
        edges.finish(at: Self.instant(test.end))
        let intervals = channel.intervals
        #expect(passages == test.passages.map(Self.instant))
        #expect(intervals.map(\.tally.passages) == test.counts)
        #expect(intervals.reduce(0) { $0 + $1.tally.rejectedGlitches } == test.glitches)
        #expect(intervals.first?.start == Self.instant(0))
        #expect(intervals.last?.end == Self.instant(test.end))
        for (one, next) in zip(intervals, intervals.dropFirst()) { #expect(one.end == next.start) }
    }
}
