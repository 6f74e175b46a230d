import HardwareMocks
import PulsePipeline
import SensorCore
import Testing

/// Keeps what it is given. A rise of the first input is a passage; on the second input somebody passes from rise to fall.
private final class ChangeLog: @unchecked Sendable {
    var changes: [LevelChange] = []
    var interruptions: [MonotonicInstant] = []
}

private struct LoggingDetector: PassageDetector {
    let log = ChangeLog()
    private(set) var openSince: MonotonicInstant?

    mutating func take(_ change: LevelChange, passages: inout PassageBuffer) {
        log.changes.append(change)
        if change.input == 0 {
            if change.level { passages.append(Passage(instant: change.instant)) }
        } else if change.level {
            openSince = change.instant
        } else if let begin = openSince {
            passages.append(Passage(instant: begin))
            openSince = nil
        }
    }
    mutating func advance(to now: MonotonicInstant, passages: inout PassageBuffer) {}
    mutating func interrupt(until instant: MonotonicInstant, levels: UInt8, passages: inout PassageBuffer) {
        log.interruptions.append(instant)
        openSince = nil
    }
    var deadline: MonotonicInstant? { nil }
    var longestPassage: TimeSpan { .seconds(10) }
    var stalledSince: MonotonicInstant? { nil }
    var rejected: UInt64 { 0 }
}

@Suite struct DetectorChannelTests {
    /// An owner that closes intervals as they are decided.
    private struct Run: ~Copyable {
        let channel: HeldChannel<DetectorChannel<LoggingDetector>>
        let log: ChangeLog
        let interval: TimeSpan
        var start = at(0)
        var tallies: [ChannelTally] = []
        var passages: [Passage] = []
        var buffer = PassageBuffer(capacity: 4096)

        init(_ filter: PulseFilter, inputs: Int, interval: TimeSpan = .seconds(60)) {
            let detector = LoggingDetector()
            log = detector.log
            self.interval = interval
            channel = HeldChannel(DetectorChannel(detector: detector, filter: filter, inputs: inputs, levels: 0, at: at(0)))
        }

        mutating func ingest(_ edges: [EdgeEvent]) {
            var rest = edges[...]
            while !rest.isEmpty {
                let boundary = start + interval
                let taken = rest.withUnsafeBufferPointer { channel.ingest($0, boundary: boundary, passages: &buffer) }
                rest = rest.dropFirst(taken)
                if !rest.isEmpty { close() }
            }
        }

        mutating func advance(to now: MonotonicInstant) {
            channel.advance(to: now, boundary: start + interval, passages: &buffer)
        }

        mutating func resynchronise(levels: UInt8, at now: MonotonicInstant) {
            channel.resynchronise(levels: levels, at: now, passages: &buffer)
        }

        mutating func finish(at end: MonotonicInstant) {
            channel.advance(to: end, boundary: start + interval, passages: &buffer)
            while channel.isDecided(before: start + interval, at: end) {
                close()
                channel.advance(to: end, boundary: start + interval, passages: &buffer)
            }
            for index in 0..<buffer.count { passages.append(buffer[index]) }
            buffer.removeAll()
        }

        mutating func close() {
            tallies.append(channel.closeInterval(at: start + interval))
            start = start + interval
        }

        var total: ChannelTally { tallies.reduce(into: ChannelTally()) { $0 += $1 } }
    }

    private static let stable = PulseFilter.stable(rise: .milliseconds(8), fall: .milliseconds(8))

    /// With the plain filter it must do to a bouncing contact exactly what the short way does.
    @Test("Counts as a contact does", arguments: [11, 12, 13] as [UInt64])
    func countsAsAContactDoes(seed: UInt64) {
        let end = MonotonicInstant(nanoseconds: 1_800_000_000_000)
        var street = ContactTraffic(
            ContactTraffic.Demand(closuresPerHour: 6_000, spikesPerHour: 900), from: at(0), until: end, seed: seed)
        var edges: [EdgeEvent] = []
        while let edge = street.next() { edges.append(edge) }
        var short = ChannelUnderTest(Self.stable)
        // Its buffer holds what 50 edges decide.
        for begin in stride(from: 0, to: edges.count, by: 50) { short.ingest(Array(edges[begin...].prefix(50))) }
        short.finish(at: end)
        var long = Run(Self.stable, inputs: 1)
        long.ingest(edges)
        long.finish(at: end)
        #expect(long.tallies.count == short.tallies.count)
        for (long, short) in zip(long.tallies, short.tallies) {
            #expect(long.passages == short.passages && long.edges == short.edges, "seed \(seed)")
            #expect(long.rejectedGlitches == short.rejectedGlitches && long.unobserved == short.unobserved, "seed \(seed)")
        }
        #expect(long.total.passages == street.closures, "seed \(seed)")
        let expected = short.passages.flatMap { $0 }
        #expect(long.passages.count == expected.count && long.passages == expected, "seed \(seed)")
    }

