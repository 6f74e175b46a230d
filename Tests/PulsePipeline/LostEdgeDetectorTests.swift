@testable import PulsePipeline
import Testing

private typealias Finding = LostEdgeDetector.Finding

@Suite struct LostEdgeDetectorTests {
    struct Train: Sendable {
        /// Levels of the edges, and their numbers.
        var levels: [Bool]
        var numbers: [UInt32]
        /// What the last edge says.
        var lost: UInt32
        var hasGap: Bool

        init(_ levels: [Bool], _ numbers: [UInt32], lost: UInt32, hasGap: Bool) {
            self.levels = levels
            self.numbers = numbers
            self.lost = lost
            self.hasGap = hasGap
        }
    }

    static let trains: [Train] = [
        Train([true], [1], lost: 0, hasGap: false),
        Train([true, false, true], [1, 2, 3], lost: 0, hasGap: false),
        // Numbers start at 1 with the request.
        Train([true], [3], lost: 2, hasGap: true),
        Train([false], [2], lost: 1, hasGap: true),
        // Dropped from the buffer: an even number leaves levels alternating, an odd one does not.
        Train([true, false], [1, 4], lost: 2, hasGap: true),
        Train([true, true], [1, 3], lost: 1, hasGap: true),
        Train([true, false], [1, 102], lost: 100, hasGap: true),
        // Merged before numbering: an odd number shows as equal levels, an even one does not show.
        Train([true, true], [1, 2], lost: 1, hasGap: false),
        Train([false], [1], lost: 1, hasGap: false),
        // Both at once: what the numbers miss does not explain the level.
        Train([true, false], [1, 3], lost: 2, hasGap: true),
        Train([true, true], [1, 102], lost: 101, hasGap: true),
        // Without numbers (uAPI v1) only the levels speak.
        Train([true, false], [0, 0], lost: 0, hasGap: false),
        Train([true, true], [0, 0], lost: 1, hasGap: false),
    ]

    @Test("Missing edges are found", arguments: trains)
    func missingEdgesAreFound(train: Train) {
        var detector = LostEdgeDetector(level: false)
        var last: Finding?
        for (level, number) in zip(train.levels, train.numbers) { last = detector.observe(level: level, sequence: number) }
        #expect(last == Finding(lost: train.lost, hasGap: train.hasGap))
    }

    /// The kernel's counter is 32 bits wide: after 2^32 - 1 comes 0, at 10,000 edges a second within five days.
    @Test("Numbers wrap") func numbersWrap() {
        for (numbers, gaps) in [
            ([UInt32.max, 0, 1, 2], [0, 0, 0] as [UInt32]), ([.max, 1], [1]), ([.max - 1, 0, 1], [1, 0]),
            ([.max, 2, 3], [2, 0]),
        ] {
            var detector = LostEdgeDetector(level: false, previousSequence: numbers[0] - 1)
            var level = true
            #expect(detector.observe(level: level, sequence: numbers[0]) == Finding(lost: 0, hasGap: false))
            for (number, gap) in zip(numbers.dropFirst(), gaps) {
                if gap % 2 == 0 { level.toggle() }
                #expect(detector.missing(before: number) == gap, "\(numbers)")
                #expect(detector.observe(level: level, sequence: number) == Finding(lost: gap, hasGap: gap != 0), "\(numbers)")
            }
        }
    }

    @Test("An unknown beginning takes the first number as given") func anUnknownBeginningTakesTheFirstNumberAsGiven() {
        var detector = LostEdgeDetector(level: false, previousSequence: nil)
        #expect(detector.observe(level: true, sequence: 500) == Finding(lost: 0, hasGap: false))
        #expect(detector.observe(level: false, sequence: 503) == Finding(lost: 2, hasGap: true))
    }

    @Test("A level that disagrees is one lost edge and the new base") func aLevelThatDisagreesIsOneLostEdgeAndTheNewBase() {
        var detector = LostEdgeDetector(level: false)
        #expect(detector.resynchronise(level: false) == false)
        #expect(detector.resynchronise(level: true) == true)
        #expect(detector.resynchronise(level: true) == false)
        #expect(detector.observe(level: false, sequence: 0) == Finding(lost: 0, hasGap: false))
    }
}
