import SensorCore
import Testing

@testable import PulsePipeline

@Suite struct TrackedIntervalsTests {
    private func at(_ seconds: Int64) -> MonotonicInstant { MonotonicInstant(nanoseconds: seconds * 1_000_000_000) }

    private func closed(_ from: Int64, _ to: Int64) -> ClosedCount {
        var tally = ChannelTally()
        tally.counters.edges = 1000
        return ClosedCount(channel: 3, start: at(from), end: at(to), isPartial: false, tally: tally, faultCode: 0)
    }

    private func passage(_ seconds: Int64, isUncertain: Bool = false) -> RadarTracking.Finding {
        RadarTracking.Finding(channel: 3, passage: Passage(instant: at(seconds), isUncertain: isUncertain), decidedThrough: at(seconds))
    }

    private func decided(_ seconds: Int64) -> RadarTracking.Finding {
        RadarTracking.Finding(channel: 3, passage: nil, decidedThrough: at(seconds))
    }

    @Test("An interval waits for its passages and has no others") func anIntervalWaitsForItsPassagesAndHasNoOthers() {
        var intervals = TrackedIntervals()
        intervals.take(closed(0, 60))
        intervals.take(passage(10))
        intervals.take(passage(61))
        intervals.take(decided(59))
        #expect(intervals.release(at: at(74)).isEmpty)
        intervals.take(passage(59, isUncertain: true))
        intervals.take(decided(60))
        let released = intervals.release(at: at(75))
        #expect(released.count == 1)
        #expect(released.first?.closed.tally.passages == 2)
        #expect(released.first?.closed.tally.uncertain == 1)
        #expect(released.first?.closed.tally.unobserved == .zero)
        intervals.take(closed(60, 120))
        intervals.take(decided(120))
        #expect(intervals.release(at: at(135)).first?.passages.map(\.instant) == [at(61)])
    }

    @Test("What the tracking thread does not decide in time is not observed") func whatTheTrackingThreadDoesNotDecideInTimeIsNotObserved() {
        var intervals = TrackedIntervals()
        intervals.take(closed(0, 60))
        intervals.take(passage(10))
        intervals.take(decided(40))
        #expect(intervals.release(at: at(89)).isEmpty)
        let released = intervals.release(at: at(60) + TrackedIntervals.patience)
        #expect(released.first?.closed.tally.passages == 1)
        #expect(released.first?.closed.tally.unobserved == .seconds(20))
    }

    @Test("Without any word from the tracking thread nothing was observed") func withoutAnyWordFromTheTrackingThreadNothingWasObserved() {
        var intervals = TrackedIntervals()
        intervals.take(closed(0, 60))
        #expect(intervals.release(at: .distantFuture).first?.closed.tally.unobserved == .seconds(60))
    }

    /// The interval it belongs to is gone, with that time as not observed.
    @Test("Who is told of too late is not counted in the next interval") func whoIsToldOfTooLateIsNotCountedInTheNextInterval() {
        var intervals = TrackedIntervals()
        intervals.take(closed(0, 60))
        intervals.take(decided(40))
        #expect(intervals.release(at: at(60) + TrackedIntervals.patience).first?.closed.tally.unobserved == .seconds(20))
        intervals.take(closed(60, 120))
        intervals.take(passage(50))
        intervals.take(passage(60))
        intervals.take(decided(120))
        let released = intervals.release(at: at(135))
        #expect(released.first?.passages.map(\.instant) == [at(60)])
        #expect(released.first?.closed.tally.passages == 1)
    }
}
