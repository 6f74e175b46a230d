import HardwareMocks
import SensorCore
import TestSupport
import Testing

@testable import NodeRuntime
@testable import NodeSimulation

/// The whole node, from edges and bytes to the journal, in simulated time.
@Suite(.blocksItsThread) struct RunningNodeTests {
    static let minute: Int64 = 60_000_000_000

    /// An hour that does not begin at a full minute, with a plug that comes loose for a while.
    @Test("An hour of school traffic") func anHourOfSchoolTraffic() throws {
        let folder = ScratchFolder()
        let path = folder.file("journal.sqlite")
        let scenario = try Scenario.street(
            seconds: 3600, start: 1_788_241_817,
            more: #", "faults": [{"sensor": "street-air", "from_s": 600, "to_s": 790}]"#)
        let outcome = try SimulatedRun(scenario).run(journal: path)
        for channel in ["gate", "path"] {
            let truth = try #require(outcome.truth[channel])
            #expect(truth > 1000, "seed \(scenario.seed)")
            #expect(outcome.records.counted(channel) == truth, "seed \(scenario.seed)")
            let intervals = outcome.records.traffic.filter { $0.channel == channel }
            #expect(intervals.last?.total == truth)
            #expect(zip(intervals, intervals.dropFirst()).allSatisfy { $0.total <= $1.total })
            #expect(intervals.allSatisfy { $0.observed == $0.span.length && $0.quality.confidence == 1 && $0.fault == nil })
        }
        outcome.records.expectTiling(from: outcome.start)
        for (name, spans) in outcome.records.series {
            #expect(spans.count == 61, "\(name)")
            for (index, span) in spans.enumerated() {
                let utc = try #require(span.utc)
                #expect(utc.end - utc.start == span.length)
                #expect(utc.end.nanoseconds - span.end.nanoseconds == scenario.start.nanoseconds - outcome.start.nanoseconds)
                #expect(span.isPartial == (index == 0 || index == 60), "\(name) \(index)")
                if index < 60 { #expect(utc.end.nanoseconds % Self.minute == 0) }
            }
        }
        #expect(outcome.records.notices.map(\.kind) == [.journalBegun])
        #expect(outcome.records.fixes == [TimeFix(instant: outcome.start, utc: scenario.start)])
        #expect(outcome.records.nodes.allSatisfy { $0.journalFaults == 0 && $0.queueOverflows == 0 })

        let journal = try journalled(path)
        #expect(journal.records.map(\.sequence) == (1...UInt64(outcome.records.count)).map { $0 })
        #expect(journal.records.map(\.record) == outcome.records)
        #expect(journal.totals == outcome.truth)
    }

    @Test("An unplugged sensor is missing and comes back") func anUnpluggedSensorIsMissingAndComesBack() throws {
        let folder = ScratchFolder()
        let scenario = try Scenario.street(
            seconds: 900, closuresPerHour: 0,
            more: #", "faults": [{"sensor": "street-air", "from_s": 295, "to_s": 417}]"#)
        let outcome = try SimulatedRun(scenario).run(journal: folder.file("journal.sqlite"))
        let street = outcome.records.climate.filter { $0.sensor == "street-air" }
        for (index, interval) in street.enumerated() where index < 15 {
            #expect(interval.quantities.map(\.quantity) == [.temperature, .humidity])
            let isGone = [5, 6].contains(index)
            for quantity in interval.quantities {
                #expect((quantity.statistics == nil) == isGone, "minute \(index)")
                #expect((quantity.rawMean == nil) == isGone, "minute \(index)")
            }
            let nacks = interval.errors.first { $0.kind == .nack }?.count ?? 0
            #expect(interval.errors.allSatisfy { $0.kind == .nack })
            #expect(isGone ? nacks == 6 : nacks == 0 || index == 7, "minute \(index): \(nacks)")
            #expect(interval.quantities.allSatisfy { isGone || UInt32(6) == ($0.statistics?.count ?? 0) + nacks })
        }
        let box = outcome.records.climate.filter { $0.sensor == "box-air" }
        #expect(box.allSatisfy { $0.errors.isEmpty && $0.quantities.allSatisfy { $0.statistics != nil } })
        #expect(outcome.log.filter { $0.contains("street-air (sht40): nack") }.count == 1, "\(outcome.log)")
        #expect(outcome.log.filter { $0.contains("street-air: reads again") }.count == 1)
    }

    @Test("A clock that learns the time never guesses before") func aClockThatLearnsTheTimeNeverGuessesBefore() throws {
        let folder = ScratchFolder()
        let scenario = try Scenario.street(seconds: 1800)
        var run = SimulatedRun(scenario)
        run.utc = nil
        let learned = SimulatedRun.instant(1000.5)
        // 12.25 s before a full minute.
        let utc = WallClockTime(nanoseconds: 1_788_242_387_750_000_000)
        run.events = [(1000.5, { $0.synchronise(utc: utc) })]
        let outcome = try run.run(journal: folder.file("journal.sqlite"))
        for channel in ["gate", "path"] { #expect(outcome.records.counted(channel) == outcome.truth[channel]) }
        outcome.records.expectTiling(from: outcome.start)
        for (name, spans) in outcome.records.series {
            for span in spans {
                #expect((span.utc == nil) == (span.end <= learned), "\(name) \(span)")
                guard let range = span.utc else { continue }
                #expect(range.end - utc == span.end - learned)
                #expect(range.end - range.start == span.length)
                if span.end != spans.last?.end { #expect(range.end.nanoseconds % Self.minute == 0 || span.isPartial) }
            }
            // Whole minutes of the machine before, of the day after.
            #expect(spans.filter { !$0.isPartial && $0.utc == nil }.allSatisfy { $0.end.nanoseconds % Self.minute == 0 })
            #expect(spans.filter { !$0.isPartial && $0.utc != nil }.count >= 12, "\(name)")
        }
        #expect(outcome.records.notices.map(\.utc) == [nil])
        #expect(outcome.records.fixes == [TimeFix(instant: learned, utc: utc)])
    }

    /// A channel that fails is unknown, not zero; the other goes on, and the failing one comes back by itself.
    @Test("A channel that fails is unknown and comes back") func aChannelThatFailsIsUnknownAndComesBack() throws {
        let folder = ScratchFolder()
        let scenario = try Scenario.street(seconds: 600)
        var run = SimulatedRun(scenario)
        run.wrapEdges = { street, clock in
            FailingChannel(street, from: SimulatedRun.instant(130), to: SimulatedRun.instant(250), clock: clock)
        }
        let outcome = try run.run(journal: folder.file("journal.sqlite"))
        outcome.records.expectTiling(from: outcome.start)
        #expect(outcome.records.counted("path") == outcome.truth["path"])
        let gate = outcome.records.traffic.filter { $0.channel == "gate" }
        for (minute, interval) in gate.enumerated() {
            #expect((interval.fault != nil) == (2...4).contains(minute), "minute \(minute): \(interval)")
            #expect((interval.flows == nil) == (minute == 3), "minute \(minute)")
            #expect((interval.quality.confidence == nil) == (minute == 3), "minute \(minute)")
        }
        #expect(gate[2].fault == "the inputs of gate could not be read: No such device (errno 19)")
        #expect((10...11).contains(gate[2].observed.seconds))
        #expect(gate[3].observed == .zero)
        // Tried again every 10 s.
        #expect((40...50).contains(gate[4].observed.seconds))
        #expect(zip(gate, gate.dropFirst()).allSatisfy { $0.total <= $1.total })
        #expect(outcome.log.filter { $0.contains("the inputs of gate could not be read") }.count == 1, "\(outcome.log)")
        #expect(outcome.log.filter { $0.contains("gate: counted again") }.count == 1)
    }

    /// The node loop is held up until the stop: what found no room in the queue is joined, and nothing is lost.
    @Test("Counts survive a node loop that is held up") func countsSurviveANodeLoopThatIsHeldUp() throws {
        let folder = ScratchFolder()
        var run = SimulatedRun(try .street(seconds: 200))
        run.plan.interval = .seconds(1)
        run.plan.buses = []
        run.events = [(5, { $0.sleep(until: SimulatedRun.instant(202)) })]
        let outcome = try run.run(journal: folder.file("journal.sqlite"))
        for channel in ["gate", "path"] {
            #expect(outcome.records.counted(channel) == outcome.truth[channel])
            #expect(outcome.records.traffic.last { $0.channel == channel }?.total == outcome.truth[channel])
        }
        outcome.records.expectTiling(from: outcome.start, count: 3)
        #expect(outcome.records.nodes.reduce(0) { $0 + $1.queueOverflows } > 100)
    }

    @Test("The same seed gives the same records") func theSameSeedGivesTheSameRecords() throws {
        let folder = ScratchFolder()
        let scenario = try Scenario.street(seconds: 300, seed: 99)
        let first = try SimulatedRun(scenario).run(journal: folder.file("1.sqlite"))
        for number in 2...4 {
            let next = try SimulatedRun(scenario).run(journal: folder.file("\(number).sqlite"))
            #expect(next.records == first.records)
        }
    }

    @Test("A restart goes on with numbers and totals") func aRestartGoesOnWithNumbersAndTotals() throws {
        let folder = ScratchFolder()
        let path = folder.file("journal.sqlite")
        let first = try SimulatedRun(.street(seconds: 200, seed: 1)).run(journal: path)
        let before = try journalled(path)
        var run = try SimulatedRun(.street(seconds: 200, start: 1_788_243_000, seed: 2))
        run.boot = "boot-2"
        let second = try run.run(journal: path)
        let after = try journalled(path)
        #expect(after.epoch == before.epoch)
        #expect(after.records.map(\.record) == first.records + second.records)
        #expect(after.records.map(\.sequence) == (1...UInt64(after.records.count)).map { $0 })
        #expect(second.records.notices.isEmpty)
        #expect(second.records.fixes.count == 1)
        #expect(second.records.allSatisfy { $0.bootID == BootID("boot-2") })
        for channel in ["gate", "path"] {
            let truth = try #require(first.truth[channel]) + #require(second.truth[channel])
            #expect(second.records.traffic.last { $0.channel == channel }?.total == truth)
            #expect(after.totals[channel] == truth)
        }
    }
}

/// A street whose first channel cannot be had for a while.
final class FailingChannel: EdgeSource {
    private let street: SimulatedEdgeSource
    private let outage: Range<MonotonicInstant>
    private let clock: any NodeClock
    private var isArmed = true

    init(_ street: SimulatedEdgeSource, from: MonotonicInstant, to: MonotonicInstant, clock: any NodeClock) {
        self.street = street
        outage = from..<to
        self.clock = clock
    }

    var capabilities: EdgeCapabilities { street.capabilities }

    func wait(until deadline: MonotonicInstant) throws(EdgeSourceError) {
        try street.wait(until: deadline)
        if outage.contains(clock.now()), isArmed {
            isArmed = false
            throw failure
        }
    }

    func read(into buffer: UnsafeMutableBufferPointer<EdgeEvent>) throws(EdgeSourceError) -> EdgeBatch? {
        while let batch = try street.read(into: buffer) {
            if batch.channel != 0 || isArmed { return batch }
        }
        return nil
    }

    func level(channel: Int, input: Int) throws(EdgeSourceError) -> Bool {
        try street.level(channel: channel, input: input)
    }

    func arm(channel: Int) throws(EdgeSourceError) {
        guard channel == 0 else { return }
        if outage.contains(clock.now()) { throw failure }
        isArmed = true
    }

    private var failure: EdgeSourceError {
        EdgeSourceError(operation: "read line 17", code: 19, advice: "plug it in", channel: 0)
    }
}
