import HardwareMocks
import PulsePipeline
import SensorCore
import TestSupport
import Testing

/// Milliseconds after the start of a run.
private func after(_ milliseconds: Double) -> MonotonicInstant {
    CountingRun.start + TimeSpan(nanoseconds: Int64((milliseconds * 1e6).rounded()))
}

private func turn(_ milliseconds: Double, _ level: Bool, _ number: UInt32) -> EdgeEvent {
    EdgeEvent(instant: after(milliseconds), input: 0, level: level, lineSequence: number)
}

/// Edges that reach the reader as they happen, one closure of 100 ms each.
private func live(_ times: [Double], channel: Int = 0) -> [(MonotonicInstant, ScriptedEdgeSource.Act)] {
    var script: [(MonotonicInstant, ScriptedEdgeSource.Act)] = []
    var number: UInt32 = 0
    for time in times {
        for (instant, level) in [(time, true), (time + 100, false)] {
            number += 1
            script.append((after(instant), .edges([turn(instant, level, number)], channel: channel)))
        }
    }
    return script
}

private func fault(_ code: Int32, channel: Int? = nil) -> EdgeSourceError {
    EdgeSourceError(operation: "read edges", code: code, advice: "scripted", channel: channel)
}

/// A run of one script; fails if not all of it was played.
private func run(
    _ seconds: Double, channels: Int = 1, levels: [Bool]? = nil, interval: TimeSpan = .seconds(60),
    utc: WallClockTime? = CountingRun.noon, capacity: Int = 256, readEvery: TimeSpan? = nil, late: TimeSpan = .zero,
    filter: PulseFilter = CountingRun.filter, _ script: [(MonotonicInstant, ScriptedEdgeSource.Act)]
) throws -> CountingRun {
    var source: ScriptedEdgeSource?
    let run = try CountingRun.over(
        TimeSpan(nanoseconds: Int64(seconds * 1e9)), channels: channels, filter: filter, interval: interval, utc: utc,
        capacity: capacity, readEvery: readEvery, late: late
    ) { clock in
        let made = ScriptedEdgeSource(channels: channels, levels: levels, clock: clock, script)
        source = made
        return made
    }
    #expect(source?.rest.isEmpty == true, "not played: \(source?.rest.map(\.act) ?? [])")
    return run
}

@Suite(.blocksItsThread) struct CountingLoopTests {
    /// Nobody takes the passages of an hour: every one is counted, and how many found no room as well.
    @Test("Passages that find no room are counted and told") func passagesThatFindNoRoomAreCountedAndTold() throws {
        let details = BoundedQueue<ChannelPassage>(capacity: 16)
        var loop: CountingLoop?
        var street: SimulatedEdgeSource?
        let run = try CountingRun.over(
            .seconds(3600), detector: .presence(hold: .milliseconds(1), stallLimit: .seconds(600)), details: details,
            lookingOn: { loop = $0 },
            source: { clock in
                let traffic = ContactTraffic(
                    ContactTraffic.Demand(closuresPerHour: 2_000), from: CountingRun.start + .seconds(1),
                    until: CountingRun.start + .seconds(3590), seed: 20_261_125)
                let source = SimulatedEdgeSource(traffic: [traffic].map(SimulatedTraffic.contact), clock: clock)
                street = source
                return source
            })
        let truth = try #require(street).trueCount(channel: 0)
        #expect(truth > 1000)
        #expect(run.total().passages == truth)
        var given: UInt64 = 0
        while details.pop() != nil { given += 1 }
        #expect(given == 16)
        #expect(try #require(loop).lostDetails == truth - 16)
        #expect(run.queueOverflows == 0)
    }

    @Test("An hour gives exactly the true count", arguments: [1, 2, 3] as [UInt64])
    func anHourGivesExactlyTheTrueCount(seed: UInt64) throws {
        let end = CountingRun.start + .seconds(3600)
        let demands = [
            ContactTraffic.Demand(closuresPerHour: 900, spikesPerHour: 60),
            ContactTraffic.Demand(closuresPerHour: 0, bounce: .none),
        ]
        var source: SimulatedEdgeSource?
        let run = try CountingRun.over(.seconds(3600), channels: 2) { clock in
            let traffic = demands.enumerated().map {
                ContactTraffic($1, from: CountingRun.start, until: end, seed: seed &+ UInt64($0))
            }
            let made = SimulatedEdgeSource(traffic: traffic.map(SimulatedTraffic.contact), clock: clock)
            source = made
            return made
        }
        let truth = try #require(source)
        #expect(truth.trueCount(channel: 0) > 700)
        #expect(run.total(0).passages == truth.trueCount(channel: 0), "seed \(seed)")
        #expect(run.total(0).lostEdges == 0 && run.total(0).unobserved == .zero, "seed \(seed)")
        #expect(run.total(1) == ChannelTally(), "seed \(seed)")
        for channel in 0...1 {
            #expect(run.tiles(channel, from: CountingRun.start, to: end))
            #expect(run.channel(channel).count == 60)
            #expect(run.channel(channel).allSatisfy { !$0.isPartial && $0.faultCode == 0 && $0.span.utc != nil })
        }
        #expect(run.queueOverflows == 0)
    }

