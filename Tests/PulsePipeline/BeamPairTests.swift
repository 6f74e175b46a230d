import SensorCore
import Testing

@testable import PulsePipeline

@Suite struct BeamPairTests {
    static func settings(spacing: Double = 0.5, detectionLength: Double = 0, stall: Double = 10) -> ChannelSettings {
        ChannelSettings(
            detector: .beamPair(BeamGeometry(spacing: spacing, detectionLength: detectionLength, stallLimit: stall)),
            filter: .stable(rise: .milliseconds(1), fall: .milliseconds(1)))
    }

    /// Marks of a body: its pieces in m behind its front, at a speed in m/s, with its front at the first beam of its way at
    /// `time` ms.
    static func body(
        _ pieces: [(Double, Double)], speed: Double, at time: Double, isForward: Bool = true, spacing: Double = 0.5
    ) -> [(Int, Double, Double)] {
        pieces.flatMap { piece in
            [0, 1].map { step in
                let way = Double(step) * spacing
                return (
                    isForward ? step : 1 - step, time + (way + piece.0) / speed * 1000, time + (way + piece.1) / speed * 1000
                )
            }
        }
    }

    static let bike = [(0.0, 0.08), (0.58, 0.66), (0.8, 0.9), (1.06, 1.14), (1.62, 1.7)]
    static let solidBike = [(0.0, 0.62), (1.05, 1.67)]
    static let person = [(0.0, 0.36)]

    @Test("A person and a bicycle each way") func aPersonAndABicycleEachWay() {
        var run = PairRun(Self.settings(), Self.body(Self.person, speed: 1.25, at: 1000))
        #expect(run.texts == ["forward pedestrian 4.5 km/h 0.36 m"])
        #expect(run.passages.first?.instant == at(1000))
        run = PairRun(Self.settings(), Self.body(Self.person, speed: 1.25, at: 1000, isForward: false))
        #expect(run.texts == ["backward pedestrian 4.5 km/h 0.36 m"])
        for silhouette in [Self.bike, Self.solidBike] {
            run = PairRun(Self.settings(), Self.body(silhouette, speed: 5, at: 1000, isForward: false))
            #expect(run.passages.count == 1, "\(run.texts)")
            #expect(run.passages.first?.roadUser == .bike)
            #expect(run.passages.first?.direction == .backward)
            #expect(abs((run.passages.first?.speed ?? 0) - 5) < 0.01)
            #expect(run.passages.first?.isUncertain == false)
        }
        #expect(run.tally.passages == 1)
        #expect(run.tally.unobserved == .zero)
    }

    @Test("Every spacing gives the speed", arguments: [0.2, 0.35, 0.75, 1.2]) func everySpacingGivesTheSpeed(_ spacing: Double) {
        for speed in [3.0, 4.5, 7] {
            let run = PairRun(
                Self.settings(spacing: spacing), Self.body(Self.solidBike, speed: speed, at: 500, spacing: spacing))
            #expect(run.passages.count == 1, "\(spacing) m, \(speed) m/s: \(run.texts)")
            #expect(abs((run.passages.first?.speed ?? 0) / speed - 1) < 0.001)
            #expect(abs((run.passages.first?.length ?? 0) - 1.67) < 0.01)
        }
    }

    @Test("The beams own width is taken off") func theBeamsOwnWidthIsTakenOff() {
        let seen = Self.body([(-0.02, 0.38)], speed: 1.25, at: 1000)
        let run = PairRun(Self.settings(detectionLength: 0.04), seen)
        #expect(abs((run.passages.first?.length ?? 0) - 0.36) < 0.001)
    }

    @Test("Close behind each other") func closeBehindEachOther() {
        let pair = Self.body(Self.person, speed: 1.3, at: 1000) + Self.body(Self.person, speed: 1.3, at: 1650)
        #expect(PairRun(Self.settings(), pair).texts.count == 2)
        let bikes =
            Self.body(Self.bike, speed: 5, at: 1000) + Self.body(Self.bike, speed: 5, at: 1600)
            + Self.body(Self.solidBike, speed: 4.8, at: 2300)
        let run = PairRun(Self.settings(), bikes)
        #expect(run.passages.map(\.roadUser) == [.bike, .bike, .bike], "\(run.texts)")
        #expect(run.passages.map(\.direction) == [.forward, .forward, .forward])
    }

