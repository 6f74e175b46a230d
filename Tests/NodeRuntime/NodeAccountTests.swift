import SensorCore
import Testing

@testable import NodeRuntime
@testable import NodeSimulation

@Suite struct NodeAccountTests {
    /// 2026-05-01T12:00:00Z.
    static let noon = WallClockTime(secondsSince1970: 1_777_636_800)

    /// `seconds` after boot, which was 10 s before noon.
    static func reading(_ seconds: Double, isSynchronised: Bool = true) -> ClockReading {
        let span = TimeSpan(nanoseconds: Int64(seconds * 1e9))
        return ClockReading(
            instant: MonotonicInstant(nanoseconds: span.nanoseconds),
            utc: isSynchronised ? noon - .seconds(10) + span : nil)
    }

    static func progress(_ backlog: UInt64, lost: UInt64 = 0, overflows: UInt64 = 0) -> NodeAccount.Progress {
        NodeAccount.Progress(backlog: backlog, connectionsLost: lost, queueOverflows: overflows)
    }

    @Test("Closes at the minute with what happened since") func closesAtTheMinuteWithWhatHappenedSince() {
        var account = NodeAccount(node: "n", interval: .seconds(60), startingAt: Self.reading(0))
        #expect(account.boundary == MonotonicInstant(nanoseconds: 10_000_000_000))
        #expect(account.close(Self.reading(9.9), Self.progress(3)).isEmpty)
        account.noteJournalFault()
        account.noteJournalFault()
        account.noteOverflow(4)
        let first = account.close(Self.reading(10.2), Self.progress(3, lost: 2, overflows: 1))
        #expect(first.count == 1)
        #expect(first.first?.span.utc?.end == Self.noon)
        #expect(first.first?.span.isPartial == true)
        #expect(first.first?.backlog == 3)
        #expect(first.first?.connectionsLost == 2)
        #expect(first.first?.queueOverflows == 5)
        #expect(first.first?.journalFaults == 2)
        let second = account.close(Self.reading(70), Self.progress(8, lost: 2, overflows: 3))
        #expect(second.count == 1)
        #expect(second.first?.span.isPartial == false)
        #expect(second.first?.backlog == 8)
        #expect(second.first?.connectionsLost == 0)
        #expect(second.first?.queueOverflows == 2)
        #expect(second.first?.journalFaults == 0)
    }

    /// A node loop that was held up closes every interval, and what happened is told once.
    @Test("Closes all that have passed") func closesAllThatHavePassed() {
        var account = NodeAccount(node: "n", interval: .seconds(60), startingAt: Self.reading(10))
        let closed = account.close(Self.reading(200), Self.progress(1, lost: 7))
        #expect(closed.map(\.span.isPartial) == [false, false, false])
        #expect(closed.map(\.connectionsLost) == [7, 0, 0])
        for (one, next) in zip(closed, closed.dropFirst()) { #expect(one.span.end == next.span.start) }
    }

    @Test("Ends with what is open", arguments: [(25.0, 1, true), (70.0, 1, false), (71.0, 2, true), (131.0, 3, true)])
    func endsWithWhatIsOpen(_ stop: Double, count: Int, isPartial: Bool) {
        var account = NodeAccount(node: "n", interval: .seconds(60), startingAt: Self.reading(10))
        let closed = account.closePartial(Self.reading(stop), Self.progress(0))
        #expect(closed.count == count)
        #expect(closed.last?.span.isPartial == isPartial)
        #expect(closed.last?.span.end == Self.reading(stop).instant)
        #expect(closed.allSatisfy { $0.span.length > .zero })
    }

    @Test("An interval that has just begun is no record") func anIntervalThatHasJustBegunIsNoRecord() {
        var account = NodeAccount(node: "n", interval: .seconds(60), startingAt: Self.reading(10))
        #expect(account.closePartial(Self.reading(10), Self.progress(0)).isEmpty)
    }
}

@Suite struct TimeFixesTests {
    static func shifted(_ seconds: Double, by milliseconds: Int64) -> ClockReading {
        var reading = NodeAccountTests.reading(seconds)
        reading.utc = reading.utc.map { $0 + .milliseconds(milliseconds) }
        return reading
    }

    @Test("One when the time is known and one after each step") func oneWhenTheTimeIsKnownAndOneAfterEachStep() {
        var fixes = TimeFixes()
        let unknown = NodeAccountTests.reading(1, isSynchronised: false)
        #expect(fixes.check(unknown) == nil)
        let first = Self.shifted(2, by: 0)
        #expect(fixes.check(first) == first.utc.map { TimeFix(instant: first.instant, utc: $0) })
        #expect(fixes.check(Self.shifted(3, by: 0)) == nil)
        // Lost and found again with the same offset: nothing new.
        #expect(fixes.check(NodeAccountTests.reading(4, isSynchronised: false)) == nil)
        #expect(fixes.check(Self.shifted(5, by: 500)) == nil)
        #expect(fixes.check(Self.shifted(6, by: -500)) == nil)
        let stepped = Self.shifted(7, by: 501)
        #expect(fixes.check(stepped)?.utc == stepped.utc)
        #expect(fixes.check(Self.shifted(8, by: 501)) == nil)
        #expect(fixes.check(Self.shifted(9, by: -3_600_000)) != nil)
    }

    /// Slow drift adds up against the fix that was given, not against the last look.
    @Test("Drift adds up") func driftAddsUp() {
        var fixes = TimeFixes()
        #expect(fixes.check(Self.shifted(0, by: 0)) != nil)
        let due = (1...6).filter { fixes.check(Self.shifted(Double($0), by: Int64($0) * 100)) != nil }
        #expect(due == [6])
    }
}