    @Test("Stopping closes the open interval as partial") func stoppingClosesTheOpenIntervalAsPartial() throws {
        let run = try run(95.5, live([1_000, 61_000, 95_300]))
        #expect(run.tiles(from: after(0), to: after(95_500)))
        #expect(run.closed.map(\.isPartial) == [false, true])
        #expect(run.closed.map(\.tally.passages) == [1, 2])
        #expect(run.closed[1].endUTC == CountingRun.noon + .milliseconds(95_500))
    }

    @Test("What is not decided at the stop is not counted") func whatIsNotDecidedAtTheStopIsNotCounted() throws {
        let run = try run(10, [(after(9_995), .edges([turn(9_995, true, 1)]))])
        #expect(run.total().passages == 0)
        #expect(run.total().edges == 1)
    }

    @Test("The time before the inputs are read is not observed") func theTimeBeforeTheInputsAreReadIsNotObserved() throws {
        let run = try run(60, late: .seconds(7), [])
        #expect(run.closed.map(\.tally.unobserved) == [.seconds(7)])
        #expect(run.closed[0].start == after(0))
    }

    /// They wait in the kernel's buffer from the request on; the level that follows from them is the base.
    @Test("Edges from before the arming are neither counted nor lost") func edgesFromBeforeTheArmingAreNeitherCountedNorLost() throws {
        let run = try run(
            60, late: .seconds(7),
            [
                (after(1_000), .edges([turn(1_000, true, 1), turn(1_100, false, 2), turn(2_000, true, 3)])),
                (after(8_000), .edges([turn(8_000, false, 4)])), (after(9_000), .edges([turn(9_000, true, 5)])),
            ])
        #expect(run.total().passages == 1)
        #expect(run.total().lostEdges == 0)
        #expect(run.total().edges == 2)
    }

    @Test("The reader is woken for an interval that an edge has closed") func theReaderIsWokenForAnIntervalThatAnEdgeHasClosed() throws {
        // The thread gets no time over the boundary at 60 s, and finds an edge of 70 s.
        let run = try run(
            200,
            [
                (after(50_000), .stall(until: after(75_000))),
                (after(70_000), .edges([turn(70_000, true, 1), turn(70_100, false, 2)])),
            ])
        // Once armed, and then for the interval.
        #expect(run.wakes.prefix(2) == [after(0), after(75_000)])
        #expect(run.closed.map(\.tally.passages) == [0, 1, 0, 0])
        #expect(run.tiles(from: after(0), to: after(200_000)))
    }

    @Test("A step of the clock ends the interval") func aStepOfTheClockEndsTheInterval() throws {
        let clock = ManualClock(start: CountingRun.start, utc: CountingRun.noon, expected: 2)
        let queue = BoundedQueue<ClosedCount>(capacity: 16)
        let loop = CountingLoop(
            source: WokenEdgeSource(ScriptedEdgeSource(clock: clock, live([1_000, 31_000])), at: after(59_000)),
            clock: clock,
            settings: [.contact(CountingRun.filter)], interval: .seconds(60), closed: queue, wakeReader: {})
        let thread = try PosixThread {
            clock.enter(rank: 1)
            loop.run()
            clock.leave()
        }
        clock.enter(rank: 0)
        clock.sleep(until: after(30_500))
        clock.synchronise(utc: CountingRun.noon + .seconds(3600 + 30))
        clock.sleep(until: after(59_000))
        loop.stop()
        clock.leave()
        thread.join()
        var closed: [ClosedCount] = []
        while let count = queue.pop() { closed.append(count) }
        #expect(closed.map(\.tally.passages) == [1, 1])
        let step = try #require(closed.first)
        #expect(step.end > after(30_500) && step.end <= after(31_500))
        #expect(step.isPartial)
        #expect(step.endUTC == CountingRun.noon + (step.end - after(0)))
        #expect(closed.last?.endUTC == CountingRun.noon + .milliseconds(3_600_000 + 58_500))
    }

    @Test("Without the time no interval claims one") func withoutTheTimeNoIntervalClaimsOne() throws {
        let run = try run(150, utc: nil, live([1_000]))
        #expect(run.closed.allSatisfy { $0.startUTC == nil && $0.endUTC == nil && $0.span.utc == nil })
        #expect(run.tiles(from: after(0), to: after(150_000)))
    }