    /// Two bouncing contacts at once: the detector sees each one's accepted changes, all in the order of their onsets,
    /// although the filter decides them late and the kernel may hand over edges of two lines in another order.
    @Test("Changes of two inputs come in order", arguments: 21...40 as ClosedRange<UInt64>)
    func changesOfTwoInputsComeInOrder(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let end = MonotonicInstant(nanoseconds: 60_000_000_000)
        var edges: [EdgeEvent] = []
        var closures: UInt64 = 0
        for input in [0, 1] as [UInt8] {
            var street = ContactTraffic(
                ContactTraffic.Demand(closuresPerHour: 9_000, spikesPerHour: 0), from: at(0), until: end, seed: random.next())
            while var edge = street.next() {
                edge.input = input
                edges.append(edge)
            }
            if input == 0 { closures = street.closures }
        }
        // Read up to 1 ms late, each line in its own order.
        var late: [(read: Int64, edge: EdgeEvent)] = []
        var lastRead: [Int64] = [0, 0]
        for edge in edges {
            let read = edge.instant.nanoseconds + Int64.random(in: 0...1_000_000, using: &random)
            lastRead[Int(edge.input)] = max(lastRead[Int(edge.input)], read)
            late.append((lastRead[Int(edge.input)], edge))
        }
        var run = Run(.stable(rise: .milliseconds(8), fall: .milliseconds(30)), inputs: 2)
        run.ingest(late.sorted { $0.read < $1.read }.map(\.edge))
        run.finish(at: end + .seconds(5))
        let changes = run.log.changes
        #expect(zip(changes, changes.dropFirst()).allSatisfy { $0.instant <= $1.instant }, "seed \(seed)")
        for input in [0, 1] as [UInt8] {
            let own = changes.filter { $0.input == input }
            #expect(zip(own, own.dropFirst()).allSatisfy { $0.level != $1.level }, "seed \(seed)")
        }
        #expect(UInt64(changes.filter { $0.input == 0 && $0.level }.count) == closures, "seed \(seed)")
        #expect(run.log.interruptions.isEmpty, "seed \(seed)")
    }

    /// A gap in one input's numbers: the detector is told, the time is not observed, and nothing is made up.
    @Test("A gap interrupts") func aGapInterrupts() {
        var run = Run(.none, inputs: 2)
        run.ingest([
            EdgeEvent(instant: at(1000), input: 0, level: true, lineSequence: 1),
            EdgeEvent(instant: at(1010), input: 0, level: false, lineSequence: 2),
            EdgeEvent(instant: at(5000), input: 0, level: true, lineSequence: 7),
            EdgeEvent(instant: at(5010), input: 0, level: false, lineSequence: 8),
        ])
        run.finish(at: at(60_500))
        #expect(run.log.interruptions == [at(5000)])
        #expect(run.tallies.map(\.lostEdges) == [4])
        #expect(run.tallies.map(\.unobserved) == [.milliseconds(3990)])
        #expect(run.tallies.map(\.passages) == [2])
        #expect(run.tallies.map(\.occupied) == [.milliseconds(20)])
    }

    /// After an overflow nothing is decided until the levels are read; then they are a base, not a count.
    @Test("Blindness ends with the levels") func blindnessEndsWithTheLevels() {
        var run = Run(.none, inputs: 2)
        run.ingest([EdgeEvent(instant: at(1000), input: 1, level: true)])
        run.channel.noteOverflow()
        #expect(run.channel.deadline == nil)
        run.resynchronise(levels: 0b01, at: at(4000))
        #expect(!run.channel.isBlind)
        run.ingest([EdgeEvent(instant: at(9000), input: 0, level: false)])
        run.finish(at: at(60_500))
        #expect(run.tallies.map(\.overflows) == [1])
        #expect(run.tallies.map(\.lostEdges) == [2])
        #expect(run.tallies.map(\.unobserved) == [.milliseconds(3000)])
        #expect(run.tallies.map(\.passages) == [0])
        #expect(run.log.interruptions == [at(4000)])
    }

