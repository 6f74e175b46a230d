import HardwareMocks
import PulsePipeline
import SensorCore
import Testing

@testable import StreetAccuracy

/// How what was counted on the hard street is paired with what happened.
@Suite struct HardMatchingTests {
    private func real(
        _ milliseconds: Int64, _ direction: PassageDirection = .forward, speed: Double = 5, ambiguous: Bool = false
    ) -> HardPassage {
        HardPassage(
            instant: MonotonicInstant(nanoseconds: milliseconds * 1_000_000), direction: direction, roadUser: .bike, speed: speed,
            tag: "bike",
            isAmbiguous: ambiguous)
    }

    private func counted(_ milliseconds: Int64, _ direction: PassageDirection = .forward, speed: Double = 5) -> Passage {
        Passage(instant: MonotonicInstant(nanoseconds: milliseconds * 1_000_000), direction: direction, roadUser: .bike, speed: speed)
    }

    @Test("Each is paired once, the nearest first") func eachIsPairedOnceTheNearestFirst() {
        let matching = HardMatching(
            truth: [real(1000), real(3000)], counted: [counted(900), counted(1010), counted(2500)], tolerance: 0.25)
        #expect(matching.pairs.map(\.counted.instant) == [MonotonicInstant(nanoseconds: 1_010_000_000)])
        #expect(matching.missed == [real(3000)])
        #expect(matching.extra == [counted(900), counted(2500)])
    }

    @Test("Of two who meet the one with the same way is meant") func ofTwoWhoMeetTheOneWithTheSameWayIsMeant() {
        let matching = HardMatching(
            truth: [real(1000), real(1100, .backward)], counted: [counted(1010, .backward), counted(1090)], tolerance: 0.25)
        #expect(matching.pairs.allSatisfy { $0.truth.direction == $0.counted.direction })
        #expect(matching.pairs.count == 2)
    }

    @Test("Whoever the signal can't tell is neither missed nor extra") func whoeverTheSignalCantTellIsNeitherMissedNorExtra() {
        let truth = [real(1000), real(1050, ambiguous: true)]
        let one = HardMatching(truth: truth, counted: [counted(1040)], tolerance: 0.25)
        #expect(one.pairs.map(\.truth) == [real(1000)] && one.missed.isEmpty && one.extra.isEmpty)
        let both = HardMatching(truth: truth, counted: [counted(1000), counted(1051)], tolerance: 0.25)
        #expect(both.pairs.count == 1 && both.missed.isEmpty && both.extra.isEmpty)
        let third = HardMatching(truth: truth, counted: [counted(1000), counted(1051), counted(1100)], tolerance: 0.25)
        #expect(third.extra.count == 1)
    }
}
