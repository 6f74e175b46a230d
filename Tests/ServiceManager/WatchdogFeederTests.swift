import SensorCore
import Testing

@testable import ServiceManager

/// A minute's watchdog, and four loops that are asked once a second.
@Suite struct WatchdogFeederTests {
    static let timeout: Int64 = 60
    static let loops = [
        WatchedLoop(name: "counting", gracePeriod: .seconds(10), turns: 0),
        WatchedLoop(name: "first climate", gracePeriod: .seconds(30), turns: 0),
        WatchedLoop(name: "second climate", gracePeriod: .seconds(30), turns: 0),
        WatchedLoop(name: "publisher", gracePeriod: .seconds(1800), turns: 0),
    ]
    static let start: Int64 = 1000

    static func instant(_ second: Int64) -> MonotonicInstant {
        MonotonicInstant(nanoseconds: (start + second) * 1_000_000_000)
    }

    static func seen(_ turns: [UInt64?]) -> [WatchedLoop] {
        zip(loops, turns).map { WatchedLoop(name: $0.name, gracePeriod: $0.gracePeriod, turns: $1) }
    }

    /// Asks at every second in `seconds`; `isTurning` tells whether a loop makes a turn in a second.
    static func decisions(
        _ seconds: ClosedRange<Int64>, from feeder: inout WatchdogFeeder, turns: inout [UInt64?],
        isTurning: (_ loop: Int, _ second: Int64) -> Bool
    ) -> [(second: Int64, decision: WatchdogFeeder.Decision)] {
        seconds.map { second in
            for loop in turns.indices where isTurning(loop, second) { turns[loop] = turns[loop].map { $0 + 1 } }
            return (second, feeder.decide(seen(turns), at: instant(second)))
        }
    }

    static func fed(
        _ seconds: ClosedRange<Int64>, isTurning: (_ loop: Int, _ second: Int64) -> Bool
    ) -> [Int64] {
        var feeder = WatchdogFeeder(timeout: .seconds(timeout), loops: loops, startingAt: instant(0))
        var turns: [UInt64?] = loops.map { _ in 0 }
        return decisions(seconds, from: &feeder, turns: &turns, isTurning: isTurning)
            .filter { $0.decision == .feed }.map(\.second)
    }

    @Test("Fed every half of its time") func fedEveryHalfOfItsTime() {
        #expect(Self.fed(1...130) { _, _ in true } == [30, 60, 90, 120])
    }

    /// Whichever loop it is, and whether it has ever turned: feeding ends for good within its patience.
    @Test("Any loop that stands still ends the feeding", arguments: 0..<4, [Int64(0), 41, 5_000])
    func anyLoopThatStandsStillEndsTheFeeding(_ still: Int, _ from: Int64) throws {
        let patience = Self.loops[still].gracePeriod.nanoseconds / 1_000_000_000
        let fed = Self.fed(1...from + 4_000) { loop, second in loop != still || second <= from }
        let last = fed.last ?? 0
        #expect(last <= from + patience)
        // While it may still be patient it was fed, so that nothing is started anew too early.
        #expect(last > from + patience - Self.timeout / 2 - 1)
        for (one, next) in zip([0] + fed, fed) { #expect(next - one == Self.timeout / 2) }
    }

    /// The wait for a name server that nobody hears, as long as resolv.conf allows, starts nothing anew.
    @Test("A publisher blocked in the resolver does not end it", arguments: [Int64(60), 450, 900, 1799])
    func aPublisherBlockedInTheResolverDoesNotEndIt(_ blocked: Int64) {
        let fed = Self.fed(1...6_000) { loop, second in loop != 3 || second % (blocked + 1) == 0 }
        #expect(fed == Array(stride(from: 30, through: 6_000, by: 30)))
    }

    @Test("Which loop and for how long is said when feeding is due") func whichLoopAndForHowLongIsSaidWhenFeedingIsDue() {
        var feeder = WatchdogFeeder(timeout: .seconds(Self.timeout), loops: Self.loops, startingAt: Self.instant(0))
        var turns: [UInt64?] = [0, 0, 0, 0]
        let decisions = Self.decisions(1...70, from: &feeder, turns: &turns) { loop, second in
            loop == 2 ? second <= 5 : loop == 0 ? second < 62 : true
        }
        for (second, decision) in decisions {
            switch second {
            case 30: #expect(decision == .feed)
            case ..<60: #expect(decision == .wait, "\(second)")
            default: #expect(decision == .starve(loop: "second climate", standing: .seconds(second - 5)), "\(second)")
            }
        }
    }

    /// A loop that goes on is forgiven at its first turn.
    @Test("Feeding goes on with the loop") func feedingGoesOnWithTheLoop() {
        let fed = Self.fed(1...100) { loop, second in loop != 0 || !(15...44).contains(second) }
        #expect(fed == [45, 75])
    }

    /// None of its kind, gone, and made anew: a publisher whose journal was replaced begins at 0.
    @Test("A loop that is not there is not missed") func aLoopThatIsNotThereIsNotMissed() {
        var feeder = WatchdogFeeder(timeout: .seconds(4), loops: [Self.loops[0]], startingAt: Self.instant(0))
        #expect(feeder.decide(Self.seen([nil]), at: Self.instant(100)) == .feed)
        #expect(feeder.decide(Self.seen([7]), at: Self.instant(200)) == .feed)
        #expect(feeder.decide(Self.seen([7]), at: Self.instant(210)) == .feed)
        #expect(feeder.decide(Self.seen([7]), at: Self.instant(213)) == .starve(loop: "counting", standing: .seconds(13)))
        #expect(feeder.decide(Self.seen([0]), at: Self.instant(214)) == .feed)
        #expect(feeder.decide(Self.seen([nil]), at: Self.instant(300)) == .feed)
    }

    /// One that comes later, as a destination does, is not taken for one that has stood still since the start.
    @Test("A loop that comes later has its whole grace period") func aLoopThatComesLaterHasItsWholeGracePeriod() {
        var feeder = WatchdogFeeder(timeout: .seconds(4), loops: [], startingAt: Self.instant(0))
        #expect(feeder.decide(Self.seen([0]), at: Self.instant(100)) == .feed)
        #expect(feeder.decide(Self.seen([0]), at: Self.instant(110)) == .feed)
        #expect(feeder.decide(Self.seen([0]), at: Self.instant(113)) == .starve(loop: "counting", standing: .seconds(13)))
    }
}