    /// Nobody takes intervals: they are joined, and every count is still there.
    @Test("A full queue joins intervals and loses no count") func aFullQueueJoinsIntervalsAndLosesNoCount() throws {
        let run = try run(210, capacity: 1, live([1_000, 2_000, 61_000, 121_000, 181_000, 182_000]))
        #expect(run.closed.map(\.tally.passages) == [2])
        #expect(run.undelivered.map(\.tally.passages) == [4])
        let rest = try #require(run.undelivered.first)
        #expect(rest.start == after(60_000) && rest.end == after(210_000))
        #expect(rest.startUTC == CountingRun.noon + .seconds(60) && rest.endUTC == CountingRun.noon + .seconds(210))
        #expect(rest.isPartial)
        #expect(run.queueOverflows == 3)
    }

    @Test("A reader that comes back gets the joined interval") func aReaderThatComesBackGetsTheJoinedInterval() throws {
        let run = try run(
            300, capacity: 1, readEvery: .milliseconds(130_500), live([1_000, 61_000, 121_000, 181_000, 241_000]))
        #expect(run.total().passages == 5)
        #expect(run.undelivered.isEmpty)
        #expect(run.tiles(from: after(0), to: after(300_000)))
    }
}

@Suite(.blocksItsThread) struct CountingFaultTests {
    @Test("A channel that fails is dark until it is armed again") func aChannelThatFailsIsDarkUntilItIsArmedAgain() throws {
        let run = try run(
            60, channels: 2,
            live([1_000]) + [(after(20_000), .failRead(fault(19, channel: 0)))] + live([25_000], channel: 1)
                + [(after(40_000), .edges([turn(40_000, true, 1)])), (after(40_100), .edges([turn(40_100, false, 2)]))])
        #expect(run.total(0).passages == 2)
        // Tried again ten seconds later, at the next turn.
        let dark = run.total(0).unobserved
        #expect(dark >= CountingLoop.rearmPause && dark <= CountingLoop.rearmPause + CountingLoop.idleTurn)
        #expect(run.channel(0).map(\.faultCode) == [19])
        #expect(run.total(1).passages == 1 && run.total(1).unobserved == .zero)
        #expect(run.channel(1).map(\.faultCode) == [0])
    }

    @Test("A fault is told in the intervals it touches only") func aFaultIsToldInTheIntervalsItTouchesOnly() throws {
        let run = try run(240, [(after(55_000), .failRead(fault(19, channel: 0)))])
        #expect(run.closed.map(\.faultCode) == [19, 19, 0, 0])
        #expect(run.closed.map(\.tally.unobserved)[0] == .seconds(5))
        let second = run.closed[1].tally.unobserved
        #expect(second >= .seconds(5) && second <= .seconds(6))
        #expect(run.closed[2...].allSatisfy { $0.tally.unobserved == .zero })
    }

    @Test("When the wait fails every channel is dark") func whenTheWaitFailsEveryChannelIsDark() throws {
        let run = try run(60, channels: 2, [(after(20_000), .failWait(fault(0)))])
        for channel in 0...1 {
            let dark = run.total(channel).unobserved
            #expect(dark >= CountingLoop.rearmPause && dark <= CountingLoop.rearmPause + CountingLoop.idleTurn)
            #expect(run.channel(channel).map(\.faultCode) == [-1])
        }
    }

    /// A broken source must not take the machine with it: the loop turns about once a second, and still stops.
    @Test("A source that only fails is not asked without pause") func aSourceThatOnlyFailsIsNotAskedWithoutPause() throws {
        for channel in [nil, 0] {
            var source: FailingEdgeSource?
            let run = try CountingRun.over(.seconds(60)) { clock in
                let made = FailingEdgeSource(fault(5, channel: channel))
                source = made
                return made
            }
            #expect(try #require(source).calls < 400)
            #expect(run.total().unobserved == .seconds(60))
            #expect(run.channel(0).map(\.faultCode) == [5])
        }
    }

    @Test("A level that cannot be read at the arming is tried again") func aLevelThatCannotBeReadAtTheArmingIsTriedAgain() throws {
        let run = try run(
            60,
            [(after(0), .failLevel(fault(110, channel: 0)))]
                + [(after(30_000), .edges([turn(30_000, true, 9)])), (after(30_100), .edges([turn(30_100, false, 10)]))])
        #expect(run.total().passages == 1)
        #expect(run.total().lostEdges == 0)
        let dark = run.total().unobserved
        #expect(dark >= CountingLoop.rearmPause && dark <= CountingLoop.rearmPause + CountingLoop.idleTurn)
        #expect(run.closed.map(\.faultCode) == [110])
    }

