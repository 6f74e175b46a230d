import SensorCore
import Testing

@testable import NodeRuntime
@testable import NodeSimulation

@Suite struct RecordGathererTests {
    static func instant(_ milliseconds: Int64) -> MonotonicInstant {
        MonotonicInstant(nanoseconds: milliseconds * 1_000_000)
    }

    /// A record that can be told from others.
    static func record(_ number: Int) -> Record {
        Record(
            bootID: BootID("boot"),
            body: .timeFix(
                TimeFix(instant: instant(Int64(number)), utc: WallClockTime(secondsSince1970: 1_800_000_000))))
    }

    static func numbers(_ records: [Record]) -> [Int64] {
        records.map { if case .timeFix(let fix) = $0.body { fix.instant.nanoseconds / 1_000_000 } else { -1 } }
    }

    @Test("Gathers as long as it is told and never more than is comfortable") func gathersAsLongAsItIsToldAndNeverMoreThanIsComfortable() {
        var gatherer = RecordGatherer(patience: .seconds(300))
        gatherer.add(Self.record(0), at: Self.instant(1000))
        #expect(gatherer.due == Self.instant(301_000))
        for number in 1..<RecordGatherer.comfortable {
            #expect(!gatherer.isDue(at: Self.instant(2000)))
            gatherer.add(Self.record(number), at: Self.instant(2000))
        }
        #expect(gatherer.isDue(at: Self.instant(2000)))
    }

    @Test("Is due some time after the first") func isDueSomeTimeAfterTheFirst() {
        var gatherer = RecordGatherer()
        #expect(gatherer.isEmpty)
        #expect(gatherer.due == nil)
        #expect(!gatherer.isDue(at: .distantFuture))
        gatherer.add(Self.record(1), at: Self.instant(1000))
        gatherer.add(Self.record(2), at: Self.instant(1600))
        #expect(gatherer.due == Self.instant(1700))
        #expect(!gatherer.isDue(at: Self.instant(1699)))
        #expect(gatherer.isDue(at: Self.instant(1700)))
        #expect(Self.numbers(gatherer.take()) == [1, 2])
        #expect(gatherer.isEmpty)
        #expect(gatherer.due == nil)
        gatherer.add(Self.record(3), at: Self.instant(9000))
        #expect(gatherer.due == Self.instant(9700))
    }

    @Test("What was put back goes first and waits") func whatWasPutBackGoesFirstAndWaits() {
        var gatherer = RecordGatherer()
        gatherer.add(Self.record(1), at: Self.instant(0))
        let taken = gatherer.take()
        gatherer.add(Self.record(2), at: Self.instant(900))
        gatherer.putBack(taken, at: Self.instant(1000), delay: .seconds(5))
        gatherer.add(Self.record(3), at: Self.instant(1100))
        #expect(gatherer.due == Self.instant(6000))
        #expect(Self.numbers(gatherer.take()) == [1, 2, 3])
    }

    @Test("Beyond its capacity the oldest go", arguments: [(0, 0), (1023, 0), (1024, 0), (1025, 1), (3000, 1976)])
    func beyondItsCapacityTheOldestGo(_ count: Int, lost: Int) {
        var gatherer = RecordGatherer()
        for number in 0..<count { gatherer.add(Self.record(number), at: Self.instant(0)) }
        #expect(gatherer.lost == UInt64(lost))
        #expect(Self.numbers(gatherer.pending) == (lost..<max(lost, count)).map(Int64.init))
    }

    /// Putting back into a full house gives up the oldest as well, and the number stays until it was told.
    @Test("Losses stay until told") func lossesStayUntilTold() {
        var gatherer = RecordGatherer()
        for number in 0..<1024 { gatherer.add(Self.record(number), at: Self.instant(0)) }
        let taken = gatherer.take()
        for number in 1024..<1034 { gatherer.add(Self.record(number), at: Self.instant(0)) }
        gatherer.putBack(taken, at: Self.instant(0), delay: .seconds(5))
        #expect(gatherer.lost == 10)
        #expect(gatherer.lost == 10)
        #expect(Self.numbers(gatherer.pending) == (10..<1034).map(Int64.init))
        gatherer.add(Self.record(1034), at: Self.instant(0))
        gatherer.toldOfLost(10)
        #expect(gatherer.lost == 1)
    }
}
