import HardwareMocks
import SensorCore
import Synchronization
import TestSupport
import Testing

private func at(_ seconds: Int64) -> MonotonicInstant { MonotonicInstant(nanoseconds: seconds * 1_000_000_000) }

/// Who ran when, in order.
private final class Diary: Sendable {
    private let entries = Mutex<[String]>([])
    func note(_ name: String, _ clock: ManualClock) {
        let entry = "\(name) \(clock.now().nanoseconds / 1_000_000_000)"
        entries.withLock { $0.append(entry) }
    }
    func all() -> [String] { entries.withLock { $0 } }
}

@Suite(.blocksItsThread) struct ManualClockTests {
    @Test("A lonely thread jumps to its deadline") func aLonelyThreadJumpsToItsDeadline() {
        let clock = ManualClock(start: at(5), utc: nil)
        clock.sleep(until: at(100))
        #expect(clock.now() == at(100))
        clock.sleep(for: .seconds(7))
        #expect(clock.now() == at(107))
        // What has passed is no reason to wait, nor to go back.
        clock.sleep(until: at(3))
        #expect(clock.now() == at(107))
        clock.enter()
        #expect(clock.now() == at(107))
    }

    @Test("UTC follows monotonic time and is not known until it is set") func utcFollowsMonotonicTimeAndIsNotKnownUntilItIsSet() {
        let clock = ManualClock(start: at(5), utc: nil)
        #expect(clock.reading() == ClockReading(instant: at(5), utc: nil))
        clock.advance(by: .seconds(1))
        clock.synchronise(utc: WallClockTime(secondsSince1970: 1000))
        clock.sleep(until: at(16))
        #expect(clock.reading() == ClockReading(instant: at(16), utc: WallClockTime(secondsSince1970: 1010)))
        clock.synchronise(utc: nil)
        #expect(clock.reading().utc == nil)
        #expect(
            ManualClock(start: at(5), utc: WallClockTime(secondsSince1970: 7)).reading().utc
                == WallClockTime(secondsSince1970: 7))
    }

    /// Started in either order, three threads take turns by their deadlines; of equal ones the lowest rank is first.
    @Test("Threads take turns in the same order on every run", arguments: 0..<30)
    func threadsTakeTurnsInTheSameOrderOnEveryRun(run: Int) throws {
        let clock = ManualClock(start: at(0), utc: nil, expected: 3)
        let diary = Diary()
        let steps: [(name: String, period: Int64)] = [("a", 2), ("b", 3), ("c", 6)]
        let order = [[0, 1, 2], [2, 1, 0], [1, 2, 0]][run % 3]
        let threads = try order.map { rank in
            let step = steps[rank]
            return try ClockThread(clock, rank: rank) {
                for turn in 1...(12 / step.period) {
                    clock.sleep(until: at(turn * step.period))
                    diary.note(step.name, clock)
                }
            }
        }
        threads.forEach { $0.join() }
        #expect(
            diary.all() == [
                "a 2", "b 3", "a 4", "a 6", "b 6", "c 6", "a 8", "b 9", "a 10", "a 12", "b 12", "c 12",
            ])
    }

    /// Each ends when it likes; who stays is not held up.
    @Test("Who leaves is not waited for") func whoLeavesIsNotWaitedFor() throws {
        let clock = ManualClock(start: at(0), utc: nil, expected: 2)
        let diary = Diary()
        let short = try ClockThread(clock, rank: 0) {
            clock.sleep(until: at(1))
            diary.note("short", clock)
        }
        let long = try ClockThread(clock, rank: 1) {
            for second in 1...3 as ClosedRange<Int64> {
                clock.sleep(until: at(second * 10))
                diary.note("long", clock)
            }
        }
        short.join()
        long.join()
        #expect(diary.all() == ["short 1", "long 10", "long 20", "long 30"])
        // Nobody is left, so leaving again changes nothing.
        clock.leave()
        #expect(clock.now() == at(30))
    }

    /// Time stands still until everybody is there, however early the first one asks.
    @Test("Nobody runs before everybody has come") func nobodyRunsBeforeEverybodyHasCome() throws {
        let clock = ManualClock(start: at(0), utc: nil, expected: 2)
        let diary = Diary()
        let early = try ClockThread(clock, rank: 0) {
            diary.note("early", clock)
            clock.sleep(until: at(10))
            diary.note("early", clock)
        }
        #expect(diary.all() == [])
        #expect(clock.now() == at(0))
        clock.sleep(until: at(4))
        // Here all others sleep.
        #expect(diary.all() == ["early 0"])
        #expect(clock.now() == at(4))
        diary.note("late", clock)
        clock.leave()
        early.join()
        #expect(diary.all() == ["early 0", "late 4", "early 10"])
    }

    /// One runs at a time: a plain counter needs no lock.
    @Test("Only one thread runs at a time") func onlyOneThreadRunsAtATime() throws {
        final class Plain: @unchecked Sendable { var sum = 0 }
        let clock = ManualClock(start: at(0), utc: nil, expected: 3)
        let plain = Plain()
        let threads = try (0..<3).map { rank in
            try ClockThread(clock, rank: rank) {
                for _ in 0..<2_000 {
                    plain.sum += 1
                    clock.sleep(for: .nanoseconds(Int64(rank + 1)))
                }
            }
        }
        threads.forEach { $0.join() }
        #expect(plain.sum == 6_000)
    }
}