    @Test("A lost last edge is found by the level of the quiet line") func aLostLastEdgeIsFoundByTheLevelOfTheQuietLine() throws {
        let run = try run(
            60,
            live([1_000, 2_000].dropLast())
                + [(after(5_000), .edges([turn(5_000, true, 3)])), (after(5_500), .level(false))]
                + [(after(20_000), .edges([turn(20_000, true, 4)])), (after(20_100), .edges([turn(20_100, false, 5)]))])
        // Without the check the closure at 20 s would go on where that of 5 s seemed to be.
        #expect(run.total().passages == 3)
        #expect(run.total().lostEdges == 1)
        #expect(run.total().rejectedGlitches == 0)
    }

    /// The buffer was full, and what is behind it says where the line is now.
    @Test("After an overflow the level is compared once nothing is waiting", arguments: [true, false])
    func afterAnOverflowTheLevelIsComparedOnceNothingIsWaiting(closes: Bool) throws {
        // The second batch is there when the first is read; the level read from the hardware is that after it.
        let run = try run(
            60,
            live([1_000])
                + [
                    (after(5_000), .edges([turn(5_000, true, 3), turn(5_050, false, 4)], overflowed: true)),
                    (after(5_000), .edges([turn(5_060, true, 5)])),
                ] + (closes ? [(after(5_500), .edges([turn(5_500, false, 6)]))] : []))
        #expect(run.total().overflows == 1)
        #expect(run.total().lostEdges == 0)
        // Open at 5050 ms, found closed at 5060 ms: nobody saw it rest in between.
        #expect(run.total().rejectedGlitches == 1)
        #expect(run.total().passages == 2)
        #expect(run.total().unobserved == .milliseconds(10))
    }

    @Test("An overflow that hid an edge is a lost edge") func anOverflowThatHidAnEdgeIsALostEdge() throws {
        let run = try run(
            60,
            [
                (after(5_000), .edges([turn(4_900, true, 0), turn(5_000, false, 0)], overflowed: true)),
                (after(5_000), .level(true)),
                (after(7_000), .edges([turn(7_000, false, 0)])),
            ])
        #expect(run.total().lostEdges == 1)
        #expect(run.total().overflows == 1)
        #expect(run.total().confidence == 3.0 / 6.0)
        // Looked at in the same turn.
        #expect(run.total().unobserved == .zero)
    }

    /// The level of a quiet line is read just when it changes.
    @Test("An edge that comes with the level is not lost", arguments: [true, false])
    func anEdgeThatComesWithTheLevelIsNotLost(shown: Bool) throws {
        let run = try run(
            60,
            [
                (after(5_000), .edgesDuringLevel([turn(5_000, true, 1)], shown: shown)),
                (after(8_000), .edges([turn(8_000, false, 2)])),
            ])
        #expect(run.total().passages == 1)
        #expect(run.total().lostEdges == 0)
        #expect(run.total().rejectedGlitches == 0)
    }

    @Test("An edge that comes with the arming is the base", arguments: [true, false])
    func anEdgeThatComesWithTheArmingIsTheBase(shown: Bool) throws {
        let run = try run(
            60,
            [
                (after(0), .edgesDuringLevel([turn(0, true, 1)], shown: shown)),
                (after(8_000), .edges([turn(8_000, false, 2)])), (after(9_000), .edges([turn(9_000, true, 3)])),
            ])
        #expect(run.total().passages == 1)
        #expect(run.total().lostEdges == 0)
    }

    @Test("An interval that is joined keeps its fault") func anIntervalThatIsJoinedKeepsItsFault() throws {
        let run = try run(240, capacity: 1, [(after(65_000), .failRead(fault(19, channel: 0)))])
        #expect(run.closed.map(\.faultCode) == [0])
        #expect(run.undelivered.map(\.faultCode) == [19])
    }
}

/// Everything about it is broken.
private final class FailingEdgeSource: EdgeSource {
    let capabilities = EdgeCapabilities(
        backend: "broken", hasSequenceNumbers: false, hasKernelDebounce: false, bufferedEvents: 0)
    private let error: EdgeSourceError
    private(set) var calls = 0

    init(_ error: EdgeSourceError) { self.error = error }

    func wait(until deadline: MonotonicInstant) throws(EdgeSourceError) {
        calls += 1
        throw error
    }
    func read(into buffer: UnsafeMutableBufferPointer<EdgeEvent>) throws(EdgeSourceError) -> EdgeBatch? {
        calls += 1
        throw error
    }
    func level(channel: Int, input: Int) throws(EdgeSourceError) -> Bool {
        calls += 1
        throw error
    }
}