    /// They meet between the beams: of each beam's marks every one is somebody else's image.
    @Test("Two who meet") func twoWhoMeet() {
        let meeting =
            Self.body(Self.person, speed: 1.3, at: 1000) + Self.body(Self.person, speed: 1.45, at: 1100, isForward: false)
        let run = PairRun(Self.settings(), meeting)
        #expect(Set(run.passages.map(\.direction)) == [.forward, .backward], "\(run.texts)")
        let bikes = Self.body(Self.bike, speed: 5.5, at: 1000) + Self.body(Self.solidBike, speed: 4, at: 1300, isForward: false)
        let cyclists = PairRun(Self.settings(), bikes)
        #expect(cyclists.passages.map(\.roadUser) == [.bike, .bike], "\(cyclists.texts)")
        #expect(Set(cyclists.passages.map(\.direction)) == [.forward, .backward])
    }

    /// The second comes into the first beam before the first has left it: one mark of both.
    @Test("Two who overlap in one beam") func twoWhoOverlapInOneBeam() {
        var marks = Self.body(Self.person, speed: 1.3, at: 1000)
        let other = Self.body(Self.person, speed: 1.4, at: 890, isForward: false)
        // The backward one's mark in the first beam, and the forward one's there, made one.
        let merged = (0, min(marks[0].1, other[1].1), max(marks[0].2, other[1].2))
        #expect(marks[0].2 > other[1].1 && other[1].2 > marks[0].1, "they do overlap")
        marks = [merged, marks[1], other[0]]
        let run = PairRun(Self.settings(), marks)
        #expect(Set(run.passages.map(\.direction)) == [.forward, .backward], "\(run.texts)")
        #expect(run.passages.allSatisfy { $0.isUncertain })
        #expect(run.tally.uncertain == 2)
        #expect(run.tally.confidence == 0)
    }

    /// In, as far as into the second beam, and out again: nobody passed.
    @Test("Who turns back does not count") func whoTurnsBackDoesNotCount() {
        let looksIn = [(0, 1000.0, 1280.0), (1, 1390.0, 2300.0), (0, 2410.0, 2690.0)]
        var run = PairRun(Self.settings(), looksIn)
        #expect(run.texts == [])
        #expect(run.tally.rejectedPassages == 1)
        run = PairRun(Self.settings(), [(0, 1000, 1900)])
        #expect(run.texts == [])
        #expect(run.tally.rejectedPassages == 1)
        // And somebody who follows counts all the same.
        run = PairRun(Self.settings(), looksIn + Self.body(Self.person, speed: 1.3, at: 6000))
        #expect(run.texts.count == 1)
    }

    @Test("Spikes and a lost half are nobody") func spikesAndALostHalfAreNobody() {
        let run = PairRun(Self.settings(), [(0, 1000, 1002), (1, 5000, 5150)])
        #expect(run.texts == [])
        #expect(run.tally.rejectedPassages == 2)
    }

    /// Someone leans on the box: that time is not observed, and what came before and comes after counts.
    @Test("A blocked beam is not observed") func aBlockedBeamIsNotObserved() {
        let blocked =
            Self.body(Self.person, speed: 1.3, at: 1000) + [(0, 5000, 25_000)]
            + Self.body(Self.person, speed: 1.3, at: 40_000)
        let run = PairRun(Self.settings(stall: 10), blocked)
        #expect(run.passages.count == 2, "\(run.texts)")
        #expect(abs(run.tally.unobserved.seconds - 20) < 0.1, "\(run.tally.unobserved)")
    }

    /// More than fits: counts stay sane, and all memory is given back.
    @Test("A crowd without end") func aCrowdWithoutEnd() {
        var marks: [(Int, Double, Double)] = []
        for person in 0..<300 { marks += Self.body(Self.person, speed: 1.3, at: 1000 + 420 * Double(person)) }
        let run = PairRun(Self.settings(), marks, until: 200_000)
        #expect((295...300).contains(run.passages.count), "\(run.tally) \(run.texts.prefix(30))")
        #expect(run.passages.allSatisfy { $0.direction == .forward })
    }
}