    /// Darkness over a boundary belongs to both intervals, each with its part.
    @Test("Darkness reaches over the boundary", arguments: [true, false])
    func darknessReachesOverTheBoundary(isOverflow: Bool) {
        var run = Run(.none, inputs: 2, interval: .seconds(1))
        run.ingest([
            EdgeEvent(instant: at(600), input: 0, level: true, lineSequence: isOverflow ? 0 : 1),
            EdgeEvent(instant: at(700), input: 0, level: false, lineSequence: isOverflow ? 0 : 2),
        ])
        if isOverflow { run.channel.noteOverflow() }
        run.ingest([EdgeEvent(instant: at(1400), input: 0, level: true, lineSequence: isOverflow ? 0 : 5)])
        run.finish(at: at(2500))
        #expect(run.tallies.map(\.unobserved) == [.milliseconds(300), .milliseconds(400)])
        #expect(run.tallies.map(\.passages) == [1, 1])
    }

    /// Once the levels were read the line is seen again, also for what is lost later.
    @Test("What was seen again is not dark") func whatWasSeenAgainIsNotDark() {
        var run = Run(.none, inputs: 1)
        run.ingest([EdgeEvent(instant: at(1000), input: 0, level: true, lineSequence: 1)])
        run.channel.noteOverflow()
        run.resynchronise(levels: 1, at: at(2000))
        run.ingest([EdgeEvent(instant: at(5000), input: 0, level: false, lineSequence: 4)])
        run.finish(at: at(60_500))
        #expect(run.tallies.map(\.unobserved) == [.milliseconds(4000)])
        run = Run(.none, inputs: 1)
        run.ingest([EdgeEvent(instant: at(1000), input: 0, level: true, lineSequence: 1)])
        // Found elsewhere at 3000: an edge is missing, but since then the level is known.
        run.resynchronise(levels: 0, at: at(3000))
        run.ingest([EdgeEvent(instant: at(5000), input: 0, level: true, lineSequence: 4)])
        run.finish(at: at(60_500))
        #expect(run.tallies.map(\.unobserved) == [.milliseconds(2000)])
    }

    /// What begins after a boundary counts after it, also when it is decided while the interval before is still open.
    @Test("A passage belongs to the interval it begins in") func aPassageBelongsToTheIntervalItBeginsIn() {
        var run = Run(.none, inputs: 2, interval: .seconds(1))
        run.ingest([
            EdgeEvent(instant: at(900), input: 1, level: true), EdgeEvent(instant: at(1200), input: 0, level: true),
            EdgeEvent(instant: at(1300), input: 0, level: false), EdgeEvent(instant: at(1500), input: 1, level: false),
        ])
        run.finish(at: at(2500))
        #expect(run.tallies.map(\.passages) == [1, 1])
        #expect(run.passages.map(\.instant) == [at(1200), at(900)])
    }

    /// A deadline that has come is always one that gets somewhere: nobody turns in circles.
    @Test(
        "Deadlines end",
        arguments: [
            PulseFilter.none, .lockout(.milliseconds(20)), .stable(rise: .milliseconds(8), fall: .milliseconds(3)),
            PulseFilter(.lockout(.milliseconds(20)), glitchTime: .milliseconds(1)),
            PulseFilter(.stable(rise: .milliseconds(8), fall: .milliseconds(8)), glitchTime: .milliseconds(1)),
        ])
    func deadlinesEnd(_ filter: PulseFilter) {
        var run = Run(filter, inputs: 2)
        run.ingest([
            EdgeEvent(instant: at(1000), input: 0, level: true), EdgeEvent(instant: at(1000.5), input: 1, level: true),
            EdgeEvent(instant: at(1001), input: 0, level: false), EdgeEvent(instant: at(1030), input: 1, level: false),
        ])
        var turns = 0
        while let deadline = run.channel.deadline, turns < 100 {
            run.advance(to: deadline)
            turns += 1
        }
        #expect(turns < 12)
    }
}
